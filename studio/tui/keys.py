"""The keys of the main screen, as data: each has a name, by which people can give it another key."""

from __future__ import annotations

from typing import NamedTuple

from textual.binding import Binding, BindingType


class Key(NamedTuple):
    """A key: the name of what it does, the action, what the foot of the screen says, and the tooltip.

    A key without words at the foot is shown in the help and the palette only. An `always` key works in inputs too.
    """

    name: str
    key: str
    action: str
    label: str
    tooltip: str
    always: bool = True


MAIN_KEYS = (
    Key("save", "ctrl+s", "app.save", "Save", "Save the configuration and its samples"),
    Key("send", "ctrl+r", "send", "Send", "Send the current mapping on this sample"),
    Key("undo", "ctrl+z", "undo", "Undo", "Take the last edit back"),
    Key("redo", "ctrl+y", "redo", "", "Do the last undone edit again"),
    Key("bind", "f2", "bind", "Bind", "Edit the binding of the chosen field"),
    Key("wire", "f4", "wire", "Wire", "Go to the payload, requests, response and history; again: the next of them"),
    Key("trigger", "f3", "trigger", "Trigger", "Edit which events fire the mapping, and see why"),
    Key("go-to", "ctrl+g", "app.jump", "Go to", "Move to a part of the screen by its letter"),
    Key("send-firing", "f5", "app.send_firing", "", "Send the sample by every mapping that fires"),
    Key("send-all", "ctrl+t", "app.send_all", "", "Send all samples on which the mapping fires, as a batch"),
    Key("sandbox", "f6", "app.sandbox", "Sandbox", "Look into the sandbox"),
    Key("suggest", "f7", "app.suggest", "Suggest", "Likely bindings for fields that have none"),
    Key("problems", "f8", "app.problems", "Problems", "All problems and traps, each a jump to its place"),
    Key("target", "f9", "app.switch_target", "", "Go over to the real Klaviyo, or back to the sandbox"),
    Key("cancel", "escape", "cancel_sending", "", "Give up on what is being sent", always=False),
    Key("copy", "y", "app.copy_something", "", "Copy cURL, JSON or TOML, or write it to a file", always=False),
    Key("previous-sample", "left_square_bracket", "sample(-1)", "", "Go to the sample before this one", always=False),
    Key("next-sample", "right_square_bracket", "sample(1)", "", "Go to the sample behind this one", always=False),
)

APP_KEYS = (
    Key("help", "f1", "help", "Help", "The keys in force", always=False),
    Key("quit", "ctrl+q", "leave", "Quit", "Leave; unsaved changes are asked for"),
)

USUAL_KEYS = {key.name: key.key for key in (*MAIN_KEYS, *APP_KEYS)}
KEYS_WHILE_TYPING = frozenset(key.name for key in (*MAIN_KEYS, *APP_KEYS) if key.always)


def bindings(keys: tuple[Key, ...]) -> list[BindingType]:
    """The keys as Textual takes them."""
    return [
        Binding(
            key.key,
            key.action,
            key.label or key.tooltip,
            tooltip=key.tooltip,
            show=bool(key.label),
            priority=key.always,
            id=key.name,
        )
        for key in keys
    ]
