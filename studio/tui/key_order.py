"""Keys in the order in which they were typed, however quickly they come.

A slow line delivers many at once. Textual does some of them the moment they come (Enter, ctrl+s) and others once they
have gone through every widget up to the app (ctrl+u), while letters wait in the queue of the line that is typed in.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from textual.app import App
from textual.events import Key
from textual.message_pump import MessagePump

_LONGEST = 0.5
"""Seconds to wait for a key that a widget took with it when it went."""


class KeyOrder:
    """One key at a time: the next is done when the one before it has been through all queues that it goes through."""

    def __init__(self, app: App[None], perform: Callable[[Key], Awaitable[None]]) -> None:
        self._app = app
        self._perform = perform
        self._waiting: deque[Key] = deque()
        self._under_way: Key | None = None

    async def take(self, key: Key) -> None:
        """Do a key now, or when its turn comes."""
        if self._under_way is not None:
            self._waiting.append(key)
            return
        self._under_way = key
        path: list[MessagePump] = [*(self._app.focused or self._app.screen).ancestors_with_self]
        await self._perform(key)
        asyncio.get_running_loop().call_later(_LONGEST, self._app.call_later, self._done, key)
        self._follow(key, path)

    def _follow(self, key: Key, path: list[MessagePump]) -> None:
        """Go behind a key from queue to queue."""
        while path:
            if path.pop(0).call_later(self._follow if path else self._done, *((key, path) if path else (key,))):
                return
        self._app.call_later(self._done, key)

    def _done(self, key: Key) -> None:
        """Where another key waits, go behind what this one has asked for: that the focus moves, and what that does."""
        if self._waiting:
            self._app.call_later(self._settle, key)
        elif key is self._under_way:
            self._under_way = None

    def _settle(self, key: Key) -> None:
        if not (self._app.focused or self._app.screen).call_later(self._app.call_later, self._next, key):
            self._app.call_later(self._next, key)

    async def _next(self, key: Key) -> None:
        if key is self._under_way:
            self._under_way = None
            if self._waiting:
                await self.take(self._waiting.popleft())
