"""The first line of the screen: the document, whether it is saved, where events go, which sample is shown."""

from __future__ import annotations

from textual.content import Content
from textual.style import Style
from textual.widgets import Static

from studio.cli.text import shortened
from studio.session import Session

_PROBLEMS = Style.from_meta({"@click": "app.problems"})
_SWITCH = Style.from_meta({"@click": "app.switch_target"})


class StatusLine(Static):
    """The line. The real Klaviyo has another colour than the sandbox, and its name."""

    def __init__(self) -> None:
        super().__init__(id="status")

    def show(self, session: Session, target_name: str, *, is_real: bool, problems_key: str) -> None:
        """Show the session and the target; where there are errors, how many, with the key that lists them."""
        count = len(session.document.samples)
        sample = f"sample {session.sample_index + 1}/{count} {session.sample.label}" if session.sample else "no sample"
        colour = "$error" if is_real else "$success-muted"
        target = Content.styled(f" {shortened(target_name, 30)} ", f"bold $text on {colour}").stylize(_SWITCH)
        left = Content.assemble(
            (" studio ", "bold $text-accent"), shortened(session.name, 40), " ●" if session.changed else ""
        )
        errors = sum(problem.severity == "error" for problem in session.problems())
        told = Content("")
        if errors:
            text = f"✗ {errors} error{'' if errors == 1 else 's'} ({problems_key})"
            told = Content.styled(text, "$text-error").stylize(_PROBLEMS) + "  "
        right = Content.assemble(told, target, "  ", shortened(sample, 44), " ")
        gap = max(1, self.app.size.width - left.cell_length - right.cell_length)
        self.update(left + Content(" " * gap) + right)
