"""The events of a file, each chosen or not, with a filter over them.

A widget that draws the lines that are seen and nothing else, since of a hundred thousand events a list of options makes
as many options, at every letter of the filter.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import ClassVar, NamedTuple, cast

from pydantic_core import PydanticSerializationError, from_json, to_json
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.style import Style

from actions.values import Json
from studio.cli.text import shortened
from studio.samples import Sample
from studio.tui.line_cursor import LineCursor
from studio.tui.shown import fitted

CHOSEN_AT_MOST = 10_000
"""As many samples as the studio still works with at once."""

_KIND_WIDTH = 9
_LONGEST_SOUGHT = 500


class FileEvent(NamedTuple):
    """An event as it waits to be chosen: its JSON, which takes a quarter of the room, and what is shown and sought."""

    content: bytes
    kind: str
    title: str
    sought: str


def file_event(event: dict[str, Json]) -> FileEvent:
    """An event, ready to be shown and sought by its type, its name and its person."""
    sample = Sample(event)
    context = event.get("context")
    traits = [event.get("traits"), context.get("traits") if isinstance(context, dict) else None]
    named = [event.get(key) for key in ("userId", "anonymousId", "groupId")]
    named += [each.get("email") for each in traits if isinstance(each, dict)]
    texts = [sample.kind, sample.title, *(text for text in named if isinstance(text, str))]
    try:
        content = to_json(event)
    except PydanticSerializationError:  # half of a surrogate pair
        content = json.dumps(event).encode()
    sought = " ".join(text[:_LONGEST_SOUGHT] for text in texts).lower()
    return FileEvent(content, sample.kind[:_LONGEST_SOUGHT], sample.title[:_LONGEST_SOUGHT], sought)


def sample_of(event: FileEvent) -> Sample:
    """The sample that an event of a file makes."""
    try:
        return Sample(cast("dict[str, Json]", from_json(event.content)))
    except ValueError:  # half of a surrogate pair
        return Sample(json.loads(event.content))


def places_with(events: Sequence[FileEvent], text: str, places: Iterable[int]) -> list[int]:
    """Those of the places at which an event has all words of the text, in any letter case."""
    found = list(places)
    for word in text.lower().split():
        found = [place for place in found if word in events[place].sought]
    return found


class EventChoice(LineCursor):
    """The events. It posts when others are chosen, and when somebody wants to filter them."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"events--cursor"}
    DEFAULT_CSS = """
    EventChoice {
        background: $surface;
        overflow-x: hidden;
        & > .events--cursor { background: $block-cursor-blurred-background; color: $block-cursor-blurred-foreground; }
        &:focus > .events--cursor {
            background: $block-cursor-background;
            color: $block-cursor-foreground;
            text-style: $block-cursor-text-style;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,enter", "select", "Choose", tooltip="Choose this event, or not", key_display="space"),
        Binding("a", "every(True)", "All", tooltip="Choose every event that is found"),
        Binding("n", "every(False)", "None", tooltip="Choose none of the events that are found"),
        Binding("slash", "filter", "Filter", tooltip="Show only events with some words", key_display="/"),
    ]

    class Changed(Message):
        """Other events are chosen, or found."""

    class FilterAsked(Message):
        """The events are to be filtered."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[FileEvent] = []
        self.found: list[int] = []
        """The places of the events that the filter lets through."""
        self.chosen: set[int] = set()
        self._filter = ""

    def clear(self) -> None:
        """Begin with no events."""
        self.events, self.found, self.chosen, self._cursor = [], [], set(), 0
        self._show()

    def add(self, events: Sequence[FileEvent]) -> None:
        """Add events behind the others. They are chosen as far as there is room."""
        new = range(len(self.events), len(self.events) + len(events))
        self.events += events
        self.chosen.update(new[: max(0, CHOSEN_AT_MOST - len(self.chosen))])
        self.found += places_with(self.events, self._filter, new)
        self._show()

    def filter(self, text: str) -> None:
        """Show only the events that have all words of the text."""
        within = self.found if self._filter and text.startswith(self._filter) else range(len(self.events))
        self._filter = text
        self.found = places_with(self.events, text, within)
        self._cursor = 0
        self._show()
        self.scroll_home(animate=False)

    def _show(self) -> None:
        self.virtual_size = Size(0, len(self.found))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """A line: whether the event is chosen, its type and its name or person."""
        number = y + self.scroll_offset.y
        base = self.get_visual_style(*(["events--cursor"] if number == self._cursor and self.found else []))
        width = self.size.width
        if number >= len(self.found):
            return Strip.blank(width, base.rich_style)
        place = self.found[number]
        event = self.events[place]
        mark, style = ("✓", "$text-success") if place in self.chosen else ("·", "dim")
        kind = shortened(event.kind, _KIND_WIDTH)
        line = Strip(
            [
                Segment(f"{mark} ", self._look(base, number, style)),
                Segment(f"{kind:{_KIND_WIDTH}} ", self._look(base, number, "$foreground-muted")),
                Segment(fitted(event.title, max(1, width - _KIND_WIDTH - 3)), base.rich_style),
            ]
        )
        return line.adjust_cell_length(width, base.rich_style)

    def _look(self, base: Style, number: int, style: str) -> RichStyle:
        """The style of a part of a line; under the cursor all have its own."""
        look = base if number == self._cursor else base + Style.parse(style, self.app.theme_variables)
        return look.rich_style

    def on_click(self, event: Click) -> None:
        """A click chooses, or takes the choice back."""
        place = event.get_content_offset(self)
        if place is not None and place.y + self.scroll_offset.y < len(self.found):
            self.go_to(place.y + self.scroll_offset.y)
            self.action_select()

    def action_select(self) -> None:
        """Choose the event under the cursor, or not."""
        if self.found:
            place = self.found[self._cursor]
            if place in self.chosen:
                self.chosen.remove(place)
            else:
                self._choose([place])
            self.refresh_line(self._cursor)
            self.post_message(self.Changed())

    def action_every(self, chosen: bool) -> None:
        """Choose all that are found, or none of them."""
        if chosen:
            self._choose([place for place in self.found if place not in self.chosen])
        else:
            self.chosen.difference_update(self.found)
        self.refresh()
        self.post_message(self.Changed())

    def _choose(self, places: Sequence[int]) -> None:
        room = CHOSEN_AT_MOST - len(self.chosen)
        self.chosen.update(places[:room])
        if len(places) > room:
            text = f"{CHOSEN_AT_MOST:,} are chosen, as many as can be added at once."
            self.app.notify(text, severity="warning", markup=False)

    def action_filter(self) -> None:
        """Ask for the filter."""
        self.post_message(self.FilterAsked())

    @property
    def lines_there(self) -> int:
        """As many as are found."""
        return len(self.found)

    def go_to(self, number: int) -> None:
        """Put the cursor on an event."""
        before, self._cursor = self._cursor, number
        for line in (before, number):
            self.refresh_line(line)
        self.scroll_to_region(Region(0, number, max(1, self.size.width), 1), animate=False, force=True)
