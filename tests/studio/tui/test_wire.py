"""What goes over the wire, by keyboard alone: payload, requests, response, history, sending."""

from __future__ import annotations

import pytest
from studio_app import LARGE, SMALL, opened, press, screen_text, settled, text_of, until
from textual.containers import VerticalScroll
from textual.events import MouseScrollDown
from textual.widgets import OptionList

from studio.edited_document import Document
from studio.samples import Sample
from studio.session import Session
from studio.tui.app import StudioApp
from studio.tui.payload_text import FittedText
from studio.tui.sandbox_screen import SandboxScreen
from studio.tui.wire_panel import WirePanel


def wire_text(app: StudioApp, name: str) -> str:
    """What a tab holds."""
    return text_of(app, f"#{name}-text")


def notices(app: StudioApp) -> str:
    """What pops up, which a pilot's screen leaves out."""
    return "\n".join(notice.message for notice in app._notifications)  # pyright: ignore[reportPrivateUsage] # there is no public list


def history(app: StudioApp) -> list[str]:
    listed = app.main.query_one("#history", OptionList)
    prompts = (listed.get_option_at_index(index).prompt for index in range(listed.option_count))
    return [str(prompt.fitted(90)) for prompt in prompts if isinstance(prompt, FittedText)]


def with_email(session: Session, first_name: str) -> None:
    assert session.sample is not None
    event = dict(session.sample.event)
    event["traits"] = {**event["traits"], "firstName": first_name}  # pyright: ignore[reportGeneralTypeIssues] # an object in the starter's sample
    session.change_sample(event)


async def test_each_value_of_the_payload_stands_with_its_binding():
    async with opened() as (app, _):
        app.session.bind(("location",), {"zip": {"@path": "$.traits.address.postal_code"}, "city": "Springfield"})
        app.changed()
        lines = wire_text(app, "payload").splitlines()
    assert any(line.startswith('"email": "mara.') and line.endswith("← $.traits.email") for line in lines)
    assert '  "city": "Springfield"  ← Springfield' in lines
    assert '"location": {' in lines


async def test_a_binding_that_has_no_room_behind_its_value_stands_below_it():
    async with opened(size=SMALL) as (app, _):
        lines = wire_text(app, "payload").splitlines()
        width = app.main.query_one("#payload-text").content_size.width
    assert "    ← $.traits.email" in lines
    assert all(len(line) <= width for line in lines)


async def test_requests_follow_what_is_typed_before_it_is_applied():
    async with opened() as (app, pilot):
        await press(pilot, "f4", "f4")
        assert await until(pilot, lambda: '"first_name": "Mara"' in wire_text(app, "requests"))
        app.session.field_path = ("first_name",)
        app.main.show()
        await press(pilot, "f2", "end", "ctrl+u", *"Zoe")
        assert await until(pilot, lambda: '"first_name": "Zoe"' in wire_text(app, "requests"))
        assert not app.session.changed


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_status_is_seen_at_once_after_sending_and_the_rest_is_reached_by_keys(size: tuple[int, int]):
    async with opened(size=size) as (app, pilot):
        await press(pilot, "ctrl+r")
        assert await until(pilot, lambda: "201 Created" in screen_text(app))
        assert "delivered Profiles" in screen_text(app)
        assert "1 of 1 delivered to the sandbox" in screen_text(app)
        assert "x-klaviyo" in wire_text(app, "response") or "< content-type" in wire_text(app, "response")
        assert "> authorization: •••" in wire_text(app, "response").lower()
        first, request, *answer = wire_text(app, "response").splitlines()
        assert first.startswith("201 Created")
        assert request == "POST https://a.klaviyo.com/api/profiles/"
        assert answer[0].startswith("< ")
        assert answer.index("}") < answer.index("What was sent:")
        await press(pilot, "f4")
        scroll = app.main.query_one("#response", VerticalScroll)
        assert await until(pilot, lambda: scroll.has_focus)
        assert app.main.query_one("#wire").region.bottom == size[1] - 1
        await press(pilot, "end")
        assert await until(pilot, lambda: scroll.scroll_y == scroll.max_scroll_y > 0)
        await press(pilot, "home")
        assert await until(pilot, lambda: scroll.scroll_y == 0)


async def test_the_response_scrolls_by_the_wheel():
    async with opened(size=SMALL) as (app, pilot):
        await press(pilot, "ctrl+r")
        assert await until(pilot, lambda: "201 Created" in screen_text(app))
        scroll = app.main.query_one("#response", VerticalScroll)
        place = scroll.region.offset + (3, 1)  # noqa: RUF005 - the sum of two places
        for _ in range(2):
            app.screen._forward_event(MouseScrollDown(scroll, *place, 0, 1, 0, False, False, False, *place))  # pyright: ignore[reportPrivateUsage] # a pilot has no wheel
        assert await until(pilot, lambda: scroll.scroll_y > 0)


async def test_the_history_has_every_exchange_with_what_changed_since_the_last():
    async with opened() as (app, pilot):
        await press(pilot, "ctrl+r")
        await settled(pilot)
        with_email(app.session, "Anna")
        app.changed()
        await press(pilot, "ctrl+r")
        await settled(pilot)
        update, second, first = history(app)
        assert "PATCH" in update
        assert 'changed: status: 201 → 409, first_name: "Mara" → "Anna"' in second
        assert "changed" not in first
        await press(pilot, "f4", "f4", "end", "enter")
        assert await until(pilot, lambda: app.main.query_one(WirePanel).opened == "response")
        assert '"first_name": "Mara"' in wire_text(app, "response")


async def test_a_batch_is_one_exchange_of_the_history_and_tells_each_outcome():
    session = Session.open(None)
    identify = session.document.samples[0]
    people = tuple(
        Sample({**identify.event, "userId": f"user {n}", "traits": {"email": f"p{n}@example.com"}}) for n in range(3)
    )
    broken = Sample({**identify.event, "userId": None, "anonymousId": None, "traits": {}, "context": {}})
    session.document = Document(session.document.mappings, (*people, broken, session.document.samples[1]))
    async with opened(session) as (app, pilot):
        await press(pilot, "ctrl+t")
        assert await until(pilot, lambda: "3 of 4 delivered to the sandbox" in screen_text(app))
        assert len(history(app)) == 1
        assert "delivered ×3" in wire_text(app, "response")
        assert "invalid" in wire_text(app, "response")
        assert app.wire.sandbox.counts()["profiles"] == 3


async def test_a_batch_of_one_sample_that_does_not_fire_sends_nothing():
    session = Session.open(None)
    session.document = Document(session.document.mappings, session.document.samples[1:2])
    async with opened(session) as (app, pilot):
        await press(pilot, "ctrl+t")
        assert await until(pilot, lambda: "fires on none" in notices(app))
        assert app.wire.sandbox.counts()["profiles"] == 0


async def test_every_mapping_that_fires_is_sent_and_told():
    async with opened() as (app, pilot):
        app.session.duplicate_mapping()
        app.session.toggle_mapping()
        app.changed()
        await press(pilot, "f5")
        assert await until(pilot, lambda: "2 of 2 delivered to the sandbox" in screen_text(app))
        assert "Profiles from identify (Copy)" in wire_text(app, "response")


async def test_the_open_sandbox_shows_what_a_sending_leaves():
    async with opened() as (app, pilot):
        await press(pilot, "f6")
        assert await until(pilot, lambda: isinstance(app.screen, SandboxScreen))
        assert "mara.ellison" not in screen_text(app)
        await press(pilot, "ctrl+r")
        assert await until(pilot, lambda: "mara.ellison" in screen_text(app))
        assert "Profiles 1" in screen_text(app)


async def test_a_long_address_goes_on_below_its_server():
    async with opened(size=SMALL) as (app, pilot):
        await press(pilot, "down", "down", "down", *["right_square_bracket"] * 3, "f4", "f4")
        assert await until(pilot, lambda: "POST https" in wire_text(app, "requests"))
        first, second, *_ = wire_text(app, "requests").splitlines()
        assert first == "POST https://a.klaviyo.com"
        assert second == "     /api/profile-subscription-bulk-create-jobs/"
