from __future__ import annotations

from contextlib import closing

import pytest

from studio.target import SANDBOX, TargetError, copy_sandbox, open_engine, open_sandbox

EMAIL = "ann@example.com"


async def accepts(target: str) -> str:
    async with open_engine(target, {}) as engine:
        return (await engine.authenticate()).status


async def test_the_sandbox_needs_no_key():
    assert await accepts(SANDBOX) == "delivered"


async def test_an_address_on_this_machine_goes_past_a_proxy(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.invalid:1")
    async with open_engine("http://127.0.0.1:9", {}) as engine:
        outcome = await engine.authenticate()
    assert outcome.status == "retryable"
    assert "All connection attempts failed" in (outcome.message or "")  # refused here, where a proxy is not found


@pytest.mark.parametrize("key", ["", " \n"])
async def test_an_empty_key_is_no_key(monkeypatch: pytest.MonkeyPatch, key: str):
    monkeypatch.setenv("KLAVIYO_API_KEY", key)
    with pytest.raises(TargetError, match="KLAVIYO_API_KEY is not set"):
        await accepts("klaviyo")


async def test_a_key_that_none_can_be_is_not_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("KLAVIYO_API_KEY", "pk_schlüssel")
    with pytest.raises(TargetError) as caught:
        await accepts("klaviyo")
    assert "schl" not in str(caught.value)


def test_a_copy_goes_its_own_way():
    with closing(open_sandbox()) as sandbox:
        before = sandbox.counts()
        with closing(copy_sandbox()) as copy:
            copy.erase()
            assert copy.counts() == before
        assert sandbox.counts() == before


def test_a_copy_of_none_is_a_new_one(tmp_path):
    with closing(copy_sandbox()) as copy:
        assert copy.counts()["profiles"] == 0
    assert not (tmp_path / "data").exists()
