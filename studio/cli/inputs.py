"""What a command was given, read; what cannot be read becomes a `UsageFailure`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from studio.cli.failures import UsageFailure
from studio.cli.words import say
from studio.documents import event_sources, load_config, samples_beside

if TYPE_CHECKING:
    from actions import Config, Mapping
    from actions.config.source import Source
    from actions.delivery.sources import BadLine, SourceEvent, Sources

T = TypeVar("T")

_EVENT_SUFFIXES = (".json", ".ndjson", ".jsonl", ".gz")


def config_of(path: Path | None) -> Config:
    """The configuration, with every problem told at once where there are any."""
    from actions import ConfigError  # the engine, which `--help` does not need

    if path is not None and (path.suffix in _EVENT_SUFFIXES or str(path) == "-"):
        raise UsageFailure(f"{path} stands where the configuration belongs; give CONFIG first, then EVENTS.")
    try:
        return load_config(path)
    except ConfigError as error:
        raise UsageFailure(f"the configuration cannot be used:\n{error}") from error


def mappings_only(config: Config, names: Sequence[str]) -> Config:
    """The configuration with the named mappings only; all of them where none is named."""
    from dataclasses import replace

    if not names:
        return config
    known = [mapping.name for mapping in config.mappings]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UsageFailure(f"there is no mapping {unknown[0]!r}; there are {', '.join(known)}.")
    return replace(config, mappings=[mapping for mapping in config.mappings if mapping.name in names])


def enabled(config: Config) -> list[Mapping]:
    """The mappings that are on."""
    return [mapping for mapping in config.mappings if mapping.enabled]


def sources_of(config: Path | None, events: Sequence[str] | None) -> list[str]:
    """The sources of events, each of which can be opened."""
    from actions.delivery.sources import SourceError, check_sources

    sources = event_sources(config, events or ())
    if not sources and config is not None:
        raise UsageFailure(f"no events: name a file, or - for standard input ({samples_beside(config)} is not there).")
    try:
        check_sources(sources)
    except SourceError as error:
        raise UsageFailure(str(error)) from error
    return sources


def opened(sources: Sequence[str]) -> Sources:
    """The sources, to be read once."""
    from actions.delivery.sources import SourceError, Sources

    try:
        return Sources(sources)
    except SourceError as error:
        raise UsageFailure(str(error)) from error


def items_of(sources: Sequence[str]) -> Iterator[SourceEvent | BadLine]:
    """The events and bad lines of the sources, as a stream; each bad line is also told."""
    from actions.delivery.sources import BadLine, SourceError, read_events

    try:
        for item in _interruptible(read_events(sources)):
            if isinstance(item, BadLine):
                say(str(item))
            yield item
    except SourceError as error:
        raise UsageFailure(str(error)) from error


def _interruptible(items: Iterator[T]) -> Iterator[T]:
    """The same items; Ctrl-C ends the wait for the next one at once.

    Otherwise asyncio answers Ctrl-C: it cancels the task when that awaits something, which reading never does.
    """
    import signal

    while True:
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            item = next(items)
        except StopIteration:
            return
        finally:
            signal.signal(signal.SIGINT, before)
        yield item


class Events:
    """The events of the sources, as a stream. Bad lines are told and counted in `bad_lines`; reading goes on."""

    def __init__(self, sources: Sequence[str]) -> None:
        self._sources = sources
        self.bad_lines = 0

    def __iter__(self) -> Iterator[SourceEvent]:
        from actions.delivery.sources import BadLine

        for item in items_of(self._sources):
            if isinstance(item, BadLine):
                self.bad_lines += 1
            else:
                yield item

    async def __aiter__(self) -> AsyncIterator[SourceEvent]:
        """The same for asynchronous commands. Between two events, one that never waits notices Ctrl-C."""
        import asyncio

        for item in self:
            yield item
            await asyncio.sleep(0)


class Rows:
    """The first rows of a model as events, as a stream like `Events`."""

    bad_lines = 0

    def __init__(self, events: Sequence[SourceEvent]) -> None:
        self._events = events

    async def __aiter__(self) -> AsyncIterator[SourceEvent]:
        """The events."""
        for event in self._events:
            yield event


def rows_of(source: Source, config: Path) -> Rows:
    """The first rows of a source's model."""
    from actions.delivery.sources import SourceEvent
    from actions.warehouse.model_rows import model_rows
    from actions.warehouse.warehouse import WarehouseError

    try:
        found = model_rows(source, config.absolute().parent)
    except WarehouseError as error:
        raise UsageFailure(str(error)) from error
    return Rows([SourceEvent(row.event, row.place, number) for number, row in enumerate(found, 1)])


def perform(work: Coroutine[Any, Any, T]) -> T:
    """Run the asynchronous part of a command. What cannot be used becomes a `UsageFailure`."""
    import asyncio
    import sqlite3

    from actions.delivery.sources import SourceError
    from studio.target import TargetError

    try:
        return asyncio.run(work)
    except (TargetError, SourceError) as error:
        raise UsageFailure(str(error)) from error
    except sqlite3.Error as error:
        raise UsageFailure(f"the sandbox's file cannot be used: {error}.") from error
