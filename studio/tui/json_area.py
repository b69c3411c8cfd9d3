"""A plain text area for JSON, bounded in size so that every key stays quick."""

from __future__ import annotations

from textual.message import Message
from textual.widgets import TextArea
from textual.widgets.text_area import Edit, EditResult

from studio.tui.event_text import escaped

LARGEST_TEXT = 200_000
"""Characters of JSON that can be edited or pasted; beyond that typing would drag."""
_LONGEST_WRAPPED = 10_000


class JsonArea(TextArea):
    """The area. Invisible characters come in as JSON's escapes; a text that would get too long stays out."""

    class TooLong(Message):
        """Something was pasted that would make the text longer than can be edited; nothing was put in."""

        def __init__(self, length: int) -> None:
            super().__init__()
            self.length = length

    def __init__(self, text: str = "", *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(text, id=id, soft_wrap=_wraps(text), show_line_numbers=True, tab_behavior="focus")

    def edit(self, edit: Edit) -> EditResult:
        """Every change passes here: typed, pasted or from the clipboard."""
        text = escaped(edit.text)
        length = len(self.text) + len(text)
        if len(text) > 1 and length > LARGEST_TEXT:
            self.post_message(self.TooLong(length))
            text = self.get_text_range(edit.from_location, edit.to_location)
        elif not _wraps(text):
            self.soft_wrap = False
        edit.text = text
        return super().edit(edit)


def _wraps(text: str) -> bool:
    """Whether its lines can be wrapped without the wrapping being felt at every key."""
    return all(len(line) <= _LONGEST_WRAPPED for line in text.split("\n"))
