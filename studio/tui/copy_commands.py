"""Copying: to the clipboard, which OSC 52 reaches over SSH too, or into a file where a terminal does not take that."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli.text import json_block
from studio.curl import curl_command
from studio.tui.prompts import Ask, Confirm
from studio.tui.wire_panel import WirePanel

if TYPE_CHECKING:
    from studio.tui.app import StudioApp

_FILES = {"cURL": "request.sh", "JSON": "event.json", "TOML": "mapping.toml"}


class CopyCommands:
    """The commands, for one app. What is copied is called `cURL` (the last request), `JSON` (the sample's event) or
    `TOML` (the mapping).
    """

    def __init__(self, app: StudioApp) -> None:
        self._app = app

    def to_clipboard(self, what: str) -> None:
        """Copy it, and say what was copied: whether the terminal took it cannot be known."""
        text = self._text(what)
        if text is not None:
            self._app.copy_to_clipboard(text)
            told = f"Copied as {what}, {len(text):,} characters. Not in the clipboard? Write as {what} (ctrl+p)."
            self._app.notify(told, timeout=5, markup=False)

    async def to_file(self, what: str) -> None:
        """Ask for a file and write it there."""
        text = self._text(what)
        if text is None:
            return
        given = await self._app.push_screen_wait(Ask(f"Write as {what} to", _FILES[what], _file_problem))
        if given is None:
            return
        path = Path(given)
        if _exists(path):
            question = f"{path.name} exists already. Replace it?"
            if not await self._app.push_screen_wait(Confirm(question, "Replace it", "Cancel", dangerous=True)):
                return
        try:
            _write(path, f"{text}\n")
        except OSError as error:
            told = f"{path} cannot be written ({error.strerror or error})."
            self._app.notify(told, severity="error", timeout=10, markup=False)
            return
        self._app.notify(f"Wrote {path}", timeout=3, markup=False)

    def _text(self, what: str) -> str | None:
        text = self._copied(what)
        if text is None:
            nothing = "Nothing was sent yet: ctrl+r sends." if what == "cURL" else "There is nothing to copy yet."
            self._app.notify(nothing, severity="warning", markup=False)
        return text

    def _copied(self, what: str) -> str | None:
        from actions.config.writing import write_mapping

        session = self._app.session
        if what == "cURL":
            last = self._app.main.query_one(WirePanel).last
            return curl_command(last) if last else None
        if what == "TOML":
            if session.mapping is None:
                return None
            documents: list[dict[str, Any]] = session.to_config().document()["mapping"]
            return write_mapping(documents[session.mapping_index]).rstrip("\n")
        return json_block(session.sample.event) if session.sample else None


def _exists(path: Path) -> bool:
    return path.exists()


def _write(path: Path, text: str) -> None:
    path.write_text(text)


def _file_problem(name: str) -> str | None:
    if not name.strip():
        return "A file needs a name."
    path = Path(name)
    if path.is_dir():
        return "This is a folder."
    return None if path.parent.is_dir() else f"There is no folder {path.parent}."
