"""An account for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from sandbox_account import Account, open_account


@pytest_asyncio.fixture
async def account() -> AsyncIterator[Account]:
    async with open_account() as opened:
        yield opened
