"""The main screen as it shows a session: mappings, samples and event; fields, binding and the wire.

What is done with it is in `main_screen.py`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Click, DescendantFocus
from textual.screen import Screen
from textual.widget import Widget

from actions.config.reading import MAPPINGS_AT_MOST
from actions.destination import Prepared
from actions.values import Json
from studio.bindings import FieldPath
from studio.cli.text import shortened
from studio.evaluation import NOTHING_HERE, Evaluation, FieldRow
from studio.event_paths import PathIndex
from studio.samples import indices_with
from studio.session import Session
from studio.target import TargetError
from studio.tui.binding_editor import BindingEditor
from studio.tui.event_tree import EventTree
from studio.tui.field_table import FieldTable
from studio.tui.key_line import KeyLine
from studio.tui.mapping_list import MappingList, MappingState
from studio.tui.sample_list import SampleList
from studio.tui.scrollbars import foresee_scrollbars
from studio.tui.status_line import StatusLine
from studio.tui.trigger_line import TriggerLine
from studio.tui.wire_panel import WirePanel

if TYPE_CHECKING:
    from actions import Mapping
    from studio.tui.app import StudioApp

_GROWING = ("mappings", "samples", "event", "wire")
_CLASSES_AT_FIRST = "-tall -at-mappings"
"""Those that most terminals and the first focus would add, each of which would style every part anew."""
_QUICK = 0.02
_LONGEST_PAUSE = 0.3
"""Seconds. A preview of the requests that is not quick waits as long as it takes, so that typing goes before it."""


class SessionScreen(Screen[None]):
    """The screen. `session` is what it shows."""

    def __init__(self, session: Session) -> None:
        super().__init__(classes=_CLASSES_AT_FIRST)
        self.session = session
        self.evaluation = Evaluation(takes_rows=session.config.source is not None)
        self.paths = PathIndex()
        self._draft: Mapping | None = None
        self._new_key: FieldPath = ()
        self._hidden = False
        self.filter = ""
        self._preview_pause = 0.0
        self._clicked: Widget | None = None

    def compose(self) -> ComposeResult:
        """Everything that must be visible at once."""
        yield StatusLine()
        with Horizontal(id="main"):
            with Vertical(id="left"):
                yield MappingList()
                yield SampleList()
                yield EventTree()
            with Vertical(id="right"):
                yield TriggerLine()
                yield FieldTable()
                yield BindingEditor()
                yield WirePanel()
        yield KeyLine(palette=True)

    def on_mount(self) -> None:
        for selector, title in (("#mappings", "Mappings"), ("#samples", "Samples"), ("#event", "Event")):
            self.query_one(selector).border_title = title
        self.query_one(MappingList).focus()
        self.show()  # before the first layout, so that the first picture has all texts
        parts = self.query_one(FieldTable), self.query_one(EventTree), self.query_one(WirePanel)
        foresee_scrollbars(self.app.size, *parts)

    @property
    def studio(self) -> StudioApp:
        """The app, which knows the target."""
        return cast("StudioApp", self.app)

    @property
    def mapping(self) -> Mapping | None:
        """The mapping as it is being edited."""
        return self._draft or self.session.mapping

    # The focus

    def on_click(self, event: Click) -> None:
        """A click moves the focus when it is done, and no part grows: what the mouse points at stays where it is."""
        part = self.get_focusable_widget_at(event.screen_x, event.screen_y)
        if part is not None and part is not self.focused:
            self._clicked = part
            self.set_focus(part, scroll_visible=False)
            if not self.query_one(WirePanel).has_focus_within:
                self.remove_class("-at-wire")

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """The part that somebody has gone to by keys has the room for it."""
        if event.widget is self._clicked:
            self._clicked = None
            return
        within = {node.id for node in event.widget.ancestors_with_self}
        for part in _GROWING:
            self.set_class(part in within, f"-at-{part}")

    # Showing

    def show(self) -> None:
        """Show the session as it is."""
        self.paths.use(self.session.document.samples)
        self._show_status()
        self.app.set_class(self.studio.wire.is_real, "-real")  # dialogs hide the line where the target stands
        self._show_mappings()
        self._show_samples()
        self.query_one(EventTree).show(self.session.sample)
        self._show_fields()
        self._show_wire()

    def _show_status(self) -> None:
        wire, key = self.studio.wire, self.studio.keys["problems"].partition(",")[0]
        self.query_one(StatusLine).show(self.session, wire.name, is_real=wire.is_real, problems_key=key)

    def _show_mappings(self) -> None:
        session, samples = self.session, self.session.document.samples
        counts: dict[int, list[int]] = {}
        for problem in session.problems():
            tally = counts.setdefault(problem.mapping_index, [0, 0])
            tally[problem.severity == "warning"] += 1
        states = [
            MappingState(
                mapping.name,
                mapping.enabled,
                self.evaluation.fires(mapping, session.sample),
                self.evaluation.coverage(mapping, samples),
                len(samples),
                *counts.get(index, (0, 0)),
            )
            for index, mapping in enumerate(session.document.mappings)
        ]
        mappings = self.query_one(MappingList)
        is_over = len(states) > MAPPINGS_AT_MOST
        count = Content.styled(f"{len(states)}/{MAPPINGS_AT_MOST}", "$text-error" if is_over else "")
        mappings.border_subtitle = count
        mappings.show(states, session.mapping_index)

    def _show_samples(self) -> None:
        samples = self.session.document.samples
        firing = self.evaluation.firing(self.session.document.mappings, samples)
        indices = indices_with(samples, self.filter)
        shown = self.query_one(SampleList)
        shown.border_title = Content(f"Samples with {shortened(self.filter, 40)}") if self.filter else "Samples"
        shown.border_subtitle = f"{len(indices)}/{len(samples)}" if self.filter else str(len(samples))
        shown.show(samples, firing, indices, self.session.sample_index)

    def _show_fields(self) -> None:
        table = self.query_one(FieldTable)
        rows = self._rows()
        if rows:
            path, shown = self.session.field_path, {row.path for row in rows}
            while path and path not in shown:
                path = path[:-1]  # what is deeper than the table goes is at the field around it
            self.session.field_path = path or rows[0].path
        mapping, action = self.session.mapping, self.session.action
        note = "There is no such action: enter chooses another." if mapping and not action else ""
        table.show(rows, self.session.field_path, self._trapped(rows), note)
        title = action.title if action else (f"unknown action {mapping.action}" if mapping else "No mapping")
        if mapping and mapping.name != title:  # the list of mappings may have cut the name
            title = f"{shortened(mapping.name, max(12, self.size.width // 3))} · {title}"
        table.border_title = Content(shortened(title, 120))
        trigger = self.evaluation.trigger(mapping.trigger) if mapping else None
        problem = self.session.problem_of_mapping()
        self.query_one(TriggerLine).show(mapping, trigger, self.session.sample, problem)
        if not self.query_one(BindingEditor).editing:
            self._load_binding()

    def _rows(self) -> list[FieldRow]:
        mapping, action = self.mapping, self.session.action
        if mapping is None or action is None:
            return []
        is_real = self.studio.wire.is_real
        return self.evaluation.rows(mapping, action, self.session.sample, hidden=self._hidden, is_real=is_real)

    def _trapped(self, rows: Sequence[FieldRow]) -> frozenset[FieldPath]:
        """Which rows have something to be said about their binding that their value does not tell."""
        return frozenset(row.path for row in rows if not row.problem and self.session.trap_at(row.path))

    def _load_binding(self) -> None:
        row = next((row for row in self._rows() if row.path == self.session.field_path), None)
        editor = self.query_one(BindingEditor)
        editor.use(self.paths, self.session.sample)
        place = (self.session.mapping_index, self.session.field_path)
        if row is None:
            editor.load(place, "Binding", "", "")
            return
        label = row.field.label if row.field else row.path[-1]
        kind = f" ({row.field.type_text})" if row.field else ""
        described = row.field.description if row.field else ""
        problem = "" if row.problem in ("required", NOTHING_HERE) else row.problem
        warning = self.session.trap_at(row.path) or problem
        title = f"{shortened(label, 40)}{'' if self._is_of_hook(row.path) else kind}"
        told = warning or described
        editor.load(place, title, row.notation, told, warns=bool(warning), is_typed=not self._is_of_hook(row.path))

    def _is_of_hook(self, path: FieldPath) -> bool:
        """Whether a line of the table is what a hook has left, which is chosen and not typed."""
        action = self.session.action
        return action is not None and path[:1] in [(hook.key,) for hook in action.hooks]

    def _show_wire(self) -> None:
        mapping, sample = self.mapping, self.session.sample
        wire = self.query_one(WirePanel)
        if mapping is None or sample is None:
            wire.show_nothing("Choose a mapping and a sample.")
            return
        if wire.opened not in ("payload", "requests"):
            return  # what is not seen is made when its tab is opened
        prepared = self.evaluation.prepared(mapping, sample)
        if not isinstance(prepared, Prepared):
            wire.show_payload(prepared, {}, ())
            wire.show_requests((), "No requests: the payload is invalid.")
        elif wire.opened == "payload":
            notations = {row.path: row.notation for row in self._rows() if row.notation}
            wire.show_payload(prepared.payload, notations, prepared.warnings)
        else:
            self._preview_requests(mapping, sample.event)

    def on_wire_panel_opened(self) -> None:
        self._show_wire()

    @work(exclusive=True, group="preview")
    async def _preview_requests(self, mapping: Mapping, event: Json) -> None:
        await asyncio.sleep(self._preview_pause)
        started = time.perf_counter()
        try:
            outcome = await self.studio.wire.preview(self.session.config.settings, mapping, event)
        except TargetError as error:
            self.query_one(WirePanel).show_requests((), str(error))
            return
        self.query_one(WirePanel).show_requests(outcome.exchanges, outcome.message or "")
        took = time.perf_counter() - started
        self._preview_pause = 0 if took < _QUICK else min(took, _LONGEST_PAUSE)
