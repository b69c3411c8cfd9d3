"""What goes over the wire: the payload, the requests it would give, the answer to what was sent, the history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static, TabbedContent, TabPane
from textual.widgets.option_list import Option

from actions.engine import Outcome
from actions.flow import Exchange
from actions.values import Json
from studio.cli.text import json_head, printable, shortened
from studio.exchange_changes import changes, last_of_kind
from studio.tui.json_colours import coloured
from studio.tui.steady_text import SteadyText

_LINES_SHOWN = 250
_CHARACTERS_SHOWN = 60_000
_HISTORY_SHOWN = 200


class WirePanel(Vertical):
    """The tabs. What they show is put in by the screen."""

    def __init__(self) -> None:
        super().__init__(id="wire")
        self._history: list[tuple[Outcome, Exchange]] = []

    def compose(self) -> ComposeResult:
        """Four tabs; only the one that is open is drawn."""
        with TabbedContent(id="wire-tabs", initial="payload"):
            with TabPane("Payload", id="payload"), VerticalScroll():
                yield SteadyText(id="payload-text")
            with TabPane("Requests", id="requests"), VerticalScroll():
                yield SteadyText(id="requests-text")
            with TabPane("Response", id="response"), VerticalScroll():
                yield Static("Nothing sent yet: ctrl+r sends this mapping.", id="response-text", classes="quiet")
            with TabPane("History", id="history"):
                yield OptionList(id="history-list", compact=True)

    def show_payload(self, payload: dict[str, Json] | str, notations: dict[str, str], warnings: Sequence[str]) -> None:
        """The payload, each value with the binding it comes from; or why there is none."""
        if isinstance(payload, str):
            content = Content.styled(f"✗ {printable(payload)}", "$text-error")
        else:
            parts = [Content.styled(f"! {printable(warning)}\n", "$text-warning") for warning in warnings]
            for key, value in payload.items():
                block = json_content({key: value}, wrapped=False)
                source = notations.get(key, "")
                first, _, rest = str(block).partition("\n")
                note = Content.styled(f"   ← {shortened(source, 60)}", "$foreground-muted") if source else Content("")
                parts.append(block[: len(first)] + note + block[len(first) :] + Content("\n"))
                del rest
            content = Content("").join(parts) if parts else Content.styled("An empty payload.", "$foreground-muted")
        self.query_one("#payload-text", Static).update(content)

    def show_nothing(self, why: str) -> None:
        """There is neither payload nor request yet."""
        for text in ("#payload-text", "#requests-text"):
            self.query_one(text, Static).update(Content.styled(why, "$foreground-muted"))

    def show_requests(self, exchanges: Sequence[Exchange], note: str) -> None:
        """The requests that would be sent, in order, follow-ups included; or a note why there are none."""
        if not exchanges:
            self.query_one("#requests-text", Static).update(Content.styled(note, "$foreground-muted"))
            return
        parts: list[Content] = []
        for exchange in exchanges:
            parts.append(_request_line(exchange))
            if exchange.request.content is not None:
                parts.append(Content("\n") + _body(exchange.request.content, exchange.request.json))
            parts.append(Content("\n\n"))
        self.query_one("#requests-text", Static).update(Content("").join(parts))

    def show_outcomes(self, outcomes: Sequence[Outcome]) -> None:
        """What came back, and open that tab."""
        parts: list[Content] = []
        shown: set[int] = set()
        for outcome in outcomes:
            parts.append(_outcome(outcome))
            for exchange in outcome.exchanges:
                if id(exchange) in shown:  # a batch's events share their exchanges
                    continue
                shown.add(id(exchange))
                parts.append(_exchange(exchange, [earlier for _, earlier in self._history]))
                self._history.append((outcome, exchange))
        self.query_one("#response-text", Static).remove_class("quiet").update(Content("\n").join(parts))
        self._show_history()
        self.open_tab("response")

    def open_tab(self, name: str) -> None:
        """Open one of the tabs: `payload`, `requests`, `response` or `history`."""
        self.query_one(TabbedContent).active = name

    @property
    def opened(self) -> str:
        """The tab that is seen."""
        return self.query_one(TabbedContent).active

    def show_note(self, text: str) -> None:
        """A sentence in the place of a response, such as that something is being sent."""
        self.query_one("#response-text", Static).update(Content.styled(text, "$foreground-muted"))
        self.open_tab("response")

    @property
    def last(self) -> Exchange | None:
        """The exchange that was last."""
        return self._history[-1][1] if self._history else None

    def _show_history(self) -> None:
        options = [Option(_history_line(outcome, exchange)) for outcome, exchange in self._recent()]
        self.query_one("#history-list", OptionList).set_options(options)

    def _recent(self) -> list[tuple[Outcome, Exchange]]:
        return self._history[-_HISTORY_SHOWN:][::-1]

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        outcome, exchange = self._recent()[event.option_index]
        number = next(index for index, (_, one) in enumerate(self._history) if one is exchange)
        earlier = [one for _, one in self._history[:number]]
        parts = [_outcome(outcome), _exchange(exchange, earlier)]
        self.query_one("#response-text", Static).update(Content("\n").join(parts))
        self.open_tab("response")


def json_content(value: Json, *, wrapped: bool = True) -> Content:
    """A JSON value, coloured, cut to some lines; without `wrapped`, an object's members without its braces."""
    text, is_cut = json_head(value, _LINES_SHOWN, _CHARACTERS_SHOWN)
    if not wrapped:
        lines = text.split("\n")[1:]
        text = "\n".join(line.removeprefix("  ") for line in (lines if is_cut else lines[:-1]))
    content = coloured(text)
    if is_cut:
        content += Content.styled("\n… cut here: it goes on", "$foreground-muted")
    return content


def _body(content: bytes, value: Json) -> Content:
    if len(content) > 2_000_000:
        return Content.styled(f"{len(content):,} bytes", "$foreground-muted")
    return json_content(value)


def _request_line(exchange: Exchange) -> Content:
    return Content.assemble(
        (f"{exchange.request.method} ", "bold $text-accent"), (printable(exchange.url, one_line=True), "bold")
    )


def _status(exchange: Exchange) -> Content:
    response = exchange.response
    if not response.status:
        return Content.styled(printable(response.failure or "no answer"), "$text-error")
    try:
        phrase = HTTPStatus(response.status).phrase
    except ValueError:
        phrase = ""
    style = "$text-success" if response.ok else "$text-error"
    return Content.assemble(
        (f"{response.status} {phrase}", style), (f"  {exchange.elapsed * 1000:.0f} ms", "$foreground-muted")
    )


def _outcome(outcome: Outcome) -> Content:
    styles = {"delivered": "$text-success", "retryable": "$text-warning", "unmatched": "$foreground-muted"}
    style = styles.get(outcome.status, "$text-error")
    parts = [Content.styled(outcome.status, f"bold {style}"), Content(f"  {printable(outcome.mapping, one_line=True)}")]
    if outcome.message:
        parts.append(Content.styled(f"\n{printable(outcome.message)}", style))
    parts += [Content.styled(f"\n! {printable(warning)}", "$text-warning") for warning in outcome.warnings]
    return Content("").join(parts)


def _changes(exchange: Exchange, earlier: list[Exchange]) -> Content:
    """What is different from the last exchange of its kind; empty where there was none."""
    before = last_of_kind(exchange, earlier)
    if before is None:
        return Content("")
    told = changes(before, exchange)
    lines = "\n".join(f"  {shortened(line, 160)}" for line in told) or "  nothing"
    return Content.assemble(("Changed since the last one:\n", "$foreground-muted"), (f"{lines}\n", "$text-warning"))


def _exchange(exchange: Exchange, earlier: list[Exchange]) -> Content:
    """What came back first, for it is what people look for where there is little room; then all that went out."""
    parts = [_status(exchange), Content("  "), _request_line(exchange), Content("\n"), _changes(exchange, earlier)]
    if exchange.response.status:
        parts += [Content.styled("Response\n", "bold $foreground-muted"), _headers(exchange.response.headers)]
    if exchange.response.content:
        value = exchange.response.json
        raw = Content(printable(exchange.response.text[:4000]))
        parts += [raw if value is None else _body(exchange.response.content, value), Content("\n")]
    parts.append(Content.styled("Request\n", "bold $foreground-muted"))
    parts.append(_headers(exchange.request_headers))
    if exchange.request.content is not None:
        parts.append(_body(exchange.request.content, exchange.request.json))
    return Content("").join(parts)


def _headers(headers: Mapping[str, str]) -> Content:
    lines = (f"  {printable(name)}: {printable(value, one_line=True)}\n" for name, value in headers.items())
    return Content.styled("".join(lines), "$foreground-muted")


def _history_line(outcome: Outcome, exchange: Exchange) -> Content:
    moment = datetime.fromtimestamp(exchange.started).strftime("%H:%M:%S")
    path = exchange.url.partition("/api/")[2] or exchange.url
    return Content.assemble(
        (f"{moment}  ", "$foreground-muted"),
        f"{exchange.request.method:6} ",
        _status(exchange),
        f"  {shortened(path, 50)}  ",
        (shortened(outcome.mapping, 30), "$foreground-muted"),
    )
