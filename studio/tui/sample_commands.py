"""What is done with samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.samples import Sample
from studio.tui.add_samples import AddSamples
from studio.tui.prompts import Ask
from studio.tui.sample_editor import SampleEditor

if TYPE_CHECKING:
    from studio.tui.app import StudioApp


_FILTER = "Show only samples whose type, name or person's id has this; nothing shows all"


class SampleCommands:
    """The commands, for one app."""

    def __init__(self, app: StudioApp) -> None:
        self._app = app

    async def perform(self, what: str) -> None:
        """Do what was asked of the chosen sample."""
        session = self._app.session
        match what:
            case "new":
                added = await self._app.push_screen_wait(AddSamples())
                if added:
                    session.add_samples(added)
                    self._app.main.filter = ""  # which would hide what is new
            case "edit" if session.sample is not None:
                event = await self._app.push_screen_wait(SampleEditor(session.sample.event))
                if event is not None:
                    session.change_sample(event)
            case "duplicate" if session.sample is not None:
                session.add_samples((Sample(dict(session.sample.event)),))
            case "delete" if session.sample is not None:
                session.delete_sample()
                self._app.main.filter_samples(self._app.main.filter)
            case "filter":
                main = self._app.main
                text = await self._app.push_screen_wait(Ask(_FILTER, main.filter, lambda _: None))
                if text is not None:
                    main.filter_samples(text)
            case "event":
                self._app.main.focus_part("#event")
            case _:
                pass
        self._app.changed()
