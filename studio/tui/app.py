"""The app: which document is open, where events go, and the commands that concern the whole."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.events import Event, Key
from textual.screen import Screen

from studio.keymap import keymap_path, read_keymap
from studio.problems import OF_FILE, Problem
from studio.session import Session
from studio.target import KLAVIYO, SANDBOX, TargetError, address_problem
from studio.tui.key_order import KeyOrder
from studio.tui.keys import APP_KEYS, KEYS_WHILE_TYPING, USUAL_KEYS, bindings
from studio.tui.main_screen import MainScreen
from studio.tui.sending import Wire

if TYPE_CHECKING:
    from studio.recovery import Recovery
    from studio.tui.account_commands import AccountCommands
    from studio.tui.copy_commands import CopyCommands
    from studio.tui.document_commands import DocumentCommands
    from studio.tui.mapping_commands import MappingCommands
    from studio.tui.sample_commands import SampleCommands
    from studio.tui.send_commands import SendCommands

_LEAVING = "leave"
_LOOKS_AT_DISK = 2.0
"""Seconds between looks at the times of the open files."""


class StudioApp(App[None]):
    """The studio on one document."""

    TITLE = "studio"
    CSS_PATH = "studio.tcss"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall")]  # noqa: RUF012 - as Textual declares it
    BINDINGS: ClassVar[list[BindingType]] = bindings(APP_KEYS)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.wire = Wire()
        self.main = MainScreen(session)
        self._recovery: Recovery | None = None
        self.keys = dict(USUAL_KEYS)
        """The keys in force, by the names of what they do."""
        self._not_kept: str | None = None
        self._key_order = KeyOrder(self, super().on_event)

    @cached_property
    def documents(self) -> DocumentCommands:
        """The commands for documents. They and their dialogs come to be with the first of them, not at the opening."""
        from studio.tui.document_commands import DocumentCommands

        return DocumentCommands(self)

    @cached_property
    def mappings(self) -> MappingCommands:
        """The commands for mappings."""
        from studio.tui.mapping_commands import MappingCommands

        return MappingCommands(self)

    @cached_property
    def samples(self) -> SampleCommands:
        """The commands for samples."""
        from studio.tui.sample_commands import SampleCommands

        return SampleCommands(self)

    @cached_property
    def copying(self) -> CopyCommands:
        """The commands for copying."""
        from studio.tui.copy_commands import CopyCommands

        return CopyCommands(self)

    @cached_property
    def account(self) -> AccountCommands:
        """The commands for what is in the account."""
        from studio.tui.account_commands import AccountCommands

        return AccountCommands(self)

    @cached_property
    def sending(self) -> SendCommands:
        """The commands for sending."""
        from studio.tui.send_commands import SendCommands

        return SendCommands(self)

    def get_default_screen(self) -> Screen[None]:
        """The main screen."""
        return self.main

    def on_mount(self) -> None:
        keys, problems = read_keymap(keymap_path(), USUAL_KEYS, KEYS_WHILE_TYPING)
        self.set_keymap(keys)
        self.keys |= keys
        for problem in problems[:5]:
            self.notify(problem, severity="warning", timeout=12, markup=False)
        for notice in self.session.notices[:5]:
            self.notify(notice.message, severity="warning", timeout=12, markup=False)
        self.call_after_refresh(self._begin)

    @work
    async def _begin(self) -> None:
        await self.documents.offer_recovery()
        self._read_rows()
        self.set_interval(_LOOKS_AT_DISK, self._look_at_disk)

    def on_unmount(self) -> None:
        self.wire.close()

    async def on_event(self, event: Event) -> None:
        """Take an event; a key when those before it are done."""
        if isinstance(event, Key) and not event.is_forwarded:
            await self._key_order.take(event)
        else:
            await super().on_event(event)

    def on_app_focus(self) -> None:
        self._notice_disk()

    def _look_at_disk(self) -> None:
        """Not every terminal tells that somebody is back at it, tmux only where it is set up to."""
        if len(self.screen_stack) == 1 and self.session.touched_on_disk():
            self._notice_disk()

    @work(exclusive=True, group="disk")
    async def _notice_disk(self) -> None:
        if len(self.screen_stack) == 1:
            await self.documents.check_disk()

    def use(self, session: Session) -> None:
        """Go over to another document."""
        self.session = session
        self.main.use(session)
        self._read_rows()

    def _read_rows(self) -> None:
        """Read the first rows of the source's model, if there is one, beside everything else."""
        if self.session.config.source is not None:
            from studio.tui.source_rows import read_rows  # a database, for those who have a source

            read_rows(self)

    def changed(self) -> None:
        """The document may have changed: show it, and keep what is unsaved."""
        self.main.show()
        if not self.session.changed:
            self.recovery.forget()
            return
        problem = self.recovery.keep(self.session.document)
        if problem and problem != self._not_kept:
            self.notify(problem, severity="warning", timeout=10, markup=False)
        self._not_kept = problem

    @property
    def recovery(self) -> Recovery:
        """What keeps the unsaved work on the document."""
        if self._recovery is None or self._recovery.document != self.session.path:
            from studio.recovery import Recovery  # looked for behind the first picture, so it is not waited for

            self._recovery = Recovery(self.session.path)
        return self._recovery

    # Sending

    def action_send_firing(self) -> None:
        """Send the sample by every mapping that is on and fires."""
        self.main.finish_typing()
        self.sending.send_firing()

    def action_send_all(self) -> None:
        """Send all samples on which the current mapping fires, as a batch."""
        self.main.finish_typing()
        self.sending.send_all()

    @work
    async def action_switch_target(self) -> None:
        """Go over to the real Klaviyo, which asks, or back to the sandbox."""
        from studio import credentials
        from studio.tui.prompts import Confirm

        if self.wire.target != SANDBOX:
            self.wire.target = SANDBOX
        elif credentials.find() is None:
            text = (
                f"No API key: set {credentials.KEY_VARIABLE} or run `studio auth login`. Events go on to the sandbox."
            )
            self.notify(text, severity="warning", timeout=8, markup=False)
        elif await self.push_screen_wait(
            Confirm("Send to the REAL Klaviyo from now on?", "Real Klaviyo", "Stay in the sandbox", dangerous=True)
        ):
            self.wire.target = KLAVIYO
        self.main.show()

    @work
    async def action_served_target(self) -> None:
        """Send to a sandbox that is served on this machine, which can be slow and fail on purpose."""
        from studio.tui.prompts import Ask

        question = "The address of a `studio sandbox` on this machine"
        address = await self.push_screen_wait(Ask(question, "http://127.0.0.1:8900", address_problem))
        if address is not None:
            self.wire.target = address
            self.main.show()

    # The document

    @work
    async def action_save(self) -> None:
        """Save."""
        self.main.finish_typing()
        await self.documents.save()

    @work
    async def action_save_as(self) -> None:
        """Save under another name."""
        self.main.finish_typing()
        await self.documents.save_as()

    @work
    async def action_open(self) -> None:
        """Open another document."""
        self.main.finish_typing()
        await self.documents.open()

    @work
    async def action_reload(self) -> None:
        """Read the file again; what is not saved is asked for."""
        if await self.documents.may_leave():
            await self.documents.reload()

    def action_leave(self) -> None:
        """Leave, unless there is unsaved work that is wanted."""
        if not any(worker.group == _LEAVING and not worker.is_finished for worker in self.workers):
            self._leave()  # a second key press does not ask a second time

    @work(group=_LEAVING)
    async def _leave(self) -> None:
        self.main.finish_typing()
        if await self.documents.may_leave():
            self.exit()

    async def action_quit(self) -> None:
        """Textual's own way out, which would not ask."""
        self.action_leave()

    def action_help_quit(self) -> None:
        """Say how to leave to somebody who presses ctrl+c, which copies marked text."""
        self.notify(f"{self.shown_key('quit')} leaves.", timeout=3, markup=False)

    def shown_key(self, name: str) -> str:
        """The keys in force for what is done under a name, as people read them."""
        return ", ".join(self.get_key_display(Binding(key, "")) for key in self.keys[name].split(","))

    # Mappings, samples, fields

    @work(exclusive=True, group="ask")
    async def ask_mapping(self, what: str) -> None:
        """Do what was asked of the chosen mapping."""
        await self.mappings.perform(what)

    @work(exclusive=True, group="ask")
    async def ask_account(self, what: str) -> None:
        """Do something in the account."""
        await self.account.perform(what)

    @work(exclusive=True, group="ask")
    async def ask_sample(self, what: str) -> None:
        """Do what was asked of the chosen sample."""
        await self.samples.perform(what)

    @work(exclusive=True, group="ask")
    async def edit_field(self) -> None:
        """Edit the chosen field."""
        await self.mappings.edit_field()

    @work(exclusive=True, group="ask")
    async def action_suggest(self) -> None:
        """Suggest bindings for what is unbound."""
        self.main.finish_typing()
        await self.mappings.suggest()

    @work(exclusive=True, group="ask")
    async def add_key(self) -> None:
        """Add a key to the chosen object."""
        await self.mappings.add_key()

    # Looking

    @work
    async def action_help(self) -> None:
        """The keys in force."""
        from studio.tui.help_screen import HelpScreen, keys_in_force

        await self.push_screen_wait(HelpScreen(keys_in_force(self.screen)))

    @work
    async def action_problems(self) -> None:
        """All problems and traps; choosing one goes to its place."""
        from studio.tui.problems_screen import ProblemsScreen

        self.main.finish_typing()
        names = [mapping.name for mapping in self.session.document.mappings]
        problem: Problem | None = await self.push_screen_wait(ProblemsScreen(self.session.problems(), names))
        if problem is not None and problem.mapping_index != OF_FILE:
            self.session.mapping_index = problem.mapping_index
            self.session.field_path = problem.field_path
            self.main.show()
            self.main.focus_part("#mappings" if problem.on_trigger else "#fields")

    @work
    async def action_sandbox(self) -> None:
        """Look into the sandbox."""
        from studio.tui.sandbox_screen import SandboxScreen

        try:
            sandbox = self.wire.sandbox
        except TargetError as error:
            self.notify(str(error), severity="error", timeout=10, markup=False)
            return
        await self.push_screen_wait(SandboxScreen(sandbox, self.main.action_send))
        self.main.show()

    @work
    async def action_jump(self) -> None:
        """Go to a part of the screen by its letter."""
        from studio.tui.jump_screen import JumpScreen, places

        part = await self.push_screen_wait(JumpScreen(places(self.main)))
        match part:
            case None:
                pass
            case "#trigger-line":
                self.main.action_trigger()
            case "#binding":
                self.main.action_bind()
            case _ if part.startswith("#"):
                self.main.focus_part(part)
            case _:
                self.main.go_to_tab(part)

    @work(exclusive=True, group="ask")
    async def action_copy_something(self) -> None:
        """Choose what to copy."""
        await self.copying.choose()

    @work(exclusive=True, group="ask")
    async def action_copy(self, what: str) -> None:
        """Copy something that is named."""
        await self.copying.to_clipboard(what)

    @work(exclusive=True, group="ask")
    async def action_write(self, what: str) -> None:
        """Write the same into a file."""
        await self.copying.to_file(what)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Everything there is to do, for the command palette."""
        for command in super().get_system_commands(screen):
            if command.title not in ("Keys", "Quit"):  # the studio's own keys and its way out stand in their place
                yield command
        yield SystemCommand(
            "Quit", f"Leave; unsaved changes are asked for ({self.shown_key('quit')})", self.action_leave
        )
        if screen is self.main:
            from studio.tui.palette import commands

            yield from commands(self)
