"""Events of a file to choose among: read in the background, shown as they come."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.events import Key
from textual.message import Message
from textual.widgets import Static
from textual.worker import get_current_worker

from actions.delivery.sources import BadLine, SourceError, read_events
from studio.cli.text import printable, shortened
from studio.samples import Sample
from studio.tui.event_choice import CHOSEN_AT_MOST, EventChoice, FileEvent, file_event, sample_of
from studio.tui.path_line import PathLine
from studio.tui.text_line import TextLine

EVENTS_READ = 100_000
_BATCH = 500
_BAD_LINES_NAMED = 50
_LONGEST_PROBLEM = 200


class FilePane(Vertical):
    """The path and the events behind it."""

    DEFAULT_CSS = """
    FilePane {
        #file-status { padding: 1 0 0 0; height: auto; }
        #bad-lines { height: auto; max-height: 5; padding: 0 0 0 2; color: $text-warning; display: none; }
        #event-filter { display: none; }
        EventChoice { height: 1fr; display: none; }
        &.-has-events #event-filter, &.-has-events EventChoice { display: block; }
    }
    """

    class Changed(Message):
        """Other events are chosen now."""

    class Read(Message):
        """Some of the file was read; `of` tells which reading this is, so that what comes late can be left.

        The reading is `done` with the last of it, and `cut` where the file goes on.
        """

        def __init__(
            self,
            of: int,
            events: Sequence[FileEvent],
            bad: Sequence[str],
            *,
            done: bool = False,
            cut: bool = False,
            problem: str = "",
        ) -> None:
            super().__init__()
            self.of = of
            self.events = events
            self.bad = bad
            self.done = done
            self.cut = cut
            self.problem = problem

    def __init__(self) -> None:
        super().__init__()
        self._reading = 0
        self._bad: list[str] = []
        self._is_done, self._is_cut, self._problem = False, False, ""

    def compose(self) -> ComposeResult:
        """The path, how the reading went, the events."""
        yield PathLine()
        yield Static(id="file-status")
        with VerticalScroll(id="bad-lines"):
            yield Static(id="bad-lines-text")
        yield TextLine(placeholder="/ filters by type, name or person", id="event-filter", compact=True)
        yield EventChoice()

    def begin(self) -> None:
        """Begin to type the path, or to choose where a file was read."""
        if self._choice.events:
            self._choice.focus()
        else:
            self.query_one(PathLine).edit()

    @property
    def chosen(self) -> tuple[Sample, ...]:
        """The events that are chosen, in the order of the file."""
        return tuple(sample_of(self._choice.events[place]) for place in sorted(self._choice.chosen))

    @property
    def count(self) -> int:
        """How many are chosen."""
        return len(self._choice.chosen)

    @property
    def _choice(self) -> EventChoice:
        return self.query_one(EventChoice)

    @on(PathLine.Chosen)
    def _begin_reading(self, event: PathLine.Chosen) -> None:
        event.stop()
        self._reading += 1
        self._bad, self._is_done, self._problem = [], False, ""
        self._is_cut = False
        self._choice.clear()
        self.query_one("#event-filter", TextLine).value = ""
        self._tell(Content("Reading …"))
        self._read(self._reading, event.path)

    @on(Read)
    def _take(self, event: Read) -> None:
        event.stop()
        if event.of != self._reading:
            return
        choice = self._choice
        is_first = not choice.events
        choice.add(event.events)
        self._bad += event.bad
        self._is_done, self._is_cut, self._problem = event.done, event.cut, event.problem
        self.set_class(bool(choice.events), "-has-events")
        if is_first and choice.events:
            choice.focus()
        self._tell(self._summary())

    @on(EventChoice.Changed)
    def _choose(self, event: EventChoice.Changed) -> None:
        event.stop()
        self.post_message(self.Changed())

    @on(EventChoice.FilterAsked)
    def _begin_filter(self, event: EventChoice.FilterAsked) -> None:
        event.stop()
        self.query_one("#event-filter", TextLine).focus()

    @on(TextLine.Changed, "#event-filter")
    def _filter(self, event: TextLine.Changed) -> None:
        event.stop()
        self._choice.filter(event.value)
        self._tell(self._summary())

    @on(TextLine.Submitted, "#event-filter")
    def _go_to_found(self, event: TextLine.Submitted) -> None:
        event.stop()
        self._choice.focus()

    def on_key(self, event: Key) -> None:
        """Down leads from the filter to what it found."""
        if event.key == "down" and self.query_one("#event-filter", TextLine).has_focus:
            event.stop()
            self._choice.focus()

    def _summary(self) -> Content:
        if self._problem:
            return Content.styled(f"✗ {_end(self._problem)}", "$text-error")
        count, found = len(self._choice.events), len(self._choice.found)
        of = f"{found:,} of " if found < count else ""
        parts: list[str | tuple[str, str]] = [f"{of}{count:,} event{'' if count == 1 else 's'}"]
        if not self._is_done:
            parts.append(" so far …")
        elif not count and not self._bad:
            parts = [("The file is empty.", "$text-warning")]
        elif self._is_cut:
            parts.append((", as many as can be read; what follows in the file is left out", "$text-warning"))
        elif count > CHOSEN_AT_MOST:
            parts.append((f"; up to {CHOSEN_AT_MOST:,} can be added at once", "$foreground-muted"))
        if self._bad:
            lines = "1 line is" if len(self._bad) == 1 else f"{len(self._bad):,} lines are"
            parts.append((f", {lines} none:", "$text-warning"))
        return Content.assemble(*parts)

    def _tell(self, status: Content) -> None:
        self.query_one("#file-status", Static).update(status)
        shown = "\n".join(self._bad[:_BAD_LINES_NAMED])
        if len(self._bad) > _BAD_LINES_NAMED:
            shown += f"\n… {len(self._bad) - _BAD_LINES_NAMED:,} more"
        self.query_one("#bad-lines-text", Static).update(Content(shown))
        self.query_one("#bad-lines").display = bool(shown)
        self.post_message(self.Changed())

    @work(thread=True, exclusive=True, group="events")
    def _read(self, reading: int, path: str) -> None:
        worker = get_current_worker()
        events: list[FileEvent] = []
        bad: list[str] = []
        count, is_cut = 0, False
        problem = ""
        try:
            for item in read_events([_readable(path)]):
                if worker.is_cancelled:
                    return
                if count >= EVENTS_READ:
                    is_cut = True
                    break
                if isinstance(item, BadLine):
                    bad.append(bad_line_text(item))
                else:
                    events.append(file_event(item.event))
                    count += 1
                if len(events) + len(bad) >= _BATCH:
                    self.post_message(self.Read(reading, events, bad))
                    events, bad = [], []
        except SourceError as error:
            problem = str(error)
        self.post_message(self.Read(reading, events, bad, done=True, cut=is_cut, problem=problem))


def bad_line_text(item: BadLine) -> str:
    """Which line is no event, and why, without the file's name."""
    return shortened(f"line {item.line:,}: {item.reason}", 300)


def _readable(path: str) -> str:
    """The whole path of a file. Raises `SourceError` for what is no file, which might never end."""
    try:
        found = Path(path).expanduser().absolute()
        is_folder, special = found.is_dir(), found.exists() and not found.is_file()
    except OSError as error:
        raise SourceError(f"this cannot be a path ({error.strerror}).") from error
    except (RuntimeError, ValueError) as error:
        raise SourceError(f"this cannot be a path ({error}).") from error
    if is_folder:
        raise SourceError("this is a folder; name a file with events.")
    if special:
        raise SourceError("this is no ordinary file.")
    return str(found)


def _end(problem: str) -> str:
    """A problem whose reason, which stands behind the path, is always seen."""
    text = printable(problem, one_line=True)
    return text if len(text) <= _LONGEST_PROBLEM else f"…{text[-_LONGEST_PROBLEM:]}"
