"""The API key is on no screen, in no picture, no copy, no file, whatever Klaviyo answers with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from studio_app import LARGE, opened, press, screen_text, settled, until
from textual.pilot import Pilot

from studio.tui.app import StudioApp

KEY = "pk_7c1f0a9be24d5836c1f0a9be24d583aa55"
_TELLING = 8
"""Characters of the key in a row; a line may end in the middle of it."""


def shows_key(text: str) -> bool:
    return any(KEY[at : at + _TELLING] in text for at in range(len(KEY) - _TELLING + 1))


def errors(status: int) -> Callable[[httpx.Request], httpx.Response]:
    """Klaviyo's error document with all that was sent to it, in a header too."""

    def answer(request: httpx.Request) -> httpx.Response:
        said = request.headers["authorization"]
        document = {
            "errors": [{"title": said, "detail": f"The key {said} may not.", "source": {"pointer": f"/data/{KEY}"}}],
            "sent": dict(request.headers),
            KEY: [said],
        }
        return httpx.Response(status, json=document, headers={"X-Sent": said, f"X-{KEY}": "1", "Location": f"/{KEY}"})

    return answer


def accepts(request: httpx.Request) -> httpx.Response:
    resource = {"type": "list", "id": KEY, "attributes": {"name": request.headers["authorization"]}}
    return httpx.Response(200, json={"data": [resource] if request.method == "GET" else resource})


def page(request: httpx.Request) -> httpx.Response:
    return httpx.Response(403, html=f"<html><title>{KEY}</title>{request.headers!r}{request.headers['authorization']}")


def breaks(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError(f"sent {request.headers['authorization']} and heard nothing", request=request)


def refuses(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError(f"proxy wants {KEY}", request=request)


ANSWERS = (errors(400), errors(401), errors(429), errors(500), page, breaks, refuses, accepts)
SUBSCRIBES = 3
"""The starter's mapping whose list is not bound."""


class Klaviyo:
    """In the place of the network: what it was asked with, and how it answers."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer = ANSWERS[0]

    async def handle(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.headers["authorization"])
        return self.answer(request)


class Onlooker:
    """Presses keys and notes all that there is to be seen behind each."""

    def __init__(self, app: StudioApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot
        self.seen: list[str] = []

    async def look(self, *keys: str) -> None:
        await press(self.pilot, *keys)
        await settled(self.pilot)
        app = self.app
        told = [notice.message for notice in app._notifications]
        self.seen.append("\n".join([str(keys), screen_text(app), *told, app.clipboard, app.export_screenshot()]))

    async def send(self, klaviyo: Klaviyo) -> None:
        """Send, copy, and read the lists."""
        app, before = self.app, len(klaviyo.asked)
        app.main.focus_part("#mappings")
        await self.look("home", "ctrl+r")
        assert await until(self.pilot, lambda: len(klaviyo.asked) > before and not app.sending.is_under_way)
        await self.look("f5")
        assert await until(self.pilot, lambda: not app.sending.is_under_way)
        await app.copying.to_clipboard("cURL")
        await self.look("f4", "end")
        before = len(klaviyo.asked)
        app.session.mapping_index, app.session.field_path = SUBSCRIBES, ("list_id",)
        app.main.show()
        app.main.focus_part("#fields")
        await self.look("enter")
        assert await until(self.pilot, lambda: "Reading" not in screen_text(app))
        await self.look()
        await self.look("escape")

    async def walk(self) -> None:
        """See every tab, copy and dialog."""
        await self.look("ctrl+t")
        assert await until(self.pilot, lambda: not self.app.sending.is_under_way)
        await self.look("f4")
        for _ in range(4):
            await self.look("f4")
            await self.look("down", "enter", "end")
        for name in ("payload", "exchanges", "toml"):
            await self.look("y", *name)
            await self.look("enter")
        for key in ("f1", "f6", "f8", "ctrl+p"):
            await self.look(key)
            await self.look("escape")

    async def keep(self, folder: Path) -> None:
        """Have it write every kind of file."""
        self.app.action_write("exchanges")
        await self.look()
        await self.look("enter")
        assert await until(self.pilot, (folder / "exchanges.json").exists)
        self.app.main.focus_part("#mappings")
        await self.look("c")  # unsaved, so it is kept for a crash
        self.seen += texts(folder)
        assert any("unsaved" in text for text in self.seen)
        self.app.save_screenshot("picture.svg", str(folder))
        await self.look("ctrl+s")
        await self.look("enter")
        assert await until(self.pilot, (folder / "klaviyo.toml").exists)
        self.seen += texts(folder)


def texts(folder: Path) -> list[str]:
    """The names and contents of all files in a folder."""
    return [f"{path}\n{path.read_bytes().decode('utf-8', 'replace')}" for path in folder.rglob("*") if path.is_file()]


async def test_the_key_is_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    klaviyo = Klaviyo()
    monkeypatch.setenv("KLAVIYO_API_KEY", KEY)
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", lambda _, request: klaviyo.handle(request))
    monkeypatch.chdir(tmp_path)
    async with opened(size=LARGE) as (app, pilot):
        onlooker = Onlooker(app, pilot)
        await onlooker.look("f9")
        await onlooker.look("y")
        assert app.wire.is_real
        for klaviyo.answer in ANSWERS:
            await onlooker.send(klaviyo)
        await onlooker.walk()
        await onlooker.keep(tmp_path)
    assert klaviyo.asked[0] == f"Klaviyo-API-Key {KEY}"
    for text in onlooker.seen:
        assert not shows_key(text)
