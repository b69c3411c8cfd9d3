"""Everything there is to do, for the command palette."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from textual.app import SystemCommand

from studio.tui.wire_panel import TABS

if TYPE_CHECKING:
    from studio.tui.app import StudioApp


def commands(app: StudioApp) -> Iterator[SystemCommand]:
    """The studio's own commands; those of Textual, such as the theme, stand beside them."""
    main = app.main
    key = {name: app.shown_key(name) for name in app.keys}

    def mapping(what: str) -> Callable[[], object]:
        return lambda: app.ask_mapping(what)

    def sample(what: str) -> Callable[[], object]:
        return lambda: app.ask_sample(what)

    def account(what: str) -> Callable[[], object]:
        return lambda: app.ask_account(what)

    for name, text, act in (
        ("Save", f"Save the configuration and its samples ({key['save']})", app.action_save),
        ("Save as", "Save under another name", app.action_save_as),
        ("Open", "Open another configuration", app.action_open),
        ("Reload", "Read the file again, as it is on the disk", app.action_reload),
        ("Send this mapping", f"Send the current mapping on this sample ({key['send']})", main.action_send),
        (
            "Send all that fire",
            f"Send the sample by every mapping that fires ({key['send-firing']})",
            app.action_send_firing,
        ),
        ("Send all samples", f"Send all samples by this mapping, as a batch ({key['send-all']})", app.action_send_all),
        ("Cancel sending", f"Give up on what is being sent ({key['cancel']})", main.action_cancel_sending),
        ("Switch target", f"Sandbox or the real Klaviyo ({key['target']})", app.action_switch_target),
        ("Served sandbox", "Send to a `studio sandbox` on this machine, faults and all", app.action_served_target),
        ("Sandbox", f"Look into the sandbox: profiles, lists, events, jobs ({key['sandbox']})", app.action_sandbox),
        ("Create a list", "For an audience of Engage, or for anybody; one of that name is taken", account("create")),
        ("Verify an audience", "Whether the account has its list", account("verify")),
        ("Erase a person", "Ask Klaviyo to delete everything that it knows of somebody", account("erase")),
        ("Problems", f"All problems and traps, each a jump to its place ({key['problems']})", app.action_problems),
        ("Go to", f"Move to a part of the screen ({key['go-to']})", app.action_jump),
        ("Keys", f"Those in force, in a list that can be searched ({key['help']})", app.action_help),
        ("Wire", f"Payload, requests, response and history, one after the other ({key['wire']})", main.action_wire),
        ("Undo", f"Take the last edit back ({key['undo']})", main.action_undo),
        ("Redo", f"Do the last undone edit again ({key['redo']})", main.action_redo),
        ("Add a mapping", "Choose what it does", mapping("new")),
        ("Duplicate the mapping", "A copy, turned off", mapping("duplicate")),
        ("Edit the trigger", f"Which events fire the mapping, and why ({key['trigger']})", mapping("trigger")),
        ("Rename the mapping", "Give it another name", mapping("rename")),
        ("Replace the action", "Choose another; bindings stay where it has the field", mapping("action")),
        ("Rows of the mapping", "Added, updated, deleted: which warehouse rows it takes", mapping("rows")),
        ("Connect to a list", "Everybody of the mapping joins it; connected when saved", mapping("connect")),
        ("Turn the mapping on or off", "Only mappings that are on run", mapping("toggle")),
        ("Move the mapping up", "Before the one above it", mapping("up")),
        ("Move the mapping down", "Behind the one below it", mapping("down")),
        ("Delete the mapping", "Undo brings it back", mapping("delete")),
        ("Bind the field", f"Edit the binding of the chosen field ({key['bind']})", main.action_bind),
        ("Clear the field", "Take the binding of the chosen field out", main.action_clear),
        ("Add a key", "A key of your own in the chosen object", app.add_key),
        ("Hidden fields", "Show them, or hide them again", main.action_hidden),
        (
            "Suggest bindings",
            f"For fields that are not bound, with the evidence ({key['suggest']})",
            app.action_suggest,
        ),
        ("Add samples", "A kind of event, pasted, or from a file", sample("new")),
        ("Edit the sample", "Its JSON", sample("edit")),
        ("Duplicate the sample", "The same event once more", sample("duplicate")),
        ("Delete the sample", "Undo brings it back", sample("delete")),
        ("Filter samples", "Show only some", sample("filter")),
        ("Next sample", f"The one behind this one ({key['next-sample']})", lambda: main.action_sample(1)),
        ("Previous sample", f"The one before this one ({key['previous-sample']})", lambda: main.action_sample(-1)),
    ):
        yield SystemCommand(name, text, act)
    for tab in TABS:
        yield SystemCommand(tab.capitalize(), "Go there", lambda tab=tab: main.go_to_tab(tab))
    yield SystemCommand("Copy", f"Choose what ({key['copy']})", app.action_copy_something)
    for what, meant in (
        ("cURL", "The requests of the last sending, else those that would be sent"),
        ("JSON", "The sample's event"),
        ("TOML", "The mapping"),
    ):
        yield SystemCommand(f"Copy as {what}", f"{meant}, into the clipboard", lambda what=what: app.action_copy(what))
        yield SystemCommand(f"Write as {what}", f"{meant}, into a file", lambda what=what: app.action_write(what))
