"""The rows of a source's model, read in a thread, so that neither opening nor typing waits for a database."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

from studio.samples import RowSample

if TYPE_CHECKING:
    from pathlib import Path

    from actions.config.source import Source
    from studio.session import Session
    from studio.tui.app import StudioApp


def read_rows(app: StudioApp) -> None:
    """Begin to read the rows; they become samples when they are there. A source that is broken is told."""
    session = app.session
    source, path = session.config.source, session.path
    if source is None or path is None:
        return
    folder = path.absolute().parent

    def read() -> None:
        rows, problem = rows_of(source, folder)
        with contextlib.suppress(RuntimeError):  # the app has ended meanwhile
            app.call_from_thread(take_rows, app, session, rows, problem)

    # a database may let wait for long, and the app must be able to end meanwhile
    threading.Thread(target=read, name="rows of the source", daemon=True).start()


def take_rows(app: StudioApp, session: Session, rows: list[RowSample], problem: str) -> None:
    """Take what was read, unless another document is open by now."""
    if app.session is not session:
        return
    session.take_rows(rows, problem)
    app.main.show()
    if problem:
        app.notify(problem, severity="warning", timeout=12, markup=False)


def rows_of(source: Source, folder: Path) -> tuple[list[RowSample], str]:
    """The rows as samples; or none, and why."""
    from actions.warehouse.model_rows import model_rows
    from actions.warehouse.warehouse import WarehouseError

    try:
        return [RowSample(row.event) for row in model_rows(source, folder)], ""
    except WarehouseError as error:
        return [], f"The source cannot be looked at, so there are no rows to preview on. {error}"
