"""`studio sandbox`: serve the local Klaviyo over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from studio.cli import arguments
from studio.cli.failures import UsageFailure, command
from studio.cli.words import tell

if TYPE_CHECKING:
    import socket

EXAMPLES = arguments.example(
    """\
  studio sandbox                                 on http://127.0.0.1:8900
  studio sandbox --limits --faults 429=0.1,500=0.05
  studio send shop.toml order.json --to http://127.0.0.1:8900"""
)


@command
def sandbox(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="The port; 0 takes a free one.")] = 8900,
    fresh: arguments.Fresh = False,
    limits: Annotated[bool, typer.Option("--limits", help="Apply Klaviyo's rate limits.")] = False,
    faults: Annotated[
        str | None,
        typer.Option(
            "--faults",
            metavar="SHARES",
            help="Fail on purpose: shares of 429, 500, 503, 403 (HTML), drop and import, and delay=SECONDS.",
        ),
    ] = None,
    job_seconds: Annotated[float, typer.Option("--job-seconds", min=0, help="How long bulk imports take.")] = 0.0,
) -> None:
    """Serve the sandbox on this machine until Ctrl-C. Its state is the one that `--to sandbox` uses."""
    import uvicorn  # a web server, for this command only

    from actions.klaviyo.sandbox import Faults
    from studio.target import TargetError, open_sandbox

    try:
        chosen = Faults.parse(faults) if faults else None
        served = open_sandbox(fresh=fresh, limits=limits, faults=chosen, job_seconds=job_seconds)
    except (ValueError, TargetError) as error:
        raise UsageFailure(str(error)) from error
    try:
        listener = _listen(port)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        tell(f"The sandbox answers on {address} to any key that begins with pk_. Ctrl-C ends it.")
        server = uvicorn.Server(uvicorn.Config(served.app, log_level="warning", lifespan="off"))
        server.run(sockets=[listener])
    finally:
        served.close()


def _listen(port: int) -> socket.socket:
    import socket

    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen()  # from here on nobody is turned away, though the server is still starting
    except OSError as error:
        listener.close()
        raise UsageFailure(f"port {port} cannot be used ({error.strerror}); choose another with --port.") from error
    return listener
