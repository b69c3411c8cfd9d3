"""Reports and plans of runs, as people read them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from studio.cli.progress import duration
from studio.cli.text import printable

if TYPE_CHECKING:
    from actions.delivery.plan import Plan
    from actions.delivery.report import Report

_SHOWN = 20
_LONGEST_MESSAGE = 600
"""Characters. What an event or an answer puts into a message may be megabytes; `--json` has all of it."""


def report_lines(report: Report, *, going_on: bool = False) -> list[str]:
    """What became of everything, failures with their reasons and a few places; `going_on`, of a run that still runs."""
    events = f"{_counted(report.read - report.bad_lines, 'event')}, {report.unmatched:,} unmatched"
    repeated = f", {_counted(report.duplicates, 'duplicate')}" if report.duplicates else ""
    lines = [f"{events}{repeated}, {_counted(report.bad_lines, 'bad line')}"]
    if not report.complete:
        place = f" at {_near(report.reached)}" if report.reached else ""
        ended = f"it ended{place}. The same command goes on where it was, with what is not counted here."
        lines.append(f"Not complete: {f'it goes on{place}.' if going_on else ended}")
    for (mapping, status), count in sorted(report.outcomes.items()):
        lines.append(f"  {count:>10,}  {status.replace('_', ' '):10}  {_line(mapping)}")
    for tally in report.reasons[:_SHOWN]:
        places = ", ".join(map(_near, report.places(tally)))
        failed = f"{tally.count:,} {tally.status} by {_line(tally.mapping)}"
        what = failed if tally.mapping else _counted(tally.count, "bad line")
        lines += ["", f"{what}, e.g. {places}", _message(tally.message)]
        if tally.messages > 1:
            lines.append(f"  … and the like, {tally.messages:,} messages in all.")
    for mapping, message, count in report.warnings[:_SHOWN]:
        lines += ["", f"{count:,} warned by {_line(mapping)}", _message(message)]
    hidden = max(0, len(report.reasons) - _SHOWN) + max(0, len(report.warnings) - _SHOWN)
    if hidden:
        lines += ["", f"… {hidden:,} more reasons and warnings; --json has them all."]
    return lines


def advice(report: Report, run: str, *, are_written: bool = False) -> str:
    """What to do about what failed, which may be written to a file by now; empty where nothing did."""
    statuses = {status for _, status in report.outcomes}
    lines: list[str] = []
    if statuses & {"invalid", "rejected"}:
        lines.append(f"Repair the mappings or the account, then send again what failed: studio retry {run}")
    if "retryable" in statuses:
        only = " --reason retryable" if lines else ""
        lines.append(f"What is retryable may be taken later: studio retry {run}{only}")
    if "in_job" in statuses and report.complete:
        lines.append(f"Imports that have not ended are followed to their end by: studio retry {run}")
    if report.bad_lines:
        how = "mend them in the file of --failed, and run that" if are_written else "--failed FILE writes them"
        lines.append(f"Bad lines are no events and are not sent again: {how}.")
    return "\n".join(lines)


def plan_lines(plan: Plan) -> list[str]:
    """What a run would do."""
    lines = [line.replace("delivered ", "would go  ") for line in report_lines(plan.report)]
    if plan.uncovered:
        kinds = [f"{count:,} × {_line(kind)}" for kind, count in plan.uncovered[:_SHOWN]]
        lines += ["", f"Nothing fires on {', '.join(kinds)}{' and others' if len(plan.uncovered) > _SHOWN else ''}."]
    for names, count in plan.several:
        lines += ["", f"{count:,} events are taken by several mappings: {_line(', '.join(names))}"]
    if plan.loads:
        lines += ["", f"  {'requests':>10}  {'megabytes':>9}  {'at least':>9}"]
    for load in plan.loads:
        size, lasts = f"{load.bytes / 1e6:,.1f}", duration(load.seconds)
        lines.append(f"  {load.requests:>10,}  {size:>9}  {lasts:>9}  {load.endpoint}")
    lines += ["", f"At the account's limits it lasts at least {duration(plan.seconds)}. Nothing was sent."]
    if plan.consenting:
        people = f"{plan.consenting:,}" if plan.consenting <= 1000 else "more than 1,000"
        lines.append(f"It would change the consent of {people} people.")
    return lines


def _near(place: str) -> str:
    """A place; from this folder on, where it is below it."""
    return _line(place.removeprefix(os.path.join(os.getcwd(), "")))  # noqa: PTH109, PTH118 - `Path` ends in no separator


def _message(text: str) -> str:
    """A message, indented as a whole."""
    shown = text if len(text) <= _LONGEST_MESSAGE else f"{text[:_LONGEST_MESSAGE]}…"
    return f"  {printable(shown)}".replace("\n", "\n  ")


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _line(text: str) -> str:
    return printable(text, one_line=True)
