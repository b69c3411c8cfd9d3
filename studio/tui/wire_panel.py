"""What goes over the wire: the payload, the requests it would give, the answer to what was sent, the history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.visual import VisualType
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from actions.flow import Exchange
from actions.values import Json
from studio.bindings import FieldPath
from studio.cli.text import printable, shortened
from studio.exchange_changes import changes, last_of_kind
from studio.tui.exchange_text import Entry, answers_text, entry_text, history_text, requests_text
from studio.tui.payload_text import FittedText, payload_text
from studio.tui.steady_text import SteadyText
from studio.tui.tab_line import TabLine

if TYPE_CHECKING:
    from actions.engine import Outcome
    from studio.tui.app import StudioApp

TABS = ("payload", "requests", "response", "history")
_ENTRIES_LISTED = 1000
_SAYING_WIDTH = 60


class TextPane(VerticalScroll):
    """What a tab shows: a text that scrolls."""

    FOCUS_ON_CLICK: ClassVar[bool] = False  # the screen moves the focus, behind the click

    def __init__(self, name: str) -> None:
        super().__init__(id=name, classes="pane")
        self._text = SteadyText(id=f"{name}-text")

    def compose(self) -> ComposeResult:
        """The text."""
        yield self._text

    def show(self, content: VisualType) -> None:
        """Show another text."""
        self._text.update(content)

    def lines_in(self, width: int) -> int:
        """How many lines the text takes in a width."""
        return self._text.visual.get_height(self._text.styles.get_render_rules(), width)


class HistoryList(OptionList):
    """The exchanges of the sitting, the newest first."""

    FOCUS_ON_CLICK: ClassVar[bool] = False  # the screen moves the focus, behind the click


class WirePanel(Vertical):
    """The tabs. What they show is put in by the screen. All but the first come to be when something is in them."""

    class Opened(Message):
        """Another tab was opened."""

    def __init__(self) -> None:
        super().__init__(id="wire")
        self._tabs = TabLine([name.capitalize() for name in TABS], id="wire-tabs")
        self._texts = {TABS[0]: TextPane(TABS[0])}
        self._list: HistoryList | None = None
        self._history: list[Entry] = []
        self._shown: list[Exchange] = []
        self._previewed: Sequence[Exchange] = ()

    def compose(self) -> ComposeResult:
        """The titles and the open tab."""
        yield self._tabs
        yield from self._texts.values()

    def show_payload(
        self, payload: Mapping[str, Json] | str, notations: Mapping[FieldPath, str], warnings: Sequence[str]
    ) -> None:
        """The payload, each value with the binding it comes from; or why there is none."""
        if isinstance(payload, str):
            content = Content.styled(f"✗ {printable(payload)}", "$text-error")
        else:
            content = FittedText(lambda width: payload_text(payload, notations, warnings, width))
        self._text("payload").show(content)

    def show_nothing(self, why: str) -> None:
        """There is neither payload nor request yet."""
        self._previewed = ()
        for name in ("payload", "requests"):
            self._text(name).show(Content.styled(why, "$foreground-muted"))

    def show_requests(self, exchanges: Sequence[Exchange], note: str) -> None:
        """The requests that would be sent, in order, follow-ups included; or a note why there are none."""
        self._previewed = exchanges
        note_text = Content.styled(printable(note), "$foreground-muted")
        self._text("requests").show(FittedText(partial(requests_text, exchanges)) if exchanges else note_text)

    def show_outcomes(self, outcomes: Sequence[Outcome]) -> None:
        """What came back, and open that tab."""
        entries: list[Entry] = []
        seen: set[int] = set()
        for outcome in outcomes:
            for exchange in outcome.exchanges:
                if id(exchange) not in seen:  # the events of a batch share theirs
                    seen.add(id(exchange))
                    entries.append(self._enter(outcome, exchange))
        self._shown = [entry.exchange for entry in entries]
        self._show_response(FittedText(partial(answers_text, outcomes, entries)))
        self._draw_history()

    def open_tab(self, name: str) -> None:
        """Open one of the tabs: `payload`, `requests`, `response` or `history`."""
        self._tabs.opened = TABS.index(name)

    def on_tab_line_opened(self, message: TabLine.Opened) -> None:
        message.stop()
        opened = self._pane(TABS[message.number])
        for pane in self.query(".pane"):
            pane.display = pane is opened
        self.post_message(self.Opened())

    def begin(self) -> None:
        """Move into the open tab, where the arrow keys then scroll."""
        self._pane(self.opened).focus()

    def begin_or_next(self) -> None:
        """Move into the open tab, or from there into the next."""
        if self.has_focus_within:
            self.open_tab(TABS[(TABS.index(self.opened) + 1) % len(TABS)])
        self.call_after_refresh(self.begin)

    @property
    def payload(self) -> TextPane:
        """What the first tab shows."""
        return self._text("payload")

    @property
    def opened(self) -> str:
        """The tab that is seen."""
        return TABS[self._tabs.opened]

    def show_note(self, text: str) -> None:
        """A sentence in the place of a response, such as that something is being sent; opens that tab."""
        self._shown = []
        self._show_response(Content.styled(printable(text), "$foreground-muted"))

    def say(self, text: str) -> None:
        """Say something short in the lower border."""
        self.border_subtitle = Content(shortened(text, _SAYING_WIDTH))

    @property
    def exchanges(self) -> Sequence[Exchange]:
        """The exchanges that are seen: in the Requests tab those that would be, otherwise those of the response."""
        return self._previewed if self.opened == "requests" else self._shown

    @property
    def last(self) -> Sequence[Exchange]:
        """The newest exchange, if there is one."""
        return [entry.exchange for entry in self._history[-1:]]

    def _show_response(self, content: VisualType) -> None:
        pane = self._text("response")
        pane.show(content)
        self.open_tab("response")
        pane.scroll_home(animate=False)

    def _pane(self, name: str) -> TextPane | OptionList:
        return self._history_list() if name == "history" else self._text(name)

    def _text(self, name: str) -> TextPane:
        """The text of a tab, which comes to be when it is needed first."""
        if name not in self._texts:
            self._texts[name] = pane = TextPane(name)
            pane.display = name == self.opened
            self.mount(pane)
            if name == "response":
                pane.show(self._nothing_sent())
        return self._texts[name]

    def _history_list(self) -> OptionList:
        if self._list is None:
            self._list = HistoryList(id="history", classes="pane", compact=True)
            self._list.display = self.opened == "history"
            self._list.add_option(Option(self._nothing_sent(), disabled=True))
            self.mount(self._list)
        return self._list

    def _nothing_sent(self) -> Content:
        key = cast("StudioApp", self.app).shown_key("send")
        return Content.styled(f"Nothing sent yet: {key} sends this mapping.", "$foreground-muted")

    def _enter(self, outcome: Outcome, exchange: Exchange) -> Entry:
        before = last_of_kind(exchange, [entry.exchange for entry in self._history])
        entry = Entry(outcome, exchange, None if before is None else changes(before, exchange))
        self._history.append(entry)
        return entry

    def _draw_history(self) -> None:
        listed = self._history_list()
        listed.set_options([Option(FittedText(partial(history_text, entry))) for entry in self._listed()])
        listed.highlighted = 0 if self._history else None

    def _listed(self) -> list[Entry]:
        return self._history[-_ENTRIES_LISTED:][::-1]

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        entry = self._listed()[event.option_index]
        self._shown = [entry.exchange]
        self._show_response(FittedText(partial(entry_text, entry)))
        self.call_after_refresh(self.begin)
