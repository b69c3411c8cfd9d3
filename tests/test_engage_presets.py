"""What the presets for Engage do to a sandbox that is served over HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import Any

import httpx
import pytest
from sandbox_account import served

import presets
from actions import Config, Engine, Outcome
from actions.klaviyo import KLAVIYO
from actions.klaviyo.sandbox import Sandbox


class Replay:
    """A preset with its samples, before a served sandbox."""

    def __init__(self, name: str, sandbox: Sandbox, engine: Engine) -> None:
        self.sandbox = sandbox
        self._engine = engine
        self._config = Config.load(presets.config_path(name))
        lines = presets.samples_path(name).read_text(encoding="utf-8").splitlines()
        self.samples: list[dict[str, Any]] = [json.loads(line) for line in lines]

    async def send(self, sample: dict[str, Any]) -> Outcome:
        [outcome] = await self._engine.handle(self._config, sample)
        assert outcome.status == "delivered", outcome.message
        return outcome

    def members(self, list_id: str) -> set[str]:
        people = {profile["id"]: profile["email"] for profile in self.sandbox.profiles()}
        return {people[profile_id] for profile_id in self.sandbox.members(list_id)}

    def properties(self) -> dict[str, Any]:
        [profile] = self.sandbox.profiles()
        return profile["properties"]


@asynccontextmanager
async def replay(name: str) -> AsyncIterator[Replay]:
    with closing(Sandbox()) as sandbox, served(sandbox) as address:
        transport = httpx.AsyncHTTPTransport()
        async with Engine(KLAVIYO, {"api_key": "pk_sandbox"}, transport, url=address) as engine:
            yield Replay(name, sandbox, engine)


async def test_audiences_as_lists_are_joined_and_left():
    async with replay("engage-audiences") as engage:
        entered, without_setting, exited = engage.samples
        await engage.send(entered)
        await engage.send(without_setting)
        assert engage.members("XyZ12a") == {"mara.ellison@example.com"}  # the audience's setting goes first
        assert engage.members("VmR4Lk") == {"ines.okafor@example.com"}  # then the list that was made for it
        outcome = await engage.send(exited)
        assert [exchange.request.method for exchange in outcome.exchanges] == ["GET", "GET", "DELETE"]
        assert engage.members("XyZ12a") == set()
        assert engage.members("VmR4Lk") == {"ines.okafor@example.com"}
        consent = {each["subscriptions"]["email"]["marketing"]["consent"] for each in engage.sandbox.profiles()}
        assert consent == {"NEVER_SUBSCRIBED"}


async def test_an_audience_as_a_property_is_true_then_false():
    async with replay("engage-audience-traits") as engage:
        entered, exited = engage.samples
        await engage.send(entered)
        assert engage.properties()["recent_lantern_buyers"] is True
        await engage.send(exited)
        assert engage.properties()["recent_lantern_buyers"] is False


async def test_computed_traits_are_properties_from_identify_and_from_track():
    async with replay("engage-computed-traits") as engage:
        identify, track = engage.samples
        await engage.send(identify)
        assert engage.properties()["total_spent_180_days"] == 450.0
        assert engage.properties()["favourite_category"] == "Lanterns"
        track["properties"]["total_spent_180_days"] = 500
        await engage.send(track)
        assert engage.properties()["total_spent_180_days"] == 500


@pytest.mark.parametrize(
    ("at", "metric", "person"),
    [
        (0, "Trade offer step", "mara.ellison@example.com"),
        (1, "Journey step j_o_welcome__second_mail_dje83h", "user_48213"),
    ],
)
async def test_a_journey_step_is_an_event(at: int, metric: str, person: str):
    async with replay("journeys") as engage:
        await engage.send(engage.samples[at])
        [event] = engage.sandbox.events()
        assert (event["metric"], event["person"]) == (metric, person)


async def test_a_journey_step_is_a_list_where_that_mapping_is_on():
    async with replay("journeys") as engage:
        config = engage._config
        [as_list] = [mapping for mapping in config.mappings if mapping.action == "addProfileToList"]
        outcome = await engage._engine.deliver(as_list, engage.samples[0])
        assert engage._engine.bind(as_list).fires(engage.samples[0])
        assert outcome.status == "delivered"
        assert engage.members("VipCst") == {"mara.ellison@example.com"}
