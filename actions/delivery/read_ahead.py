"""Reading ahead: a thread reads, so that waiting for input holds nothing else up."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Iterator
from typing import TypeVar

T = TypeVar("T")

_AHEAD = 3


async def read_ahead(items: Iterator[T], over: asyncio.Event) -> AsyncGenerator[T]:
    """The items, a few of them read before they are asked for; none any more once it is `over`.

    What reading raises is raised here. The thread does not keep the program from ending, since it may wait for input
    that never comes.
    """
    loop = asyncio.get_running_loop()
    ready: asyncio.Queue[T | _End] = asyncio.Queue()
    room = threading.Semaphore(_AHEAD)
    left = threading.Event()

    def read() -> None:
        end = _End(None)
        try:
            for item in items:
                room.acquire()
                if left.is_set():
                    return
                loop.call_soon_threadsafe(ready.put_nowait, item)
        except BaseException as error:
            end = _End(error)
        try:
            loop.call_soon_threadsafe(ready.put_nowait, end)
        except RuntimeError:
            return  # nobody waits any more

    threading.Thread(target=read, name="read ahead", daemon=True).start()
    end = asyncio.create_task(over.wait())
    try:
        while True:
            following = asyncio.create_task(ready.get())
            await asyncio.wait((following, end), return_when=asyncio.FIRST_COMPLETED)
            if not following.done():
                following.cancel()
                return
            item = following.result()
            if isinstance(item, _End):
                break
            room.release()
            yield item
        if item.error is not None:
            raise item.error
    finally:
        end.cancel()
        left.set()
        room.release()


class _End:
    """Behind the last item: what ended the reading."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error
