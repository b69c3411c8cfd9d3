"""Suggested bindings with their evidence, to be taken one by one or all at once.

A line has a suggestion as far as there is room; below the list stands all of the one that is marked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import SelectionList, Static
from textual.widgets.selection_list import Selection

from studio.cli.text import printable, shortened
from studio.formula.writer import format_formula
from studio.suggestions import Suggestion
from studio.tui.dialog import Dialog

_SURE = 0.6
"""Suggestions of at least this score are marked to begin with."""

_LONGEST_FIELD = 22
_BUTTON = 4
"""Columns of a mark before its line."""


class SuggestionsScreen(Dialog[tuple[Suggestion, ...] | None]):
    """The list. It gives the suggestions to bind; nothing is bound without it."""

    DEFAULT_CSS = """
    SuggestionsScreen {
        SelectionList, SelectionList:focus { height: 1fr; border: none; padding: 0; background: $surface; }
        #whole { height: auto; max-height: 9; border-top: solid $panel-lighten-2; padding: 0 1; }
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
                    Selection("", number, suggestion.score >= _SURE)
                    for number, suggestion in enumerate(self._suggestions)
                )
            )
            with VerticalScroll(id="whole", can_focus=False):
                yield Static(id="whole-text")
        else:
            yield Static("Nothing to suggest: every field that the samples speak of is bound.", id="none")

    def on_mount(self) -> None:
        """Begin in the list."""
        self.say_in_border("space marks, enter binds what is marked")
        for shown in self.query(SelectionList):
            shown.focus()

    def on_resize(self) -> None:
        """Give each line the room that there is."""
        for shown in self.query(SelectionList):
            width = max(40, shown.scrollable_content_region.width - _BUTTON)
            names = min(_LONGEST_FIELD, max(len(suggestion.label) for suggestion in self._suggestions))
            for index, suggestion in enumerate(self._suggestions):
                shown.replace_option_prompt_at_index(index, _prompt(suggestion, names, width))

    def on_selection_list_selection_highlighted(self, event: SelectionList.SelectionHighlighted[int]) -> None:
        """Show all of a suggestion."""
        suggestion = self._suggestions[event.selection_index]
        text = Content.assemble(
            (f"{printable(suggestion.label, one_line=True)}  ", "bold"),
            (printable(format_formula(suggestion.binding), one_line=True), "$text-accent"),
            *(f"\n· {printable(part, one_line=True)}" for part in suggestion.evidence),
        )
        self.query_one("#whole-text", Static).update(text)

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


def _prompt(suggestion: Suggestion, names: int, width: int) -> Content:
    """Field, binding and score, and as much of the evidence as there is room for."""
    room = width - names - 9
    notation = min(room, max(24, room // 2))
    field = shortened(suggestion.label, names)
    text = shortened(format_formula(suggestion.binding), notation)
    line = Content.assemble(
        (f"{field:{names}}  ", "bold"),
        (f"{suggestion.score:4.0%}  ", "$text-success"),
        (f"{text:{notation}}  ", "$text-accent"),
        (shortened(", ".join(suggestion.evidence), 200), "$foreground-muted"),
    )
    return line.truncate(width, ellipsis=True)
