"""Connecting a mapping to a list: which one, and finding or making it when the document is saved."""

from __future__ import annotations

from collections.abc import Mapping as AbstractMapping
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from actions.config import CommentsWouldBeLost, ConfigError, Mapping
from actions.destination import Connection, Verdict
from actions.values import Json
from studio.cli.text import printable, shortened
from studio.connections import (
    connected,
    hook_of,
    inputs_of,
    is_of_sandbox,
    is_waiting,
    list_of,
    list_text,
)
from studio.target import KLAVIYO
from studio.tui.chooser import Choice, Chooser
from studio.tui.prompts import Ask, Confirm
from studio.tui.waiting_screen import WaitingScreen

if TYPE_CHECKING:
    from studio.tui.app import StudioApp

_NAMED, _NONE = "\0named", "\0none"
_SHOWN_NAME = 60
_NAMES_SHOWN = 5


class ConnectCommands:
    """The commands, for one app."""

    def __init__(self, app: StudioApp) -> None:
        self._app = app

    async def choose(self) -> None:
        """Choose the list that the mapping is to be connected to; it is when the document is saved."""
        session, wire = self._app.session, self._app.wire
        mapping = session.mapping
        if mapping is None or hook_of(mapping) is None:
            self._app.notify("Only Upsert Profile is connected to a list.", severity="warning", markup=False)
            return
        choices = [Choice(_NAMED, "A list by its name …", "created when you save, unless there is one")]
        if inputs_of(mapping) or list_of(mapping):
            choices.append(Choice(_NONE, "No list", f"instead of {list_text(mapping)}"))
        chooser = Chooser(
            f"Connect to a list of {wire.place}",
            choices,
            reading=f"Reading the lists of {wire.place}",
            read=self._app.mappings.read_lists,
            read_behind=True,
        )
        chosen = await self._app.push_screen_wait(chooser)
        inputs: dict[str, Json] = {}
        if chosen == _NAMED:
            name = await self._app.push_screen_wait(Ask(f"The name of a list of {wire.place}", "", _name_problem))
            inputs = {"list_name": name.strip()} if name else {}
        elif chosen and chosen != _NONE:
            inputs = {"list_identifier": chosen}
        if (inputs or chosen == _NONE) and await self._may_replace(mapping):
            session.ask_list(inputs)
            self._app.changed()

    async def _may_replace(self, mapping: Mapping) -> bool:
        """Whether a connection to the real Klaviyo may give way to one of the sandbox."""
        if list_of(mapping) is None or is_of_sandbox(mapping) or self._app.wire.target == KLAVIYO:
            return True
        question = (
            f"{shortened(mapping.name, _SHOWN_NAME)} is connected to a list of the real Klaviyo "
            f"({shortened(list_text(mapping), _SHOWN_NAME)}), which the sandbox takes as its own. Give that up?"
        )
        return await self._app.push_screen_wait(Confirm(question, "Give it up", "Keep it", dangerous=True))

    async def connect_waiting(self, path: Path) -> None:
        """Connect the mappings that ask for a list and have none at the target, and have the file remember it."""
        session, wire = self._app.session, self._app.wire
        waiting = [mapping for mapping in session.document.mappings if is_waiting(mapping, wire.target)]
        if not waiting or not await self._may_make(waiting):
            return
        names = ", ".join(shortened(mapping.name, _SHOWN_NAME) for mapping in waiting[:_NAMES_SHOWN])
        doing = f"Asking {wire.place} for the lists of {names}"
        screen = WaitingScreen("Connecting to lists", doing, self._connect_all(waiting))
        results = await self._app.push_screen_wait(screen)
        if results is None:
            told = "Cancelled. What was asked for may have been made; the next saving looks for it first."
            self._app.notify(told, severity="warning", timeout=8, markup=False)
            return
        for mapping, result in zip(waiting, results, strict=True):
            self._tell(mapping, result)
        self._remember(path, waiting, results)

    async def _may_make(self, waiting: Sequence[Mapping]) -> bool:
        """Whether lists may come to be at the real Klaviyo, where they are asked for by name."""
        names = [str(inputs["list_name"]) for mapping in waiting if "list_name" in (inputs := inputs_of(mapping))]
        if not self._app.wire.is_real or not names:
            return True
        listed = ", ".join(shortened(name, _SHOWN_NAME) for name in names)
        question = f"Connect to these lists at the REAL Klaviyo, and create those that it does not have? {listed}"
        return await self._app.push_screen_wait(Confirm(question, "Connect", "Only save", dangerous=True))

    async def _connect_all(self, waiting: Sequence[Mapping]) -> list[Connection]:
        settings = self._app.session.config.settings
        return [await self._connect(settings, mapping) for mapping in waiting]

    async def _connect(self, settings: AbstractMapping[str, Any], mapping: Mapping) -> Connection:
        hook = hook_of(mapping)
        if hook is None:
            return Connection(Verdict("invalid", "This action has no list to connect to."))
        inputs = inputs_of(mapping)
        if "list_identifier" not in inputs:
            self._app.wire.forget_lists()
        try:
            return await self._app.wire.ask(settings, hook.perform(inputs))
        except ValueError as error:  # of the target or the settings; each says what to do
            return Connection(Verdict("invalid", str(error)))

    def _tell(self, mapping: Mapping, result: Connection) -> None:
        name, said = shortened(mapping.name, _SHOWN_NAME), printable(result.verdict.message or "")
        if result.id:
            self._app.notify(f"{name}: {said}, at {self._app.wire.place}", timeout=6, markup=False)
        else:
            told = f"Saved, but {name} is not connected. {said}"
            self._app.notify(told, severity="error", timeout=15, markup=False)

    def _remember(self, path: Path, waiting: Sequence[Mapping], results: Sequence[Connection]) -> None:
        """Put what was found or made into the mappings, and write it."""
        session, target = self._app.session, self._app.wire.target
        made = {
            id(mapping): connected(mapping, inputs_of(mapping), result, target)
            for mapping, result in zip(waiting, results, strict=True)
            if result.id
        }
        if not made:
            return
        mappings = tuple(made.get(id(mapping), mapping) for mapping in session.document.mappings)
        session.edit("connect to a list", replace(session.document, mappings=mappings))
        try:
            session.save(path)
        except (CommentsWouldBeLost, ConfigError) as error:
            told = f"The list is there, but the file does not remember it: {error}"
            self._app.notify(told, severity="error", timeout=15, markup=False)
        self._app.changed()


def _name_problem(name: str) -> str | None:
    return None if name.strip() else "A list needs a name."
