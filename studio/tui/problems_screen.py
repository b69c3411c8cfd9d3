"""Everything that is wrong in the mappings, and the traps, as a list to jump from."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from studio.cli.text import printable, shortened
from studio.problems import OF_FILE, Problem
from studio.tui.dialog import Dialog


class ProblemList(OptionList):
    """The list, whose keys are shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Go there", tooltip="Open the mapping at the field that has the problem"),
        Binding("down,j", "cursor_down", "Down", show=False),
        Binding("up,k", "cursor_up", "Up", show=False),
    ]


class ProblemsScreen(Dialog[Problem | None]):
    """The list. It gives the problem to go to."""

    DEFAULT_CSS = """
    ProblemsScreen {
        ProblemList, ProblemList:focus { height: 1fr; border: none; padding: 0; background: $surface; }
        #none { padding: 1 2; color: $text-success; height: 1fr; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "Close", tooltip="Back to where you were"),
    ]

    def __init__(self, problems: Sequence[Problem], mapping_names: Sequence[str]) -> None:
        super().__init__("Problems and traps")
        self._problems = sorted(problems, key=lambda problem: problem.severity != "error")
        self._names = mapping_names

    def contents(self) -> ComposeResult:
        """The problems, errors first, or that there are none."""
        if not self._problems:
            yield Static(Content("✓ Nothing is wrong in the mappings."), id="none")
            return
        yield ProblemList(*(Option(self._prompt(problem, 70)) for problem in self._problems))

    def on_mount(self) -> None:
        """Begin at the first; count them in the border."""
        errors = sum(problem.severity == "error" for problem in self._problems)
        traps = len(self._problems) - errors
        counted = [_counted(errors, "error"), _counted(traps, "trap")]
        self.say_in_border(", ".join(part for part in counted if part))
        for shown in self.query(ProblemList):
            shown.focus()
            shown.highlighted = 0

    def on_resize(self) -> None:
        """Wrap what is wrong under its mark."""
        for shown in self.query(ProblemList):
            width = shown.scrollable_content_region.width - 4
            for index, problem in enumerate(self._problems):
                shown.replace_option_prompt_at_index(index, self._prompt(problem, max(20, width)))

    @on(OptionList.OptionSelected)
    def _go_there(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._problems[event.option_index])

    def action_close(self) -> None:
        """Close and go nowhere."""
        self.dismiss(None)

    def _prompt(self, problem: Problem, width: int) -> Content:
        """Where it is on one line, what it is below."""
        index = problem.mapping_index
        name = self._names[index] if 0 <= index < len(self._names) else f"mapping {index + 1}"
        field = "trigger" if problem.on_trigger else ".".join(problem.field_path)
        place = f"{shortened(name, 50)} › {shortened(field, 60)}" if field else shortened(name, 60)
        if index == OF_FILE:
            place = "The file"
        is_error = problem.severity == "error"
        mark = ("✗ ", "$text-error") if is_error else ("! ", "$text-warning")
        lines = printable(problem.message).splitlines()
        message = "\n".join(wrap for line in lines for wrap in textwrap.wrap(line, width)).replace("\n", "\n  ")
        return Content.assemble(mark, (place, "bold"), "\n  ", (message, "$foreground-muted"))


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}" if number else ""
