"""Copying: to the terminal's clipboard, and for terminals that do not take it, to a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from actions.config.writing import write_mapping
from actions.destination import Prepared
from actions.values import Json
from studio.cli.text import json_block, json_safe
from studio.curl import curl_command
from studio.outcome_documents import exchange_document
from studio.target import TargetError
from studio.tui.chooser import Choice, Chooser
from studio.tui.prompts import Ask, Confirm
from studio.tui.tmux import copy_in_tmux
from studio.tui.wire_panel import WirePanel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actions.flow import Exchange
    from studio.tui.app import StudioApp

_TO_FILE = "file"
_MOST_TERMINALS_TAKE = 50_000
"""Bytes. The sequence that sets a clipboard is dropped by many terminals where it is longer than about 75,000."""


@dataclass(frozen=True, slots=True)
class Copy:
    """What was copied: what it is in words, the text, and a name for its file."""

    what: str
    text: str
    file_name: str


class CopyCommands:
    """The commands, for one app."""

    def __init__(self, app: StudioApp) -> None:
        self._app = app
        self._last: Copy | None = None

    async def choose(self) -> None:
        """Ask what to copy; behind a copy, also whether to write it to a file."""
        choices = [
            Choice("cURL", "Requests as cURL", "those sent; before that, those to be sent"),
            Choice("payload", "Payload as JSON", "what the action gets on this sample"),
            Choice("JSON", "Sample as JSON", "the event"),
            Choice("exchanges", "Exchanges as JSON", "requests and answers, the key blanked"),
            Choice("TOML", "Mapping as TOML", "as it stands in the configuration"),
        ]
        if self._last is not None:
            choices.insert(0, Choice(_TO_FILE, "To a file", f"the last copy: {self._last.what}"))
        chosen = await self._app.push_screen_wait(Chooser("Copy", choices))
        if chosen == _TO_FILE and self._last is not None:
            await self._write(self._last)
        elif chosen is not None:
            await self.to_clipboard(chosen)

    async def to_clipboard(self, what: str) -> None:
        """Copy to the clipboard through the terminal, which works over SSH, and say what was copied.

        Whether the terminal took it cannot be known, so the way to a file is told too.
        """
        made = await self._made(what)
        if made is None:
            return
        self._last = made
        self._app.copy_to_clipboard(made.text)
        await copy_in_tmux(made.text)
        size = len(made.text.encode())
        told = f"Copied {made.what}, {len(made.text):,} characters."
        if size > _MOST_TERMINALS_TAKE:
            told += " Many terminals drop so long a copy."
        told += " Not in the clipboard? y, To a file."
        self._app.notify(told, timeout=5, markup=False)

    async def to_file(self, what: str) -> None:
        """Write it into a file instead."""
        made = await self._made(what)
        if made is not None:
            await self._write(made)

    async def _write(self, copied: Copy) -> None:
        """Ask for a file and write it; one that is there is replaced only after a question."""
        name = await self._app.push_screen_wait(Ask(f"Write {copied.what} to", copied.file_name, _file_problem))
        if name is None:
            return
        path = _path(name)
        try:
            if not _write_new(path, copied.text):
                question = f"{path.name} exists already. Replace it?"
                if not await self._app.push_screen_wait(Confirm(question, "Replace it", "Cancel", dangerous=True)):
                    return
                path.write_text(copied.text, encoding="utf-8")
        except OSError as error:
            told = f"{path} cannot be written ({error.strerror or error}). Choose another place."
            self._app.notify(told, severity="error", timeout=10, markup=False)
            return
        self._app.notify(f"Wrote {copied.what} to {path}", timeout=4, markup=False)

    async def _made(self, what: str) -> Copy | None:
        made = await self._text(what)
        if made is None:
            self._app.notify("There is nothing of that to copy yet.", severity="warning", markup=False)
            return None
        text = made.text.encode(errors="backslashreplace").decode()  # half an emoji is no text for a terminal
        return Copy(made.what, text if text.endswith("\n") else f"{text}\n", made.file_name)

    async def _text(self, what: str) -> Copy | None:
        session, main = self._app.session, self._app.main
        match what:
            case "cURL":
                exchanges, told = await self._requests()
                text = "\n\n".join(json_safe(curl_command(exchange)) for exchange in exchanges)
                return Copy(f"{told} as cURL", text, "request.sh") if exchanges else None
            case "exchanges":
                shown = main.query_one(WirePanel).exchanges or main.query_one(WirePanel).last
                documents: list[Json] = [exchange_document(exchange) for exchange in shown]
                return Copy("the exchanges as JSON", json_block(documents), "exchanges.json") if documents else None
            case "TOML" if session.mapping is not None:
                mappings: list[dict[str, Any]] = session.to_config().document()["mapping"]
                return Copy("the mapping as TOML", write_mapping(mappings[session.mapping_index]), "mapping.toml")
            case "JSON" if session.sample is not None:
                return Copy("the sample as JSON", json_block(session.sample.event), "event.json")
            case "payload" if main.mapping is not None and session.sample is not None:
                prepared = main.evaluation.prepared(main.mapping, session.sample)
                if isinstance(prepared, Prepared):
                    return Copy("the payload as JSON", json_block(prepared.payload), "payload.json")
                return None
            case _:
                return None

    async def _requests(self) -> tuple[Sequence[Exchange], str]:
        """The requests that are seen; before anything was sent, those that would be."""
        main, session = self._app.main, self._app.session
        wire = main.query_one(WirePanel)
        if wire.opened in ("response", "history") and (sent := wire.exchanges or wire.last):
            return sent, "what was sent"
        if main.mapping is None or session.sample is None:
            return (), ""
        try:
            outcome = await self._app.wire.preview(session.config.settings, main.mapping, session.sample.event)
        except (TargetError, ValueError) as error:
            self._app.notify(str(error), severity="error", timeout=8, markup=False)
            return (), ""
        return outcome.exchanges, "what would be sent"


def _write_new(path: Path, text: str) -> bool:
    """Write a file that is not there yet; False where it is."""
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        if path.is_dir():
            raise
        return False
    return True


def _path(name: str) -> Path:
    return Path(name).expanduser()


def _file_problem(name: str) -> str | None:
    path = _path(name)
    if not name.strip():
        return "A file needs a name."
    if path.is_dir():
        return "This is a folder."
    return None if path.parent.is_dir() else f"There is no folder {path.parent}."
