"""A sync being done: first what was broken off, then what has changed since; each mapping is a run with a journal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from studio.cli.asking import MANY_PEOPLE, confirm, consent_changing
from studio.cli.failures import EXIT_FAILED, EXIT_INTERRUPTED, UsageFailure
from studio.cli.inputs import perform
from studio.cli.sync_text import Done, report_document, report_text, warnings_of
from studio.cli.text import json_line, printable
from studio.cli.words import say, silence, tell
from studio.runs import FINISHED, RUNNING, RunRequest, facts_of_sitting, new_journal
from studio.target import KLAVIYO

if TYPE_CHECKING:
    from actions import Config
    from actions.delivery.journal import Journal
    from actions.delivery.lines import Chunk
    from actions.delivery.run import Options
    from actions.warehouse.comparison import UnusableRows
    from actions.warehouse.sync import Comparison, Part, Sync


@dataclass(frozen=True, slots=True)
class Way:
    """How a sync is to be done."""

    to: str
    give_up: float
    options: Options
    full: bool
    yes: bool
    as_json: bool


class Interrupted(Exception):
    """Somebody has ended the sync; the same command goes on with it."""


class Delivery:
    """A sync that is done, and told."""

    def __init__(self, sync: Sync, config: Config, path: Path, way: Way) -> None:
        self._sync = sync
        self._config = config
        self._path = path
        self._way = way
        self._mappings = {mapping.name: mapping for mapping in config.mappings}
        self._done: list[Done] = []
        self._account: str | None = None
        """The id of the account that rows go to, where it is known."""

    def run(self) -> int:
        """Do it; the exit code. Raises `WarehouseError`."""
        from actions.delivery.journal import JournalError

        self._check_account()
        unusable: list[UnusableRows] = []
        rows: int | None = None
        code = 0
        try:
            for part in self._sync.under_way():
                say(f"going on with the sync of {part.mapping}, which was broken off.")
                self._deliver(part, resumed=True)
            with self._sync.compared(full=self._way.full) as comparison:
                rows, unusable = comparison.rows, comparison.unusable
                for words in warnings_of(comparison):
                    say(words)
                self._ask(comparison)
                parts = comparison.keep({name: new_journal() for name in comparison.changes})
            for part in parts:
                self._deliver(part, resumed=False)
        except Interrupted:
            code = EXIT_INTERRUPTED
        except JournalError as error:
            say(str(error))
            code = EXIT_FAILED
        self._tell(rows, unusable)
        failed = bool(unusable) or any(done.report is not None and done.report.failed for done in self._done)
        return code or (EXIT_FAILED if failed else 0)

    def _check_account(self) -> None:
        """Raise `UsageFailure` where the key is of another account than what was synced: that one has none of it."""
        if self._way.to != KLAVIYO:
            return
        found = perform(self._find_account())
        self._account = found.get("id")
        others = {
            name: account
            for name, account in self._sync.accounts().items()
            if name in self._mappings and self._account not in (None, account)
        }
        if others:
            told = ", ".join(f"{name} to {account}" for name, account in sorted(others.items()))
            raise UsageFailure(
                f"the API key is of the account {self._account} ({found.get('name') or 'without a name'}), but what "
                f"was synced went to another: {told}. Nothing was sent. Use that one's key, or begin anew with this "
                "account by --reset. To sync to both, let each have a configuration of its own."
            )

    async def _find_account(self) -> dict[str, Any]:
        """The account's `id` and `name`; nothing where the key may not read that."""
        from studio.target import open_engine

        async with open_engine(self._way.to, self._config.settings) as engine:
            return (await engine.authenticate()).payload or {}

    def _tell(self, rows: int | None, unusable: list[UnusableRows]) -> None:
        document = report_document(rows, unusable, self._done)
        text = json_line(document) if self._way.as_json else report_text(rows, self._done)
        try:
            if text:
                typer.echo(text)
        except BrokenPipeError:  # the delivery is done, and its exit code says how
            silence(sys.stdout)
        if any(done.report is not None and done.report.reasons for done in self._done):
            tell("What failed is taken up again by the next sync, with the newest row.")

    def _ask(self, comparison: Comparison) -> None:
        """Ask before everything is sent again, and before many people are concerned at the real Klaviyo."""
        for name, change in comparison.column_changes.items():
            text = (
                f"The model's columns have changed since the last sync of {name}: {change.words}. So {change.rows:,} "
                f"rows of {comparison.rows:,} count as updated and would be sent again."
            )
            confirm(text, "Give --full if that is meant; --plan shows what would be sent.")
        if self._way.yes or self._way.to != KLAVIYO:
            return
        changing = consent_changing(self._config)
        for name, found in comparison.changes.items():
            if name in changing and found.taken > MANY_PEOPLE:
                text = f"This changes the consent of up to {found.taken:,} people at the real Klaviyo ({name})."
                confirm(text, "Give --yes if that is meant; --plan tells more.")
            if found.loses_many and found.takes_deleted:
                text = f"{found.deleted:,} of the {found.known:,} rows that {name} has synced would go as deleted."
                confirm(text, "Give --yes if that is meant; --plan tells more.")

    def _deliver(self, part: Part, *, resumed: bool) -> None:
        """Deliver a part and take what became of it as the new state. Raises `Interrupted`."""
        from actions.delivery.journal import Journal
        from actions.delivery.report import Report

        if not part.count:
            self._sync.settle(part, None, self._account)
            self._done.append(Done(part, None, resumed))
            return
        with Journal(part.journal) as journal:
            if journal.about.get("state") != FINISHED and not perform(self._send(part, journal)):
                self._done.append(Done(part, Report.of(journal), resumed))
                raise Interrupted
            self._sync.settle(part, journal, self._account)
            self._done.append(Done(part, Report.of(journal), resumed))

    async def _send(self, part: Part, journal: Journal) -> bool:
        """Send what a part has; whether every outcome is known."""
        from actions.delivery.run import Run
        from actions.retrying import Retrying
        from actions.waiting import Waiting
        from studio.cli.sitting import deliver
        from studio.target import open_engine

        way, waiting = self._way, Waiting()
        mapping = self._mappings[part.mapping]
        rows = _Rows(self._sync.chunks(part), part.count)
        async with open_engine(
            way.to,
            self._config.settings,
            mappings=[mapping],
            retries=Retrying(give_up=way.give_up),
            waiting=waiting,
            paced=True,
        ) as engine:
            with journal.transaction():
                journal.note(**self._facts(part, journal), **facts_of_sitting(RUNNING, pid=os.getpid()))
            run = Run(engine, [mapping], journal, waiting, way.options)
            return await deliver(run, rows, journal, waiting)

    def _facts(self, part: Part, journal: Journal) -> dict[str, str]:
        """What the journal notes when its run begins."""
        if "request" in journal.about:
            return {}
        name = printable(part.mapping, one_line=True)
        request = RunRequest(
            str(self._path.absolute()), [f"the warehouse, rows of {name}"], self._way.to, [part.mapping]
        )
        return {**request.facts(), "sync": part.sync, "began": part.moment}


class _Rows:
    """The rows of a part, counted as they are read."""

    def __init__(self, chunks: Iterator[Chunk], size: int) -> None:
        self._chunks = chunks
        self.size: int | None = size
        self.done = 0

    def chunks(self) -> Iterator[Chunk]:
        """The events, in chunks."""
        for chunk in self._chunks:
            self.done += len(chunk)
            yield chunk
