"""Samples to add: an event of some kind, pasted JSON, or events of a file."""

from __future__ import annotations

import copy
import io
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static, TabbedContent, TabPane
from textual.widgets.option_list import Option

from actions.delivery.sources import BadLine, read_stream
from studio.cli.text import json_block
from studio.samples import KINDS, Sample
from studio.tui.dialog import Dialog
from studio.tui.file_pane import FilePane, bad_line_text
from studio.tui.json_area import LARGEST_TEXT, JsonArea
from studio.tui.sample_editor import size_text

_BAD_LINES_NAMED = 3
_WAYS = ("kind", "paste", "file")


class KindPane(Vertical):
    """The kinds of events that there are, and how one looks."""

    DEFAULT_CSS = """
    KindPane {
        #kind-hint { padding: 0 0 1 0; color: $text-muted; }
        OptionList, OptionList:focus {
            width: 28; height: 1fr; border: none; padding: 0; background: $surface;
        }
        VerticalScroll { width: 1fr; height: 1fr; padding: 0 0 0 2; border-left: solid $primary-muted; }
    }
    """

    def compose(self) -> ComposeResult:
        """The kinds and the marked one's event."""
        yield Static(Content("Enter adds an event of the marked kind. Edit it afterwards."), id="kind-hint")
        with Horizontal():
            yield OptionList(*(Option(Content(name)) for name in KINDS))
            with VerticalScroll(can_focus=False):
                yield Static(id="kind-event")

    def begin(self) -> None:
        """Begin to choose."""
        self.query_one(OptionList).focus()

    @property
    def chosen(self) -> tuple[Sample, ...]:
        """An event of the marked kind."""
        marked = self.query_one(OptionList).highlighted
        return (Sample(copy.deepcopy(list(KINDS.values())[marked])),) if marked is not None else ()

    @on(OptionList.OptionHighlighted)
    def _show_event(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.query_one("#kind-event", Static).update(Content(json_block(list(KINDS.values())[event.option_index])))
        self.query_one(VerticalScroll).scroll_home(animate=False)


class PastePane(Vertical):
    """Room for JSON or NDJSON, and what it holds."""

    DEFAULT_CSS = """
    PastePane {
        #paste-hint { color: $text-muted; }
        JsonArea, JsonArea:focus {
            height: 1fr; border: none; padding: 0; margin: 1 0 0 0; background: $surface;
        }
        #paste-verdict {
            height: auto; max-height: 6; padding: 0 1; border-top: solid $primary-muted; min-height: 2;
        }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.chosen: tuple[Sample, ...] = ()

    def compose(self) -> ComposeResult:
        """The text and what it holds."""
        yield Static(Content("Paste events: one JSON object a line, one object, or an array of them."), id="paste-hint")
        yield JsonArea()
        yield Static(id="paste-verdict")

    def begin(self) -> None:
        """Begin to type."""
        self.query_one(JsonArea).focus()

    def on_mount(self) -> None:
        """Say what an empty text holds: nothing."""
        self._judge()

    @on(JsonArea.Changed)
    def _read_text(self, event: JsonArea.Changed) -> None:
        event.stop()
        self._judge()
        self.post_message(FilePane.Changed())

    @on(JsonArea.TooLong)
    def _refuse(self, event: JsonArea.TooLong) -> None:
        event.stop()
        self.app.notify(
            f"That is {size_text(event.length)}; up to {size_text(LARGEST_TEXT)} can be pasted. Save it in a file and "
            "add it under “From a file”. Nothing was put in.",
            severity="warning",
            markup=False,
        )

    def _judge(self) -> None:
        content = self.query_one(JsonArea).text.encode(errors="replace")
        items = list(read_stream(io.BufferedReader(io.BytesIO(content)), "pasted"))
        bad = [item for item in items if isinstance(item, BadLine)]
        self.chosen = tuple(Sample(item.event) for item in items if not isinstance(item, BadLine))
        count = len(self.chosen)
        parts: list[str | tuple[str, str]] = []
        if items:
            parts.append(
                (f"{count:,} event{'' if count == 1 else 's'}", "$text-success" if count else "$foreground-muted")
            )
        if bad:
            parts.append((f", {len(bad):,} that {'is' if len(bad) == 1 else 'are'} none:", "$text-error"))
            parts += [(f"\n{bad_line_text(item)}", "$text-error") for item in bad[:_BAD_LINES_NAMED]]
            if len(bad) > _BAD_LINES_NAMED:
                parts.append((f"\n… {len(bad) - _BAD_LINES_NAMED:,} more", "$text-error"))
        self.query_one("#paste-verdict", Static).update(Content.assemble(*parts))


class AddSamples(Dialog[tuple[Sample, ...] | None]):
    """The screen. It gives the samples to add, or None."""

    DEFAULT_CSS = """
    AddSamples {
        TabbedContent { height: 1fr; }
        ContentSwitcher { height: 1fr; }
        TabPane { padding: 0; height: 1fr; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "add", "Add", tooltip="Add what is chosen", priority=True),
        Binding("ctrl+t", "next_way", "Next tab", tooltip="A kind of event, pasted, or from a file", priority=True),
        Binding("escape", "cancel", "Cancel", tooltip="Add nothing", priority=True),
    ]

    def __init__(self) -> None:
        super().__init__("Add samples")

    def contents(self) -> ComposeResult:
        """The three ways."""
        with TabbedContent(initial="kind"):
            with TabPane(Content("A kind of event"), id="kind"):
                yield KindPane()
            with TabPane(Content("Paste"), id="paste"):
                yield PastePane()
            with TabPane(Content("From a file"), id="file"):
                yield FilePane()

    def on_mount(self) -> None:
        """Begin with the first way."""
        self._way().begin()

    @on(TabbedContent.TabActivated)
    def _go_to_tab(self, event: TabbedContent.TabActivated) -> None:
        event.stop()
        self._count()

    @on(FilePane.Changed)
    def _choose(self, event: FilePane.Changed) -> None:
        event.stop()
        self._count()

    @on(OptionList.OptionSelected)
    def _take_kind(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_add()

    def action_next_way(self) -> None:
        """Go to the next tab and into it."""
        tabs = self.query_one(TabbedContent)
        tabs.active = _WAYS[(_WAYS.index(tabs.active) + 1) % len(_WAYS)]
        self.call_after_refresh(lambda: self._way().begin())

    def action_add(self) -> None:
        """Close with what is chosen."""
        chosen = self._way().chosen
        if chosen:
            self.dismiss(chosen)
        else:
            self.app.notify("There is nothing to add yet.", severity="warning", markup=False)

    def action_cancel(self) -> None:
        """Close with nothing."""
        self.dismiss(None)

    @property
    def unapplied(self) -> bool:
        """Whether something was pasted."""
        return bool(self.query_one(JsonArea).text.strip())

    def _way(self) -> KindPane | PastePane | FilePane:
        active = self.query_one(TabbedContent).active
        if active == "paste":
            return self.query_one(PastePane)
        return self.query_one(FilePane) if active == "file" else self.query_one(KindPane)

    def _count(self) -> None:
        """Say in the border how many would be added."""
        way = self._way()
        count = way.count if isinstance(way, FilePane) else len(way.chosen)
        self.say_in_border(f"{count:,} to add" if count else "")
