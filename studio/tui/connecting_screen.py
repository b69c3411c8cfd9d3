"""While lists are found or made: says so, keeps the document as it is, and can be given up."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from actions.destination import Connection
from studio.cli.text import shortened
from studio.tui.dialog import Dialog

_NAMES_SHOWN = 5
_LONGEST = 60


class ConnectingScreen(Dialog[list[Connection] | None]):
    """Does the work and dismisses with what came of it, or None where somebody did not wait for it."""

    DEFAULT_CSS = """
    ConnectingScreen #told { width: auto; max-width: 72; padding: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel", tooltip="Do not wait for it"),
    ]

    def __init__(self, place: str, names: Sequence[str], work: Coroutine[Any, Any, list[Connection]]) -> None:
        super().__init__("Connecting to lists", small=True)
        self._place = place
        self._names = names
        self._work = work

    def contents(self) -> ComposeResult:
        """What is going on."""
        listed = ", ".join(shortened(name, _LONGEST) for name in self._names[:_NAMES_SHOWN])
        yield Static(Content(f"Asking {self._place} for the lists of {listed} … escape cancels it."), id="told")

    def on_mount(self) -> None:
        self._do()

    @work
    async def _do(self) -> None:
        """Ends with the screen."""
        self.dismiss(await self._work)
