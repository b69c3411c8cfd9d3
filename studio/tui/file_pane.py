"""Events of a file to choose among: read in the background, shown as they come."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import SelectionList, Static
from textual.widgets.selection_list import Selection
from textual.worker import get_current_worker

from actions.delivery.sources import BadLine, SourceError, read_events
from studio.cli.text import printable, shortened
from studio.samples import Sample
from studio.tui.path_line import PathLine

EVENTS_SHOWN = 10_000
_BATCH = 500
_BAD_LINES_NAMED = 50
_KIND_WIDTH = 9
_LONGEST_PROBLEM = 200


class EventChoice(SelectionList[int]):
    """The events, each chosen or not, with keys for all and none."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "select", "Choose", tooltip="Choose this event, or not"),
        Binding("a", "every(True)", "All", tooltip="Choose every event"),
        Binding("n", "every(False)", "None", tooltip="Choose no event"),
        Binding("down,j", "cursor_down", "Down", show=False),
        Binding("up,k", "cursor_up", "Up", show=False),
    ]

    def action_every(self, chosen: bool) -> None:
        """Choose all of them, or none."""
        if chosen:
            self.select_all()
        else:
            self.deselect_all()


class FilePane(Vertical):
    """The path and the events behind it."""

    DEFAULT_CSS = """
    FilePane {
        #file-status { padding: 1 0 0 0; height: auto; }
        #bad-lines { height: auto; max-height: 5; padding: 0 0 0 2; color: $text-warning; display: none; }
        EventChoice, EventChoice:focus {
            height: 1fr; border: none; padding: 0; background: $surface;
        }
        EventChoice > .selection-list--button { color: $panel; background: $panel; }
        EventChoice > .selection-list--button-highlighted { color: $panel; background: $panel; }
    }
    """

    class Changed(Message):
        """Other events are chosen now."""

    class Read(Message):
        """Some of the file was read; `of` tells which reading this is, so that what comes late can be left."""

        def __init__(
            self, of: int, samples: Sequence[Sample], bad: Sequence[str], *, done: bool = False, problem: str = ""
        ) -> None:
            super().__init__()
            self.of = of
            self.samples = samples
            self.bad = bad
            self.done = done
            self.problem = problem

    def __init__(self) -> None:
        super().__init__()
        self._reading = 0
        self._samples: list[Sample] = []
        self._bad: list[str] = []

    def compose(self) -> ComposeResult:
        """The path, how the reading went, the events."""
        yield PathLine()
        yield Static(id="file-status")
        with VerticalScroll(id="bad-lines"):
            yield Static(id="bad-lines-text")
        choice = EventChoice()
        choice.display = False
        yield choice

    def begin(self) -> None:
        """Begin to type the path, or to choose where a file was read."""
        if self._samples:
            self.query_one(EventChoice).focus()
        else:
            self.query_one(PathLine).edit()

    @property
    def chosen(self) -> tuple[Sample, ...]:
        """The events that are chosen, in the order of the file."""
        return tuple(self._samples[index] for index in sorted(self.query_one(EventChoice).selected))

    @on(PathLine.Chosen)
    def _begin_reading(self, event: PathLine.Chosen) -> None:
        event.stop()
        self._reading += 1
        self._samples, self._bad = [], []
        self.query_one(EventChoice).clear_options()
        self._tell(Content("Reading …"))
        self._read(self._reading, event.path)

    @on(Read)
    def _take(self, event: Read) -> None:
        event.stop()
        if event.of != self._reading:
            return
        first = not self._samples
        start = len(self._samples)
        self._samples += event.samples
        self._bad += event.bad
        choice = self.query_one(EventChoice)
        with self.prevent(SelectionList.SelectedChanged):  # one for each event would be thousands
            choice.add_options(
                [Selection(_prompt(sample), start + at, initial_state=True) for at, sample in enumerate(event.samples)]
            )
        choice.display = bool(self._samples)
        if first and self._samples:
            choice.highlighted = 0
            choice.focus()
        self._tell(self._summary(done=event.done, problem=event.problem))

    @on(SelectionList.SelectedChanged)
    def _choose(self, event: SelectionList.SelectedChanged[int]) -> None:
        event.stop()
        self.post_message(self.Changed())

    def _summary(self, *, done: bool, problem: str) -> Content:
        if problem:
            return Content.styled(f"✗ {_end(problem)}", "$text-error")
        count = len(self._samples)
        parts: list[str | tuple[str, str]] = [f"{count:,} event{'' if count == 1 else 's'}"]
        if not done:
            parts.append(" so far …")
        elif not count and not self._bad:
            parts = [("The file is empty.", "$text-warning")]
        elif count >= EVENTS_SHOWN:
            parts.append((" are shown, as many as can be; what follows in the file is left out", "$text-warning"))
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
        samples: list[Sample] = []
        bad: list[str] = []
        count = 0
        problem = ""
        try:
            for item in read_events([_readable(path)]):
                if worker.is_cancelled:
                    return
                if isinstance(item, BadLine):
                    bad.append(bad_line_text(item))
                else:
                    samples.append(Sample(item.event))
                    count += 1
                if count >= EVENTS_SHOWN:
                    break
                if len(samples) + len(bad) >= _BATCH:
                    self.post_message(self.Read(reading, samples, bad))
                    samples, bad = [], []
        except SourceError as error:
            problem = str(error)
        self.post_message(self.Read(reading, samples, bad, done=True, problem=problem))


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


def _prompt(sample: Sample) -> Content:
    kind = shortened(sample.kind, _KIND_WIDTH)
    return Content.assemble((f"{kind:{_KIND_WIDTH}} ", "$foreground-muted"), shortened(sample.title, 80))
