"""What is in the sandbox: the profiles, lists, events and jobs of the Klaviyo on this machine."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import TabbedContent, TabPane

from actions.klaviyo.sandbox import Sandbox
from studio.tui.dialog import Dialog
from studio.tui.prompts import Confirm
from studio.tui.records import Records
from studio.tui.sandbox_records import SHOWN, event_records, job_records, list_records, person, profile_records
from studio.tui.text_line import TextLine

_TITLES: Mapping[str, str] = {"profiles": "Profiles", "lists": "Lists", "events": "Events", "jobs": "Jobs"}
_COLUMNS: Mapping[str, tuple[tuple[str, int], ...]] = {
    "profiles": (("Person", 40), ("Changed (UTC)", 19)),
    "lists": (("Name", 34), ("Id", 8), ("Opt-in", 6), ("Members", 7)),
    "events": (("Time", 19), ("Metric", 19), ("Person", 20)),
    "jobs": (("Kind", 32), ("State", 8), ("Profiles", 8), ("Failed", 7)),
}
_NOTHING: Mapping[str, str] = {
    "profiles": "No profiles yet. Send a sample to the sandbox, and whom it is about appears here.",
    "lists": "No lists yet.",
    "events": "No events yet. Send a sample with a mapping that tracks events, and it appears here.",
    "jobs": "No jobs yet. Bulk imports and suppressions appear here.",
}


class SandboxScreen(Dialog[None]):
    """The screen. It changes nothing but by "Erase", after a question."""

    DEFAULT_CSS = """
    SandboxScreen {
        #filter { margin: 0 1; width: 1fr; }
        TabbedContent { height: 1fr; }
        ContentSwitcher { height: 1fr; }
        TabPane { padding: 0; height: 1fr; }
        &.-wide Records {
            layout: horizontal;
            RecordTable { width: 66; height: 100%; max-height: 100%; }
            .detail { width: 1fr; height: 100%; border-top: none; border-left: solid $primary-muted; }
            .detail:focus { border-left: solid $primary; }
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", tooltip="Show only what holds a text", key_display="/"),
        Binding("ctrl+t", "next_tab", "Next tab", tooltip="Profiles, lists, events, jobs", priority=True),
        Binding("f5,r", "refresh", "Refresh", tooltip="Read the sandbox again"),
        Binding("ctrl+r", "send", "Send", tooltip="Send the current mapping on its sample, and see what it leaves"),
        Binding("e", "erase", "Erase…", tooltip="Begin again with an empty account"),
        Binding("escape,q", "close", "Close", tooltip="Back to where you were"),
        *(Binding(str(number), f"tab('{name}')", _TITLES[name], show=False) for number, name in enumerate(_TITLES, 1)),
    ]

    def __init__(self, sandbox: Sandbox, send: Callable[[], None]) -> None:
        super().__init__("Sandbox: the Klaviyo on this machine")
        self._sandbox = sandbox
        self._send = send
        self._counts: dict[str, int] = {}

    def contents(self) -> ComposeResult:
        """The filter over the tabs."""
        yield TextLine(placeholder="Filter ( / )", compact=True, id="filter")
        with TabbedContent():
            for name, title in _TITLES.items():
                with TabPane(Content(title), id=name):
                    yield Records(_COLUMNS[name], _NOTHING[name], id=f"{name}-records")

    def on_mount(self) -> None:
        """Begin with the profiles."""
        self.action_refresh()
        self._records("profiles").begin()

    @on(TextLine.Changed)
    def _filter_all(self, event: TextLine.Changed) -> None:
        event.stop()
        for name in _TITLES:
            self._records(name).filter(event.value)

    @on(TextLine.Submitted)
    def _leave_filter(self, event: TextLine.Submitted) -> None:
        event.stop()
        self._begin()

    @on(TabbedContent.TabActivated)
    def _go_to_tab(self, event: TabbedContent.TabActivated) -> None:
        event.stop()
        self._say_limit()

    def action_filter(self) -> None:
        """Begin to type in the filter."""
        self.query_one("#filter", TextLine).focus()

    def action_refresh(self) -> None:
        """Read everything anew."""
        try:
            self._read()
        except sqlite3.Error as error:
            self.app.notify(f"The sandbox cannot be read ({error}).", severity="error", markup=False)
        self._say_limit()

    def action_send(self) -> None:
        """Send; who does it refreshes this screen when the answer is there."""
        self._send()

    def action_next_tab(self) -> None:
        """Go to the next tab and into it."""
        names = list(_TITLES)
        self.action_tab(names[(names.index(self._active) + 1) % len(names)])

    def action_tab(self, name: str) -> None:
        """Go to a tab and into it."""
        self.query_one(TabbedContent).active = name
        self.call_after_refresh(self._begin)

    async def action_erase(self) -> None:
        """Erase everything, after a question."""
        profiles, events = self._counts.get("profiles", 0), self._counts.get("events", 0)
        question = (
            f"Erase the sandbox? {profiles:,} profiles, {events:,} events and all lists but the demo ones are lost. "
            "This cannot be undone. The real Klaviyo is not touched."
        )
        await self.app.push_screen(Confirm(question, "Erase", "Keep", dangerous=True), self._erase)

    def action_close(self) -> None:
        """Leave the filter, then the screen."""
        line = self.query_one("#filter", TextLine)
        if line.has_focus or line.value:
            line.value = ""
            self._begin()
        else:
            self.dismiss(None)

    def _erase(self, erase: bool | None) -> None:
        if not erase:
            return
        try:
            self._sandbox.erase()
        except sqlite3.Error as error:
            self.app.notify(f"The sandbox cannot be erased ({error}).", severity="error", markup=False)
        self.action_refresh()

    def _read(self) -> None:
        sandbox = self._sandbox
        counts = sandbox.counts()
        profiles, lists = sandbox.profiles(SHOWN), sandbox.lists()
        lists_of: dict[str, list[str]] = {}
        for found in lists:
            for member in sandbox.members(found["id"]):
                lists_of.setdefault(member, []).append(found["name"])
        people = {profile["id"]: person(profile) for profile in profiles}
        self._records("profiles").show(profile_records(profiles, lists_of))
        self._records("lists").show(list_records(sandbox, lists, people))
        self._records("events").show(event_records(sandbox.events(SHOWN)))
        self._records("jobs").show(job_records(sandbox.jobs(SHOWN)))
        self._counts = counts
        tabs = self.query_one(TabbedContent)
        for name, title in _TITLES.items():
            tabs.get_tab(name).label = Content(f"{title} {counts[name]:,}")

    def _say_limit(self) -> None:
        count = self._counts.get(self._active, 0)
        self.say_in_border(f"the newest {SHOWN} of {count:,}" if self._active != "lists" and count > SHOWN else "")

    def _begin(self) -> None:
        self._records(self._active).begin()

    @property
    def _active(self) -> str:
        return self.query_one(TabbedContent).active or "profiles"

    def _records(self, name: str) -> Records:
        return self.query_one(f"#{name}-records", Records)
