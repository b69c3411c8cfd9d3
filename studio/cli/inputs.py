"""What a command was given, read; what cannot be read becomes a `UsageFailure`."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from studio.cli.failures import UsageFailure
from studio.documents import event_sources, load_config, samples_beside

if TYPE_CHECKING:
    from actions import Config
    from actions.delivery.sources import BadLine, SourceEvent

T = TypeVar("T")


def config_of(path: Path | None) -> Config:
    """The configuration, with every problem told at once where there are any."""
    from actions import ConfigError  # the engine, which `--help` does not need

    try:
        return load_config(path)
    except ConfigError as error:
        raise UsageFailure(f"the configuration cannot be used:\n{error}") from error


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


def items_of(sources: Sequence[str]) -> Iterator[SourceEvent | BadLine]:
    """The events and bad lines of the sources, as a stream."""
    from actions.delivery.sources import SourceError, read_events

    try:
        yield from read_events(sources)
    except SourceError as error:
        raise UsageFailure(str(error)) from error


def perform(work: Coroutine[Any, Any, T]) -> T:
    """Run the asynchronous part of a command; a target that cannot be used becomes a `UsageFailure`."""
    from studio.target import TargetError

    try:
        return asyncio.run(work)
    except TargetError as error:
        raise UsageFailure(str(error)) from error
