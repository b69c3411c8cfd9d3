"""`studio sync`: rows of a warehouse that have changed since the last sync, delivered like a run."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from studio.cli import arguments
from studio.cli.durations import seconds_of
from studio.cli.failures import UsageFailure, command
from studio.cli.inputs import config_of, mappings_only
from studio.cli.words import tell
from studio.target import SANDBOX

if TYPE_CHECKING:
    from actions import Config
    from actions.warehouse.sync import Sync

EXAMPLES = arguments.example(
    """\
  studio sync shop.toml --plan           what has changed since the last sync, with examples; sends nothing
  studio sync shop.toml                  send it to the sandbox
  studio sync shop.toml --to klaviyo     send it to the real Klaviyo, which has a state of its own
  studio sync shop.toml --full           send every row again
  studio sync shop.toml --reset          forget what was synced: every row is added at the next sync"""
)


@command
def sync(  # noqa: PLR0913, PLR0917 - each is an option of the command
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="A configuration (TOML) with a [source].")],
    to: arguments.To = SANDBOX,
    only: arguments.Only = None,
    plan: Annotated[bool, typer.Option("--plan", help="Say what has changed, and send nothing.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Send every row, whether it has changed or not.")] = False,
    reset: Annotated[bool, typer.Option("--reset", help="Forget what was synced, and send nothing.")] = False,
    wait: arguments.Wait = False,
    workers: arguments.Workers = arguments.CORES,
    give_up: arguments.GiveUp = arguments.FOUR_HOURS,
    yes: arguments.Yes = False,
    as_json: arguments.AsJson = False,
) -> int:
    """Deliver the rows of the configuration's model that were added, updated or deleted since the last sync.

    What failed is taken up again by the next sync, with the newest row. A sync that was broken off goes on where it
    was when the same command is given again.
    """
    from actions.delivery.run import Options  # the engine, which `--help` does not need
    from actions.warehouse.warehouse import WarehouseError
    from studio.cli.sync_delivery import Delivery, Way
    from studio.cli.sync_plan import show_plan, tell_forgotten
    from studio.warehouses import open_sync

    patience = seconds_of(give_up, "--give-up")
    loaded = mappings_only(config_of(config), only or ())
    if loaded.source is None:
        raise UsageFailure(
            f"{config} has no [source], the table that names a model of a warehouse; `studio init --preset warehouse` "
            "writes one. Events of files are delivered by `studio run`."
        )
    if sum((plan, full and not plan, reset)) > 1:
        raise UsageFailure("--plan, --full and --reset do not go together; give one of them (--plan --full is fine).")
    try:
        warehouse, own = open_sync(loaded, config, to)
        with closing(warehouse):
            if reset:
                return _reset(own, loaded, to)
            if plan:
                code = show_plan(own, loaded, full=full, as_json=as_json)
                if not only:
                    tell_forgotten(own)
                return code
            way = Way(to, patience, Options(workers=workers, wait=wait), full=full, yes=yes, as_json=as_json)
            return Delivery(own, loaded, config, way).run()
    except WarehouseError as error:
        raise UsageFailure(str(error)) from error


def _reset(own: Sync, config: Config, to: str) -> int:
    names = own.reset([mapping.name for mapping in config.mappings])
    if names:
        tell(f"Forgot what was synced to {to} by {', '.join(names)}. At the next sync every row is added.")
    else:
        tell(f"Nothing was synced to {to} yet.")
    return 0
