"""Suggested bindings with their evidence, to be taken one by one or all at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import SelectionList, Static
from textual.widgets.selection_list import Selection

from studio.cli.text import shortened
from studio.formula import format_formula
from studio.suggestions import Suggestion
from studio.tui.dialog import Dialog

_SURE = 0.6
"""Suggestions of at least this score are marked to begin with."""


class SuggestionsScreen(Dialog[tuple[Suggestion, ...] | None]):
    """The list. It gives the suggestions to bind; nothing is bound without it."""

    DEFAULT_CSS = """
    SuggestionsScreen {
        SelectionList, SelectionList:focus { height: 1fr; border: none; padding: 0; background: $surface; }
        #none { padding: 1 2; color: $text-muted; height: 1fr; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "Bind marked", tooltip="Bind all that are marked", priority=True),
        Binding("a", "mark_all", "Mark all", tooltip="Mark or unmark all"),
        Binding("escape", "close", "Cancel", tooltip="Bind nothing"),
    ]

    def __init__(self, suggestions: Sequence[Suggestion]) -> None:
        super().__init__("Suggested bindings")
        self._suggestions = suggestions

    def contents(self) -> ComposeResult:
        """The suggestions, or that there are none."""
        if self._suggestions:
            yield SelectionList[int](
                *(
                    Selection(_prompt(suggestion), number, suggestion.score >= _SURE)
                    for number, suggestion in enumerate(self._suggestions)
                )
            )
        else:
            yield Static("Nothing to suggest: every field that the samples speak of is bound.", id="none")

    def on_mount(self) -> None:
        """Begin in the list."""
        self.say_in_border("space marks, enter binds what is marked")
        for shown in self.query(SelectionList):
            shown.focus()

    def action_take(self) -> None:
        """Bind what is marked."""
        marked: list[int] = [number for shown in self.query(SelectionList) for number in shown.selected]
        self.dismiss(tuple(self._suggestions[number] for number in sorted(marked)))

    def action_mark_all(self) -> None:
        """Mark all, or none if all are marked."""
        for shown in self.query(SelectionList):
            if len(shown.selected) == len(self._suggestions):
                shown.deselect_all()
            else:
                shown.select_all()

    def action_close(self) -> None:
        """Bind nothing."""
        self.dismiss(None)


def _prompt(suggestion: Suggestion) -> Content:
    field = shortened(".".join(suggestion.field_path), 22)
    notation = shortened(format_formula(suggestion.binding), 44)
    return Content.assemble(
        (f"{field:23}", "bold"),
        (f"{notation:45}", "$text-accent"),
        (f"{suggestion.score:.0%}  ", "$text-success"),
        (shortened(", ".join(suggestion.evidence), 90), "$foreground-muted"),
    )
