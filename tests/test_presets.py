"""The configurations to start from: sound, and every sample of theirs does what it is there to show."""

from __future__ import annotations

import json
from contextlib import closing
from typing import Any

import pytest

import presets
from actions import Config, Engine, Outcome
from actions.config.checks import check_file
from actions.config.writing import write
from actions.klaviyo import KLAVIYO
from actions.klaviyo.sandbox import Sandbox

NAMES = presets.names()
UNMATCHED = {
    # what no mapping takes: calls that Klaviyo has no use for, and events of mappings that are off
    "starter": [("track", "User Unsubscribed"), ("page", None)],
    "warehouse": [("track", "deleted")],
}


def samples(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in presets.samples_path(name).read_text(encoding="utf-8").splitlines()]


async def handled(name: str) -> list[tuple[dict[str, Any], list[Outcome]]]:
    """The samples with what became of each in one new sandbox."""
    config = Config.load(presets.config_path(name))
    with closing(Sandbox()) as sandbox:
        async with Engine(KLAVIYO, {"api_key": "pk_sandbox"}, sandbox.transport()) as engine:
            return [(event, await engine.handle(config, event)) for event in samples(name)]


def test_the_starter_comes_first() -> None:
    assert NAMES[0] == presets.STARTER
    assert len(NAMES) == len(set(NAMES)) >= 5


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_has_neither_problem_nor_trap(name: str) -> None:
    assert check_file(presets.config_path(name)) == []


@pytest.mark.parametrize("name", NAMES)
async def test_every_sample_is_delivered_or_meant_to_be_left_alone(name: str) -> None:
    unmatched: list[tuple[str, str | None]] = []
    for event, outcomes in await handled(name):
        if outcomes[0].status == "unmatched":
            unmatched.append((event["type"], event.get("event")))
        else:
            assert [(outcome.status, outcome.message, outcome.warnings) for outcome in outcomes] == [
                ("delivered", None, [])
            ]
    assert unmatched == UNMATCHED.get(name, [])


@pytest.mark.parametrize("name", NAMES)
async def test_every_mapping_that_is_on_has_a_sample(name: str) -> None:
    fired = {outcome.mapping for _, outcomes in await handled(name) for outcome in outcomes}
    on = {mapping.name for mapping in Config.load(presets.config_path(name)).mappings if mapping.enabled}
    assert on - fired == set()


@pytest.mark.parametrize("name", NAMES)
async def test_a_mapping_that_is_off_works_when_it_is_turned_on(name: str) -> None:
    config = Config.load(presets.config_path(name))
    with closing(Sandbox()) as sandbox:
        async with Engine(KLAVIYO, {"api_key": "pk_sandbox"}, sandbox.transport()) as engine:
            for event in samples(name):
                await engine.handle(config, event)
            for mapping in config.mappings:
                for event in samples(name) if not mapping.enabled else []:
                    if engine.bind(mapping).fires(event):
                        outcome = await engine.deliver(mapping, event)
                        assert outcome.status in ("delivered", "invalid"), outcome.message
                        assert outcome.status == "delivered" or "No profiles found" in (outcome.message or "")


def test_the_starter_has_every_action() -> None:
    config = Config.load(presets.config_path(presets.STARTER))
    assert {mapping.action for mapping in config.mappings} == set(KLAVIYO.actions)


@pytest.mark.parametrize("name", NAMES)
def test_the_ids_of_samples_are_their_own(name: str) -> None:
    ids = [event["messageId"] for event in samples(name)]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_written_anew_says_the_same(name: str) -> None:
    config = Config.load(presets.config_path(name))
    assert Config.loads(write(config.document())) == config
