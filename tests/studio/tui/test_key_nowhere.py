"""The API key is on no screen, in no picture, no copy, no file, whatever Klaviyo answers with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from studio_app import LARGE, opened, press, screen_text, settled, until

from studio.session import Session
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


async def test_the_key_is_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    asked: list[str] = []
    answer = ANSWERS[0]

    async def handle(_: object, request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["authorization"])
        return answer(request)

    monkeypatch.setenv("KLAVIYO_API_KEY", KEY)
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", handle)
    monkeypatch.chdir(tmp_path)
    session = Session.open(None)
    seen: list[str] = []

    async with opened(session, LARGE) as (app, pilot):

        async def look(*keys: str) -> None:
            await press(pilot, *keys)
            await settled(pilot)
            seen.append(f"{keys}\n{screen_text(app)}\n{_notices(app)}\n{app.clipboard}\n{app.export_screenshot()}")

        await look("f9")
        await look("y")
        assert app.wire.is_real
        listed = 3  # Newsletter sign-ups: its list is not bound
        for answer in ANSWERS:
            before = len(asked)
            app.main.focus_part("#mappings")
            await look("home", "ctrl+r")
            assert await until(pilot, lambda: len(asked) > before and not app.sending.is_under_way)  # noqa: B023 - called at once
            await look("f5")
            assert await until(pilot, lambda: not app.sending.is_under_way)
            await app.copying.to_clipboard("cURL")
            await look("f4", "end")
            session.mapping_index, session.field_path = listed, ("list_id",)
            app.main.show()
            app.main.focus_part("#fields")
            before = len(asked)
            await look("enter")
            assert await until(pilot, lambda: len(asked) > before)  # noqa: B023 - called at once
            await look()
            await look("escape")
        await look("ctrl+t")
        assert await until(pilot, lambda: not app.sending.is_under_way)
        await look("f4")
        for _ in range(4):
            await look("f4")
            await look("down", "enter", "end")
        for name in ("payload", "exchanges", "toml"):
            await look("y", *name)
            await look("enter")
        app.action_write("exchanges")
        await look()
        await look("enter")
        assert await until(pilot, lambda: (tmp_path / "exchanges.json").exists())
        for key in ("f1", "f6", "f8", "ctrl+p"):
            await look(key)
            await look("escape")
        app.main.focus_part("#mappings")
        await look("c")  # unsaved, so it is kept for a crash
        kept = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert any(path.name.startswith("unsaved") for path in kept)
        seen += [path.read_bytes().decode("utf-8", "replace") for path in kept]
        app.save_screenshot("picture.svg", str(tmp_path))
        await look("ctrl+s")
        await look("enter")
        assert await until(pilot, lambda: (tmp_path / "klaviyo.toml").exists())
    assert asked[0] == f"Klaviyo-API-Key {KEY}"
    seen += [
        f"{path}\n{path.read_bytes().decode('utf-8', 'replace')}" for path in tmp_path.rglob("*") if path.is_file()
    ]
    for text in seen:
        assert not shows_key(text)


def _notices(app: StudioApp) -> str:
    return "\n".join(notice.message for notice in app._notifications)  # pyright: ignore[reportPrivateUsage] # there is no public list
