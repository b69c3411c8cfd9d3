"""Before a run: its plan, and the question whether the consent of many people is to be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from studio.cli.asking import MANY_PEOPLE, confirm, consent_changing
from studio.cli.failures import EXIT_FAILED, UsageFailure
from studio.cli.inputs import mappings_only, opened, perform

if TYPE_CHECKING:
    from actions import Config
    from actions.delivery.plan import Plan
    from actions.delivery.run import Options, Progress
    from studio.runs import RunRequest


def _planned(config: Config, request: RunRequest, options: Options) -> Plan:
    """What the run would do, found out by reading the input, which may take minutes."""
    from actions.delivery.plan import plan
    from actions.klaviyo import KLAVIYO as DESTINATION
    from studio.cli.progress import show_progress
    from studio.target import SANDBOX_KEY

    sources = opened(request.sources)
    settings = {**config.settings, "api_key": SANDBOX_KEY}

    async def watch(progress: Progress) -> None:
        await show_progress(progress, sources)

    return perform(plan(DESTINATION, config, settings, sources.chunks(), options, watch))


def show_plan(config: Config, request: RunRequest, options: Options, *, as_json: bool) -> int:
    """Print what the run would do; the exit code."""
    from studio.cli.report_text import plan_lines
    from studio.cli.text import json_line

    made = _planned(config, request, options)
    typer.echo(json_line(made.document()) if as_json else "\n".join(plan_lines(made)))
    return EXIT_FAILED if made.report.failed else 0


def ask_about_consent(config: Config, request: RunRequest, options: Options) -> None:
    """Ask before the consent of many people is changed at the real Klaviyo."""
    changing = consent_changing(config)
    if not changing:
        return
    names = ", ".join(changing)
    if "-" in request.sources:
        raise UsageFailure(
            f"this may change the consent of many people ({names}), and standard input cannot be counted first; "
            "give --yes, or --only the other mappings."
        )
    made = _planned(mappings_only(config, changing), request, options)
    if made.consenting <= MANY_PEOPLE:
        return
    question = f"This changes the consent of more than {MANY_PEOPLE:,} people at the real Klaviyo ({names})."
    confirm(question, "Give --yes if that is meant; --plan tells more.")
