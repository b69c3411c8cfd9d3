"""`studio init`, `studio check`, `studio actions`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import documents

import presets


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("preset", presets.names())
def test_a_preset_is_written_with_its_samples_and_is_sound(studio, preset):
    result = studio("init", "shop", "--preset", preset)
    assert result.exit_code == 0
    assert Path("shop.toml").read_bytes() == presets.config_path(preset).read_bytes()
    assert "Next: studio preview shop.toml" in result.stdout
    assert studio("check", "shop.toml").exit_code == 0
    assert studio("run", "shop.toml").exit_code == 0


def test_what_is_there_is_kept_unless_forced(studio):
    Path("klaviyo.samples.ndjson").write_text("mine")
    result = studio("init")
    assert result.exit_code == 2
    assert "already there: klaviyo.samples.ndjson; --force replaces" in result.stderr
    assert Path("klaviyo.samples.ndjson").read_text() == "mine"
    assert not Path("klaviyo.toml").exists()
    assert studio("init", "--force").exit_code == 0
    assert Path("klaviyo.samples.ndjson").read_text() != "mine"


def test_a_wrong_preset_is_answered_with_the_right_ones(studio):
    result = studio("init", "--preset", "nothing")
    assert result.exit_code == 2
    assert "'nothing'; there are starter, " in result.stderr


def test_a_folder_that_is_not_there_is_told(studio):
    result = studio("init", "nowhere/shop")
    assert result.exit_code == 2
    assert "nowhere/shop.samples.ndjson cannot be written: No such file or directory." in result.stderr
    assert list(Path().iterdir()) == []


def test_check_tells_errors_with_their_lines_and_ends_with_1(studio, config):
    config.write_text(config.read_text().replace('"upsertProfile"', '"upsertProfil"'))
    result = studio("check", config)
    assert result.exit_code == 1
    assert f"{config}:6: error: " in result.stdout
    assert result.stderr.startswith(f"{config}: 1 error, ")
    found = documents(studio("check", config, "--json").stdout)
    assert [(item["line"], item["severity"]) for item in found if item["severity"] == "error"] == [(6, "error")]


def test_check_of_a_sound_configuration_ends_with_0(studio):
    studio("init")
    assert studio("check", "klaviyo.toml").exit_code == 0


def test_actions_lists_all_and_describes_one(studio):
    from actions.klaviyo import KLAVIYO
    from actions.values import Missing

    listed = studio("actions").stdout
    for action in KLAVIYO.actions.values():
        assert f"{action.slug} " in listed
        described = studio("actions", action.slug).stdout
        assert action.trigger in described
        for key, field in action.fields.items():
            assert f"  {key}  {field.label}" in described
            if not isinstance(field.default, Missing):
                assert f"default {json.dumps(field.default)}" in " ".join(described.split())
    result = studio("actions", "nothing")
    assert result.exit_code == 2
    assert "there is no action 'nothing'; there are upsertProfile, " in result.stderr


def test_actions_as_json_has_the_schema(studio):
    [document] = documents(studio("actions", "upsertProfile", "--json").stdout)
    assert document["slug"] == "upsertProfile"
    assert "email" in json.dumps(document["schema"])
    assert len(documents(studio("actions", "--json").stdout)) == 8
