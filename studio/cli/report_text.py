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


def report_lines(report: Report) -> list[str]:
    """What became of everything, failures with their reasons and a few places."""
    events = f"{report.read - report.bad_lines:,} events, {report.unmatched:,} unmatched"
    repeated = f", {report.duplicates:,} duplicates" if report.duplicates else ""
    lines = [f"{events}{repeated}, {report.bad_lines:,} bad lines"]
    if not report.complete:
        place = f" at {_near(report.reached)}" if report.reached else ""
        lines.append(f"Not complete: it ended{place}. The same command goes on where it was.")
    for (mapping, status), count in sorted(report.outcomes.items()):
        lines.append(f"  {count:>10,}  {status.replace('_', ' '):10}  {_line(mapping)}")
    for tally in report.reasons[:_SHOWN]:
        places = ", ".join(map(_near, report.places(tally)))
        what = f"{tally.status} by {_line(tally.mapping)}" if tally.mapping else "bad lines"
        lines += ["", f"{tally.count:,} {what}, e.g. {places}", f"  {printable(tally.message)}"]
        if tally.messages > 1:
            lines.append(f"  … and the like, {tally.messages:,} messages in all.")
    for mapping, message, count in report.warnings[:_SHOWN]:
        lines += ["", f"{count:,} warned by {_line(mapping)}", f"  {printable(message)}"]
    hidden = max(0, len(report.reasons) - _SHOWN) + max(0, len(report.warnings) - _SHOWN)
    if hidden:
        lines += ["", f"… {hidden:,} more reasons and warnings; --json has them all."]
    return lines


def advice(report: Report, run: str) -> str:
    """What to do about what failed; empty where nothing did."""
    statuses = {status for _, status in report.outcomes}
    lines: list[str] = []
    if statuses & {"invalid", "rejected"}:
        lines.append(f"Repair the mappings or the account, then send again what failed: studio retry {run}")
    if "retryable" in statuses:
        only = " --reason retryable" if lines else ""
        lines.append(f"What is retryable may be taken later: studio retry {run}{only}")
    if report.bad_lines:
        lines.append("Bad lines are no events and are not sent again: --failed FILE writes them, to be mended and run.")
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


def _line(text: str) -> str:
    return printable(text, one_line=True)
