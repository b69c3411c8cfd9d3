"""Sending from the app: what is sent, what came back, and giving up on it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from actions.values import Json

if TYPE_CHECKING:
    from actions import Mapping
    from studio.tui.app import StudioApp

_GROUP = "send"


class SendCommands:
    """The commands, for one app. One sending at a time, so that nothing is sent twice by a second key press."""

    def __init__(self, app: StudioApp) -> None:
        self._app = app

    def send(self, mappings: Sequence[Mapping], event: Json) -> None:
        """Send an event by mappings."""
        settings = self._app.session.config.settings
        self._begin(lambda: self._app.wire.send(settings, mappings, event))

    def send_firing(self) -> None:
        """Send the sample by every mapping that is on and fires."""
        session, fires = self._app.session, self._app.main.evaluation.fires
        if session.sample is None:
            return
        firing = [item for item in session.document.mappings if item.enabled and fires(item, session.sample)]
        if firing:
            self.send(firing, session.sample.event)
        else:
            self._app.notify("No mapping that is on fires on this sample.", severity="warning")

    def send_all(self) -> None:
        """Send all samples on which the current mapping fires, as a batch."""
        session = self._app.session
        mapping, samples = session.mapping, session.document.samples
        if mapping is None or not self._app.main.evaluation.coverage(mapping, samples):
            self._app.notify("The mapping fires on none of the samples, so there is nothing to send.")
            return
        fires = self._app.main.evaluation.fires
        events = [sample.event for sample in samples if fires(mapping, sample)]
        self._begin(lambda: self._app.wire.send_batch(session.config.settings, mapping, events))

    def give_up(self) -> None:
        """Cancel what is on its way, and keep what came back before."""
        if not self.is_under_way:
            return
        app = self._app
        app.workers.cancel_group(app, _GROUP)
        app.main.show_outcomes(app.wire.arrived, app.wire.place)
        before = " What came back before is in the history." if app.wire.arrived else ""
        app.main.sending(f"Cancelled. What was on its way may have arrived. Look before you send it again.{before}")
        self._refresh_sandbox("Cancelled.")

    @property
    def is_under_way(self) -> bool:
        """Whether something is being sent."""
        return any(worker.group == _GROUP and not worker.is_finished for worker in self._app.workers)

    def _begin(self, sending: Callable[[], Awaitable[None]]) -> None:
        if self.is_under_way:
            self._app.notify("What was sent before is still on its way; escape cancels it.", severity="warning")
        else:
            self._app.run_worker(self._perform(sending), group=_GROUP)

    async def _perform(self, sending: Callable[[], Awaitable[None]]) -> None:
        app, place = self._app, self._app.wire.place
        app.main.sending(f"Sending to {place} … escape cancels it.")
        try:
            await sending()
        except ValueError as error:  # of the target, the settings or the mapping; each says what to do
            app.main.sending(str(error))
            self._refresh_sandbox(str(error))
            return
        self._refresh_sandbox(app.main.show_outcomes(app.wire.arrived, place))

    def _refresh_sandbox(self, told: str) -> None:
        """An open view into the sandbox shows what a sending has left, and how it went, which it stands before."""
        from studio.tui.sandbox_screen import SandboxScreen  # a web framework, which the first screen does not need

        screen = self._app.screen
        if isinstance(screen, SandboxScreen):
            screen.action_refresh()
            self._app.notify(told, timeout=4, markup=False)
