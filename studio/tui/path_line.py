"""A line for a file's path, with the files and folders that would complete it below."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import islice
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import DescendantBlur, DescendantFocus, Key
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from studio.cli.text import printable, shortened
from studio.tui.text_line import TextLine

_SCANNED = 5000
_OFFERED = 100
_EVENT_ENDINGS = (".json", ".ndjson", ".jsonl", ".gz")


class PathLine(Vertical):
    """The line. It posts the path that is meant."""

    DEFAULT_CSS = """
    PathLine {
        height: auto;
        OptionList { height: auto; max-height: 8; border: none; padding: 0; background: $surface; display: none; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "Complete", tooltip="Take the path that is marked; again for what is in it"),
    ]

    class Chosen(Message):
        """A file is meant."""

        def __init__(self, path: str) -> None:
            super().__init__()
            self.path = path

    class Listed(Message):
        """What is in a folder was read, for a text that may have changed since."""

        def __init__(self, text: str, paths: Sequence[str]) -> None:
            super().__init__()
            self.text = text
            self.paths = paths

    def __init__(self) -> None:
        super().__init__()
        self._paths: Sequence[str] = ()

    def compose(self) -> ComposeResult:
        """The line and what completes it."""
        yield TextLine(placeholder="Path of a file with events: NDJSON, JSON, or gzip of either", compact=True)
        offers = OptionList(compact=True)
        offers.can_focus = False
        yield offers

    def edit(self) -> None:
        """Begin to type."""
        self.query_one(TextLine).focus()

    @on(DescendantFocus)
    def _offer_on_focus(self, event: DescendantFocus) -> None:  # noqa: ARG002 - Textual's signature
        self._list(self.query_one(TextLine).value)

    @on(DescendantBlur)
    def _offer_nothing(self, event: DescendantBlur) -> None:  # noqa: ARG002 - Textual's signature
        self._offer(())

    @on(TextLine.Changed)
    def _offer_for_text(self, event: TextLine.Changed) -> None:
        event.stop()
        if event.input.has_focus:
            self._list(event.value)

    @on(TextLine.Submitted)
    def _choose_typed(self, event: TextLine.Submitted) -> None:
        event.stop()
        if event.value.strip():
            self._offer(())
            self.post_message(self.Chosen(event.value.strip()))

    @on(Listed)
    def _offer_listed(self, event: Listed) -> None:
        event.stop()
        line = self.query_one(TextLine)
        if event.text == line.value and line.has_focus:
            self._offer(event.paths)

    @on(OptionList.OptionSelected)
    def _take_clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._take(event.option_index)

    def on_key(self, event: Key) -> None:
        """Up and down move through the paths while typing goes on."""
        if event.key in ("down", "up") and self._paths:
            event.stop()
            event.prevent_default()
            offers = self.query_one(OptionList)
            step = 1 if event.key == "down" else -1
            offers.highlighted = ((offers.highlighted or 0) + step) % len(self._paths)

    def action_complete(self) -> None:
        """Take the marked path; with none, go on to the next widget."""
        marked = self.query_one(OptionList).highlighted
        if self._paths and marked is not None and self._paths[marked] != self.query_one(TextLine).value:
            self._take(marked)
        else:
            self.screen.focus_next()

    def _take(self, index: int) -> None:
        """Put a path in; a file is meant at once, a folder is looked into."""
        path = self._paths[index]
        line = self.query_one(TextLine)
        line.value = path
        line.cursor_position = len(path)
        line.focus()
        if not path.endswith(os.sep):
            self._offer(())
            self.post_message(self.Chosen(path))

    @work(thread=True, exclusive=True, group="paths")
    def _list(self, text: str) -> None:
        self.post_message(self.Listed(text, matching_paths(text)))

    def _offer(self, paths: Sequence[str]) -> None:
        self._paths = paths
        offers = self.query_one(OptionList)
        width = max(20, self.size.width - 4)
        offers.set_options([Option(Content(_end(path, width))) for path in paths])
        offers.display = bool(paths)
        offers.highlighted = 0 if paths else None


def matching_paths(text: str) -> list[str]:
    """The paths that complete a text: folders, which end in a slash, and files, those that may hold events first.

    Hidden ones are offered once their dot is typed. A folder that cannot be read has none.
    """
    folder, typed = os.path.split(text)
    found: list[tuple[int, str]] = []
    try:
        with os.scandir(os.path.expanduser(folder) or ".") as entries:  # noqa: PTH111 - keeps what was typed apart
            for entry in islice(entries, _SCANNED):
                name = entry.name
                hidden = name.startswith(".") and not typed.startswith(".")
                if hidden or not name.casefold().startswith(typed.casefold()) or printable(name, one_line=True) != name:
                    continue
                path = os.path.join(folder, name)  # noqa: PTH118 - keeps what was typed
                if entry.is_dir():
                    found.append((0, path + os.sep))
                elif entry.is_file():
                    found.append((1 if name.casefold().endswith(_EVENT_ENDINGS) else 2, path))
    except (OSError, ValueError):
        return []
    return [path for _, path in sorted(found, key=lambda item: (item[0], item[1].casefold()))[:_OFFERED]]


def _end(path: str, width: int) -> str:
    """A path whose end is always seen."""
    return path if len(path) <= width else f"…{shortened(path[1 - width :], width - 1)}"
