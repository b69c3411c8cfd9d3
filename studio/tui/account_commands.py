"""What is done in the account itself: lists of audiences, and people who want to be forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from actions.flow import Flow
from actions.klaviyo import KLAVIYO as DESTINATION
from studio.cli.text import printable, shortened
from studio.people import PeopleError, person_of_text
from studio.tui.prompts import Ask, Confirm
from studio.tui.waiting_screen import WaitingScreen

if TYPE_CHECKING:
    from studio.tui.app import StudioApp

T = TypeVar("T")

_LONGEST = 60


class AccountCommands:
    """The commands, for one app. Each says where it is done, and asks before it does it at the real Klaviyo."""

    def __init__(self, app: StudioApp) -> None:
        self._app = app

    async def perform(self, what: str) -> None:
        """Do one of `create`, `verify` and `erase`."""
        if what == "create":
            await self._create()
        elif what == "verify":
            await self._verify()
        else:
            await self._erase()

    async def _create(self) -> None:
        """Make a list, which an Engage audience can have."""
        place = self._app.wire.place
        name = await self._app.push_screen_wait(Ask(f"The name of a list, or of an audience, in {place}", "", _missing))
        if not name:
            return
        question = f"Create the list {shortened(name, _LONGEST)} at the REAL Klaviyo, unless there is one of that name?"
        if self._app.wire.is_real and not await self._confirmed(question, "Create it"):
            return
        self._app.wire.forget_lists()
        made = await self._asked(f"Asking {place} for the list", DESTINATION.create_audience(name, None))
        if made is not None:
            self._say(made.verdict.message or "", went_well=bool(made.id))

    async def _verify(self) -> None:
        """Find out whether the account has the list of an audience."""
        place = self._app.wire.place
        list_id = await self._app.push_screen_wait(Ask("The audience's external_audience_id", "", _missing))
        if not list_id:
            return
        verdict = await self._asked(f"Asking {place} for the list", DESTINATION.verify_audience(list_id.strip()))
        if verdict is not None:
            known = f"The account has the list {list_id.strip()}"
            self._say(verdict.message or known, went_well=verdict.status == "delivered")

    async def _erase(self) -> None:
        """Have a person erased."""
        from actions.klaviyo.privacy import erase

        place = self._app.wire.place
        question = f"Whom to erase from {place}: an e-mail address, a phone number with +, or an external id"
        named = await self._app.push_screen_wait(Ask(question, "", _nobody))
        if not named:
            return
        person = person_of_text(named)
        where = "the REAL Klaviyo" if self._app.wire.is_real else place
        question = f"Erase {shortened(str(person), _LONGEST)} from {where}, with everything known? There is no undo."
        if not await self._confirmed(question, "Erase"):
            return
        verdict = await self._asked(f"Asking {place} to erase a person", erase(person))
        if verdict is not None:
            told = next(iter(verdict.warnings), f"Erasure of {person} was asked for")
            self._say(verdict.message or told, went_well=verdict.status == "delivered")

    async def _confirmed(self, question: str, yes: str) -> bool:
        return await self._app.push_screen_wait(Confirm(question, yes, "Cancel", dangerous=True))

    async def _asked(self, doing: str, flow: Flow[T]) -> T | None:
        """What came of a flow; None where it was given up or could not be begun, which is said."""
        result = await self._app.push_screen_wait(WaitingScreen("Asking the account", doing, self._run(flow)))
        if result is None:
            self._say("Cancelled. It may have been done all the same.", went_well=False)
        elif isinstance(result, str):
            self._say(result, went_well=False)
            return None
        return result

    async def _run(self, flow: Flow[T]) -> T | str:
        try:
            return await self._app.wire.ask(self._app.session.config.settings, flow)
        except ValueError as error:  # of the target or the settings; each says what to do
            return str(error)

    def _say(self, text: str, *, went_well: bool) -> None:
        told = f"{printable(text).rstrip('.')}, at {self._app.wire.place}." if went_well else printable(text)
        severity = "information" if went_well else "error"
        self._app.notify(told, severity=severity, timeout=6 if went_well else 15, markup=False)


def _missing(text: str) -> str | None:
    return None if text.strip() else "It is needed."


def _nobody(text: str) -> str | None:
    try:
        person_of_text(text)
    except PeopleError as error:
        return str(error)
    return None
