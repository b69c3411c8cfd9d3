"""What concerns the whole document: saving, opening, leaving, and work that was never saved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from actions.config import CommentsWouldBeLost, ConfigError
from studio.cli.text import shortened
from studio.session import Session
from studio.tui.binding_editor import BindingEditor
from studio.tui.chooser import Choice, Chooser
from studio.tui.dialog import Dialog
from studio.tui.difference_screen import DifferenceScreen
from studio.tui.prompts import Ask, Confirm, Leave

if TYPE_CHECKING:
    from studio.tui.app import StudioApp


class DocumentCommands:
    """The commands, for one app."""

    def __init__(self, app: StudioApp) -> None:
        self._app = app

    async def save(self) -> bool:
        """Save under the document's name, asking for one where it has none; whether it was saved."""
        session = self._app.session
        if session.path is None:
            return await self.save_as()
        if session.changed_on_disk():
            question = f"{session.path.name} was changed by somebody else. Save over it?"
            if not await self._app.push_screen_wait(Confirm(question, "Save over it", "Cancel", dangerous=True)):
                return False
        return await self._write(session.path)

    async def save_as(self) -> bool:
        """Ask for a name and save under it."""
        session = self._app.session
        name = str(session.path or "klaviyo.toml")
        given = await self._app.push_screen_wait(Ask("Save as", name, _file_problem))
        if given is None:
            return False
        path = Path(given if given.endswith(".toml") else f"{given}.toml")
        if path != session.path and _exists(path):
            question = f"{path.name} exists already. Replace it?"
            if not await self._app.push_screen_wait(Confirm(question, "Replace it", "Cancel", dangerous=True)):
                return False
        return await self._write(path)

    async def _write(self, path: Path) -> bool:
        session, kept = self._app.session, self._app.recovery
        try:
            try:
                session.save(path)
            except CommentsWouldBeLost as lost:
                listed = ", ".join(map(str, lost.lines))
                question = f"Comments in line {listed} cannot be kept. Save without them?"
                if not await self._app.push_screen_wait(Confirm(question, "Save without", "Cancel", dangerous=True)):
                    return False
                session.save(path, lose_comments=True)
        except ConfigError as error:
            self._app.notify(str(error), severity="error", timeout=10, markup=False)
            return False
        kept.forget()
        self._app.notify(f"Saved {session.name}", timeout=2, markup=False)
        self._app.main.show()
        await self._connect(path)
        return True

    async def _connect(self, path: Path) -> None:
        """Connect mappings to the lists that they ask for, which belongs to saving, and have the file remember them."""
        from studio.tui.connect_commands import ConnectCommands

        await ConnectCommands(self._app).connect_waiting(path)

    async def open(self) -> None:
        """Ask for a file and open it; unsaved work is asked for first."""
        if not await self.may_leave():
            return
        given = await self._app.push_screen_wait(Ask("Open", "", _existing_file_problem))
        if given is None:
            return
        try:
            self._app.use(Session.open(Path(given)))
        except ConfigError as error:
            self._app.notify(str(error), severity="error", timeout=10, markup=False)

    async def reload(self) -> None:
        """Read the file again, as somebody else has left it."""
        path = self._app.session.path
        if path is None:
            return
        try:
            self._app.use(Session.open(path))
        except ConfigError as error:
            self._app.notify(str(error), severity="error", timeout=10, markup=False)
            self._app.session.keep_mine()

    async def may_leave(self) -> bool:
        """Whether the document can be left: saved, or given up on purpose. All that would be lost is one question."""
        session = self._app.session
        losses = self._losses()
        if not session.changed:
            if losses:
                question = "\n".join(losses)
                if not await self._app.push_screen_wait(Confirm(question, "Lose it", "Stay", dangerous=True)):
                    return False
            self._app.recovery.forget()
            return True
        question = "\n".join([f"{session.name} has changes that are not saved.", *losses])
        match await self._app.push_screen_wait(Leave(question, loses=bool(losses))):
            case "save":
                return await self.save()
            case "drop":
                self._app.recovery.forget()
                return True
            case _:
                return False

    def _losses(self) -> list[str]:
        """What leaving loses even if the document is saved: what is in open dialogs, and bindings that are none yet."""
        losses: list[str] = []
        if any(isinstance(screen, Dialog) and screen.unapplied for screen in self._app.screen_stack):
            losses.append("What you changed here is not applied yet and will be lost.")
        waiting = self._app.main.query_one(BindingEditor).unfinished
        if waiting:
            one = len(waiting) == 1
            what = "This binding cannot be read yet and" if one else "These bindings cannot be read yet and"
            losses += [f"{what} will be lost:", *(shortened(text, 60) for text in waiting[:5])]
        return losses

    async def offer_recovery(self) -> None:
        """Offer what a crash or a closed terminal left unsaved."""
        session = self._app.session
        found = self._app.recovery.find()
        if found is None:
            return
        question = f"There is unsaved work on {session.name} from before. Take it up again?"
        if await self._app.push_screen_wait(Confirm(question, "Take it up", "Drop it")):
            session.edit("recover unsaved work", found)
            self._app.main.show()
        else:
            self._app.recovery.forget()

    async def check_disk(self) -> None:
        """Notice that somebody else has written the file: reload it, or keep what is here."""
        session = self._app.session
        if session.path is None or not session.changed_on_disk():
            return
        choices = (
            Choice("keep", "Keep mine", "go on; saving will overwrite the file"),
            Choice(
                "reload", "Reload it", "give up what is not saved here" if session.changed else "read the file again"
            ),
            Choice("difference", "See the difference", "then choose"),
        )
        chosen: str | None = "difference"
        while chosen == "difference":
            chosen = await self._app.push_screen_wait(
                Chooser(f"{session.path.name} was changed by somebody else", choices)
            )
            if chosen == "difference":
                await self._app.push_screen_wait(DifferenceScreen(session.text_on_disk(), session.text_here()))
        if chosen == "reload":
            await self.reload()
        else:
            session.keep_mine()


def _exists(path: Path) -> bool:
    return path.exists()


def _file_problem(name: str) -> str | None:
    path = Path(name)
    if not name.strip():
        return "A file needs a name."
    if path.is_dir():
        return "This is a folder."
    return None if path.parent.is_dir() else f"There is no folder {path.parent}."


def _existing_file_problem(name: str) -> str | None:
    return None if Path(name).is_file() else "There is no such file."
