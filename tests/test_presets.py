import json
from collections.abc import Iterator

import pytest

import presets
from actions import Config, Engine, Outcome
from actions.klaviyo import KLAVIYO
from actions.klaviyo.sandbox import Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


def samples(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in presets.samples_path(name).read_text().splitlines()]


async def outcomes_of(name: str, sandbox: Sandbox) -> list[Outcome]:
    config = Config.load(presets.config_path(name))
    async with Engine(KLAVIYO, {"api_key": "pk_x"}, sandbox.transport()) as engine:
        return [outcome for event in samples(name) for outcome in await engine.handle(config, event)]


def test_there_are_five_presets_the_starter_first():
    assert presets.names() == ["starter", "ecommerce", "engage", "journeys", "warehouse"]


@pytest.mark.parametrize("name", presets.names())
async def test_every_sample_of_a_preset_is_delivered_or_fires_nothing(name: str, sandbox: Sandbox):
    outcomes = await outcomes_of(name, sandbox)
    assert {outcome.status for outcome in outcomes} <= {"delivered", "unmatched"}, [
        outcome.message for outcome in outcomes if outcome.message
    ]


@pytest.mark.parametrize("name", presets.names())
async def test_every_mapping_of_a_preset_that_is_on_has_a_sample(name: str, sandbox: Sandbox):
    delivering = {outcome.mapping for outcome in await outcomes_of(name, sandbox)}
    config = Config.load(presets.config_path(name))
    assert {mapping.name for mapping in config.mappings if mapping.enabled} <= delivering


def test_the_starter_has_all_eight_actions_and_what_can_do_harm_is_off():
    config = Config.load(presets.config_path("starter"))
    assert {mapping.action for mapping in config.mappings} == set(KLAVIYO.actions)
    assert {mapping.action for mapping in config.mappings if not mapping.enabled} == {
        "unsubscribeProfile",
        "removeProfile",
    }


async def test_engage_puts_people_on_the_audiences_list_and_takes_them_off(sandbox: Sandbox):
    config = Config.load(presets.config_path("engage"))
    entered, exited = samples("engage")[0], samples("engage")[2]
    async with Engine(KLAVIYO, {"api_key": "pk_x"}, sandbox.transport()) as engine:
        await engine.handle(config, entered)
        assert len(sandbox.members("XyZ12a")) == 1
        await engine.handle(config, exited)
        assert sandbox.members("XyZ12a") == []
