"""`studio run`: headless delivery, on record, with a report."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from studio.cli import arguments
from studio.cli.durations import seconds_of
from studio.cli.failures import EXIT_FAILED, EXIT_INTERRUPTED, UsageFailure, command
from studio.cli.inputs import config_of, enabled, mappings_only, opened, perform, sources_of
from studio.cli.run_journal import choose_journal, is_unbegun, named_journal, remove, request_of, usual_journal
from studio.cli.run_plan import ask_about_consent, show_plan
from studio.cli.text import printable
from studio.cli.words import say
from studio.runs import REPLACED, RUNNING, RunRequest, facts_of_sitting, name_of
from studio.target import KLAVIYO, SANDBOX

if TYPE_CHECKING:
    from actions import Config
    from actions.delivery.journal import Journal
    from actions.delivery.lines import BadLine
    from actions.delivery.run import Options

_TOLD_BAD_LINES = 100

EXAMPLES = arguments.example(
    """\
  studio run                                     the starter preset with its samples
  studio run shop.toml events.ndjson.gz          a file of any size to the sandbox
  studio run shop.toml exports/ --plan           what it would send, and how long it would take
  zcat *.gz | studio run shop.toml - --to klaviyo --json > report.json
  studio run --resume 20261124                   go on with a run that was broken off"""
)


@dataclass(frozen=True, slots=True)
class _Way:
    """How a run is to be done, beside what it is to do."""

    fresh: bool
    give_up: float
    options: Options
    resumed: bool
    can_restart: bool


@command
def run_events(  # noqa: PLR0913, PLR0917 - each is an option of the command
    config: arguments.Config = None,
    events: arguments.Events = None,
    to: arguments.To = SANDBOX,
    fresh: arguments.Fresh = False,
    only: arguments.Only = None,
    skip: Annotated[int, typer.Option("--skip", min=0, metavar="N", help="Pass over the first N events.")] = 0,
    limit: Annotated[int | None, typer.Option("--limit", min=1, metavar="N", help="Read N events at most.")] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Say what would be sent, and send nothing.")] = False,
    wait: arguments.Wait = False,
    workers: arguments.Workers = arguments.CORES,
    give_up: arguments.GiveUp = arguments.FOUR_HOURS,
    journal: Annotated[
        Path | None, typer.Option("--journal", metavar="FILE", help="Keep the record of the run in this file.")
    ] = None,
    resume: Annotated[str | None, typer.Option("--resume", metavar="RUN", help="Go on with this run.")] = None,
    restart: Annotated[
        bool, typer.Option("--restart", help="Begin anew, though a run of this command was broken off.")
    ] = False,
    failed: arguments.FailedFile = None,
    yes: arguments.Yes = False,
    as_json: arguments.AsJson = False,
) -> int:
    """Deliver events headless, in batches, at the speed that the account accepts, and report what became of each.

    A run that was broken off goes on where it was when the same command is given again.
    """
    from actions.delivery.run import Options  # the engine, which `--help` does not need
    from studio.cli.report_output import refuse_failed_file

    path = None if resume is None else named_journal(resume)
    if path is not None and (config or events or only or skip or limit or journal or fresh or restart or to != SANDBOX):
        raise UsageFailure(
            "--resume goes on with what the run was asked to do, by its configuration as it is now: leave out CONFIG, "
            "EVENTS, --to, --fresh, --only, --skip, --limit, --journal and --restart."
        )
    if path is None:
        loaded = config_of(config)
        request = RunRequest.of(config, sources_of(config, events), to, only or (), skip, limit)
    else:
        request = request_of(path)
        loaded = config_of(None if request.config is None else Path(request.config))
    loaded = mappings_only(loaded, request.only)
    options = Options(skip=request.skip, limit=request.limit, workers=workers, wait=wait)
    patience = seconds_of(give_up, "--give-up")
    if plan:
        if failed is not None:
            say(f"with --plan nothing is written to {failed}.")
        return show_plan(loaded, request, options, as_json=as_json)
    if not yes and request.to == KLAVIYO:
        ask_about_consent(loaded, request, options)
    restart = restart or fresh
    if failed is not None:
        refuse_failed_file(failed, [*request.sources, request.config, journal or path])
    if path is None:
        path, resumed = choose_journal(request, journal, restart=restart)
    else:
        resumed = True
    can_restart = resume is None and journal is None and "-" not in request.sources
    way = _Way(fresh, patience, options, resumed, can_restart)
    return _run(loaded, request, path, way, failed, as_json=as_json)


def _run(config: Config, request: RunRequest, path: Path, way: _Way, failed: Path | None, *, as_json: bool) -> int:
    from actions.delivery.fingerprint import InputChanged
    from actions.delivery.journal import Journal, JournalError
    from studio.cli.report_output import finish

    run = name_of(path)
    is_there = path.exists()
    try:
        journal = Journal(path)
    except JournalError as error:
        if not is_there:  # a full disk may leave a file that is no journal
            remove(path)
        raise UsageFailure(str(error)) from error
    try:
        with journal:
            state = journal.about.get("state")
            if way.resumed:
                say(f"going on with run {run}, which was {'killed' if state == RUNNING else 'broken off'}.")
                _tell_of_changes(journal, config)
            try:
                interrupted = perform(_deliver(config, request, journal, way))
            except UsageFailure:
                unbegun = is_unbegun(journal.about)
                journal.close()
                if unbegun:  # nothing to go on with, and nothing to list
                    remove(path)
                raise
            except InputChanged:
                if not way.can_restart:
                    is_read_once = "-" in request.sources
                    sent = (
                        "what stands before the difference may have been sent" if is_read_once else "nothing was sent"
                    )
                    raise UsageFailure(
                        f"this is not the input that run {run} has read; {sent}. Give the same input, or begin anew "
                        "with --restart."
                    ) from None
                with journal.transaction():
                    journal.note(**facts_of_sitting(REPLACED))
            else:
                code = finish(journal, run, failed, as_json=as_json)
                return EXIT_INTERRUPTED if interrupted else code
    except JournalError as error:
        say(str(error))
        return EXIT_FAILED
    say(f"the input is not the one that run {run} has read, so a new run begins.")
    anew = _Way(way.fresh, way.give_up, way.options, resumed=False, can_restart=False)
    return _run(config, request, usual_journal(), anew, failed, as_json=as_json)


async def _deliver(config: Config, request: RunRequest, journal: Journal, way: _Way) -> bool:
    """Do the run; whether somebody ended it."""
    import asyncio  # `--help` does without all of these

    from actions.delivery.fingerprint import verify
    from actions.delivery.run import Run
    from actions.retrying import Retrying
    from actions.waiting import Waiting
    from studio.cli.sitting import deliver
    from studio.target import open_engine

    waiting = Waiting()
    sources = opened(request.sources)
    if way.resumed and sources.size is not None:  # what can be read twice
        await asyncio.to_thread(verify, opened(request.sources).chunks(), journal.about)
    retrying = Retrying(give_up=way.give_up)
    async with open_engine(
        request.to,
        config.settings,
        mappings=enabled(config),
        fresh=way.fresh,
        retries=retrying,
        waiting=waiting,
        paced=True,
    ) as engine:
        with journal.transaction():
            facts = facts_of_sitting(RUNNING, pid=os.getpid())
            own = {"mappings": _mappings_digest(config), **facts}
            journal.note(**({} if way.resumed else {**request.facts(), "began": facts["changed"]}), **own)
        run = Run(engine, config.mappings, journal, waiting, way.options, _Telling())
        await deliver(run, sources, journal, waiting)
    return waiting.called_off


def _tell_of_changes(journal: Journal, config: Config) -> None:
    """Say so where a run goes on by other mappings than before."""
    if journal.about.get("mappings", "") not in ("", _mappings_digest(config)):
        say("the mappings have changed since. What is settled stays as it is; the rest goes by them as they are now.")


def _mappings_digest(config: Config) -> str:
    import hashlib

    return hashlib.sha256(repr([mapping for mapping in config.mappings if mapping.enabled]).encode()).hexdigest()


class _Telling:
    """Tells bad lines as they are found, as many as somebody may want to read."""

    def __init__(self) -> None:
        self._told = 0

    def __call__(self, line: BadLine) -> None:
        self._told += 1
        if self._told <= _TOLD_BAD_LINES:
            say(printable(str(line), one_line=True))
        elif self._told == _TOLD_BAD_LINES + 1:
            say("there are more bad lines; the journal keeps them all, and --failed FILE writes them.")
