"""Which changes of warehouse rows a mapping takes."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import SelectionList, Static
from textual.widgets.selection_list import Selection

from actions.config import Mapping
from actions.config.checks import traps_of
from actions.config.row_changes import ADDED, CHANGES, DELETED, UPDATED, changes_of, taken, with_row_trigger
from actions.config.row_traps import ON
from studio.cli.text import shortened
from studio.tui.dialog import Dialog

_MEANING = {
    ADDED: "new since the last sync; at the first, all rows",
    UPDATED: "another value in a column",
    DELETED: "gone; null in every column, as it was at $.previous",
}
_NAMES = max(map(len, CHANGES))


class RowChanges(NamedTuple):
    """What was chosen: the changes, or None for those that the action takes."""

    on: tuple[str, ...] | None


class RowChangesScreen(Dialog[RowChanges | None]):
    """The three changes to mark, over what is to be said of those that are. None where it was cancelled."""

    DEFAULT_CSS = """
    RowChangesScreen {
        #dialog { width: 76; }
        SelectionList, SelectionList:focus { height: 3; border: none; padding: 0; margin: 1 0; background: $surface; }
        #usual { color: $text-muted; padding: 0 1; }
        #trap { color: $text-warning; padding: 0 1; min-height: 3; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "Take marked", tooltip="Take the changes that are marked", priority=True),
        Binding("u", "usual", "As usual", tooltip="Take what the action takes, and say nothing of it in the file"),
        Binding("escape", "cancel", "Cancel", tooltip="Leave it as it was"),
    ]

    def __init__(self, mapping: Mapping, action_title: str) -> None:
        super().__init__(f"Rows that {shortened(mapping.name, 40)} takes", small=True)
        self._mapping = mapping
        self._action_title = action_title

    def contents(self) -> ComposeResult:
        """The changes, what is usual, and the trap of what is marked."""
        now = changes_of(self._mapping)
        yield SelectionList[str](
            *(
                Selection(
                    Content.assemble((f"{change:{_NAMES}}  ", "bold"), (_MEANING[change], "$foreground-muted")),
                    change,
                    change in now,
                )
                for change in CHANGES
            )
        )
        usual = " and ".join(taken(self._mapping.action, None))
        yield Static(Content(f"{self._action_title} usually takes {usual} rows."), id="usual")
        yield Static(id="trap")

    def on_mount(self) -> None:
        """Begin at the first change."""
        self.say_in_border("space marks · enter takes what is marked · u as usual · esc cancels")
        self.query_one(SelectionList).focus()
        self._warn()

    @on(SelectionList.SelectedChanged)
    def _mark(self, event: SelectionList.SelectedChanged[str]) -> None:
        event.stop()
        self._warn()

    def action_take(self) -> None:
        """Close with what is marked."""
        marked = self._marked
        if marked:
            is_as_it_was = set(marked) == set(self._mapping.on or ())
            self.dismiss(RowChanges(self._mapping.on if is_as_it_was else marked))
        else:
            self.app.notify("Mark one at least; a mapping that is to take no rows is turned off.", severity="warning")

    def action_usual(self) -> None:
        """Close with what the action takes."""
        self.dismiss(RowChanges(None))

    def action_cancel(self) -> None:
        """Close with nothing."""
        self.dismiss(None)

    @property
    def _marked(self) -> tuple[str, ...]:
        marked = self.query_one(SelectionList).selected
        return tuple(change for change in CHANGES if change in marked)

    def _warn(self) -> None:
        """Say what is hardly meant about the marked changes."""
        chosen = with_row_trigger(self._mapping, replace(self._mapping, on=self._marked))
        traps = [text for place, text in traps_of(chosen, takes_rows=True) if place == ON] if self._marked else []
        self.query_one("#trap", Static).update(Content("\n".join(f"! {text}" for text in traps)))
