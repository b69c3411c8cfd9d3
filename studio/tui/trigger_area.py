"""A text area for a trigger that is safe for the terminal whatever the trigger holds."""

from __future__ import annotations

import re

from rich.text import Text
from textual.message import Message
from textual.widgets import TextArea
from textual.widgets.text_area import Edit, EditResult

from actions.triggers.parser import LONGEST_TRIGGER
from studio.cli.text import printable

UNSEEN = "�"
"""What stands for a character that cannot be seen or that terminals act on."""
_NOT_PLAIN = re.compile(r"[^\t -~]")


class TriggerArea(TextArea):
    """The area. The text keeps every character; what is shown has `UNSEEN` for the invisible ones.

    FQL has no escape for them, so writing them in another way would make it another trigger.
    """

    class TooLong(Message):
        """Something was pasted that would make the trigger longer than is read; nothing was put in."""

    def __init__(self, text: str) -> None:
        super().__init__(
            text, soft_wrap=len(text) <= LONGEST_TRIGGER, tab_behavior="focus", highlight_cursor_line=False
        )

    def get_line(self, line_index: int) -> Text:
        """The line as it is shown, character for character."""
        line = super().get_line(line_index)
        line.plain = _NOT_PLAIN.sub(_seen, line.plain)
        return line

    def edit(self, edit: Edit) -> EditResult:
        """Every change passes here: typed, pasted or from the clipboard."""
        if len(edit.text) > 1 and len(self.text) + len(edit.text) > LONGEST_TRIGGER:
            self.post_message(self.TooLong())
            edit.text = self.get_text_range(edit.from_location, edit.to_location)
        return super().edit(edit)

    def put(self, text: str) -> None:
        """Replace the whole text, so that undo brings the old one back, without posting a change."""
        with self.prevent(TextArea.Changed):
            self.replace(text, self.document.start, self.document.end)


def _seen(found: re.Match[str]) -> str:
    return found[0] if printable(found[0]) == found[0] else UNSEEN
