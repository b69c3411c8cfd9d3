"""While the account is asked for something: says so, keeps the document as it is, and can be given up."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, ClassVar, TypeVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from studio.cli.text import printable
from studio.tui.dialog import Dialog

T = TypeVar("T")


class WaitingScreen(Dialog[T | None]):
    """Does the work and dismisses with what came of it, or None where somebody did not wait for it."""

    DEFAULT_CSS = """
    WaitingScreen #told { width: auto; max-width: 72; padding: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel", tooltip="Do not wait for it"),
    ]

    def __init__(self, title: str, doing: str, work: Coroutine[Any, Any, T]) -> None:
        super().__init__(title, small=True)
        self._doing = doing
        self._work = work

    def contents(self) -> ComposeResult:
        """What is going on."""
        yield Static(Content(f"{printable(self._doing)} … escape cancels it."), id="told")

    def on_mount(self) -> None:
        self._do()

    @work
    async def _do(self) -> None:
        """Ends with the screen."""
        self.dismiss(await self._work)
