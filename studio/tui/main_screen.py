"""The main screen: what its parts post is handed to the session, which it then shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType

from studio.bindings import FieldPath, with_binding
from studio.cli.text import shortened
from studio.evaluation import Evaluation
from studio.samples import indices_with
from studio.session import Session
from studio.tui.asking_list import AskingList
from studio.tui.binding_editor import BindingEditor
from studio.tui.event_tree import EventTree
from studio.tui.field_table import FieldTable
from studio.tui.keys import MAIN_KEYS, bindings
from studio.tui.session_screen import SessionScreen
from studio.tui.wire_panel import WirePanel

if TYPE_CHECKING:
    from actions import Mapping, Outcome


class MainScreen(SessionScreen):
    """The screen with what can be done in it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(MAIN_KEYS)

    # Mappings

    @on(AskingList.Chosen, "#mappings")
    def _choose_mapping(self, message: AskingList.Chosen) -> None:
        self.session.mapping_index = message.index
        self._drop_draft()
        self.show()

    @on(AskingList.Asked, "#mappings")
    def _ask_mapping(self, message: AskingList.Asked) -> None:
        self.studio.ask_mapping(message.what)

    def on_trigger_line_asked(self) -> None:
        self.action_trigger()

    # Samples

    @on(AskingList.Chosen, "#samples")
    def _choose_sample(self, message: AskingList.Chosen) -> None:
        self.session.sample_index = message.index
        self.show()

    @on(AskingList.Asked, "#samples")
    def _ask_sample(self, message: AskingList.Asked) -> None:
        self.studio.ask_sample(message.what)

    def on_event_tree_edit_asked(self) -> None:
        self.studio.ask_sample("edit")

    def filter_samples(self, text: str) -> None:
        """Show only samples whose type, name or person has the text, and choose one of them."""
        self.filter = text
        shown, now = indices_with(self.session.document.samples, text), self.session.sample_index
        if shown and now not in shown:
            self.session.sample_index = next((index for index in shown if index > now), shown[-1])
        self.show()

    def action_sample(self, by: int) -> None:
        """Go to another of the samples that are shown."""
        shown, now = indices_with(self.session.document.samples, self.filter), self.session.sample_index
        if shown:
            self.session.sample_index = shown[(shown.index(now) + by) % len(shown)] if now in shown else shown[0]
            self.show()

    # Fields

    def on_field_table_chosen(self, message: FieldTable.Chosen) -> None:
        self.session.field_path = message.path
        if self._new_key and not self.query_one(BindingEditor).unfinished:
            self._drop_draft()  # nothing was typed for it
            self._show_fields()
        self._load_binding()

    def on_field_table_asked(self, message: FieldTable.Asked) -> None:
        match message.what:
            case "edit":
                self.studio.edit_field()
            case "clear":
                self.action_clear()
            case "hidden":
                self.action_hidden()
            case _:
                self.studio.add_key()

    def action_clear(self) -> None:
        """Take the binding of the chosen field out."""
        if self.session.mapping is not None and self.session.field_path:
            if self._is_of_hook(self.session.field_path):
                self.session.ask_list({})
            else:
                self.session.unbind(self.session.field_path)
            self.studio.changed()

    def action_hidden(self) -> None:
        """Show hidden fields, or hide them again."""
        self._hidden = not self._hidden
        self.show()

    def on_event_tree_bound(self, message: EventTree.Bound) -> None:
        if not self.session.field_path or self.session.mapping is None:
            self.notify("Choose a field first.")
            return
        if self._is_of_hook(self.session.field_path):
            self.notify("This is a list of the account and is read from no event; enter chooses it.")
            return
        if message.how == "template":
            note = self.query_one(BindingEditor).insert_placeholder(message.path)
            if note:
                self.notify(note)
            return
        self.session.bind(self.session.field_path, {"@path": message.path})
        self.studio.changed()

    # Binding

    def action_bind(self) -> None:
        """Edit the binding of the chosen field."""
        if self.session.mapping is None:
            return
        if self._is_of_hook(self.session.field_path) or self.session.action is None:
            self.studio.edit_field()
        else:
            self.query_one(BindingEditor).edit()

    def begin_key(self, path: FieldPath) -> None:
        """Type the binding of a key that an object does not have yet; it comes to be with its binding."""
        self._new_key = self.session.field_path = path
        self._draft = self._with_new_key()
        self._show_fields()
        self.query_one(BindingEditor).edit()

    def _with_new_key(self) -> Mapping | None:
        """The mapping with a key that is still to be bound; None where there is none."""
        mapping = self.session.mapping
        if mapping is None or not self._new_key:
            return None
        return replace(mapping, fields=with_binding(mapping.fields, self._new_key, None))

    def _drop_draft(self) -> None:
        """What was being typed is applied, or not wanted."""
        self._draft, self._new_key = None, ()

    def on_binding_editor_typed(self, message: BindingEditor.Typed) -> None:
        mapping, path = self.session.mapping, self.session.field_path
        if mapping is None or not path:
            return
        row = next((row for row in self._rows() if row.path == path), None)
        if message.binding is None:
            self._draft = self._with_new_key()
        else:
            self._draft = replace(mapping, fields=with_binding(mapping.fields, path, message.binding))
            reading = self.evaluation.reading(
                message.binding, row.field if row else None, self.session.sample, self.session.document.samples
            )
            self.query_one(BindingEditor).tell(reading)
        rows = self._rows()
        self.query_one(FieldTable).show(rows, path, self._trapped(rows))
        self._show_wire()

    def on_binding_editor_applied(self, message: BindingEditor.Applied) -> None:
        self._apply(message)
        if message.leaves:
            self.query_one(FieldTable).focus()
            self._load_binding()  # the focus has not moved yet, so it still passes for being typed

    def on_binding_editor_unreadable(self, message: BindingEditor.Unreadable) -> None:
        self._draft = self._with_new_key()  # the text waits at its row
        self.notify(f"Not applied: {message.problem}. The text waits in its line.", severity="warning", markup=False)
        self.show()

    def finish_typing(self) -> None:
        """Apply the binding that is being typed, before something is done with the document as a whole."""
        left = self.query_one(BindingEditor).finish()
        if isinstance(left, BindingEditor.Applied):
            self._apply(left)
        elif left is not None:
            self.on_binding_editor_unreadable(left)

    def _apply(self, message: BindingEditor.Applied) -> None:
        self._drop_draft()
        here = self.session.mapping_index
        self.session.mapping_index, path = message.place  # somebody may have gone to another one meanwhile
        if self.session.mapping is not None and message.binding is None:
            self.session.unbind(path)
        elif self.session.mapping is not None:
            self.session.bind(path, message.binding)
        self.session.mapping_index = here
        self.studio.changed()

    def on_binding_editor_cancelled(self) -> None:
        self._drop_draft()
        self.query_one(FieldTable).focus()
        self.show()
        self._load_binding()  # the focus has not moved yet, so it still passes for being typed

    # Actions

    def action_trigger(self) -> None:
        """Edit the trigger."""
        self.studio.ask_mapping("trigger")

    def action_undo(self) -> None:
        """Take the last edit back; while a binding is typed, what was typed last."""
        if self.query_one(BindingEditor).undo():
            return
        what = self.session.undo()
        self._draft = None
        self.notify(f"Undone: {shortened(what, 80)}" if what else "Nothing to undo.", timeout=2, markup=False)
        self.studio.changed()

    def action_redo(self) -> None:
        """Do the last undone edit again."""
        if self.query_one(BindingEditor).redo():
            return
        what = self.session.redo()
        self._draft = None
        self.notify(f"Done again: {shortened(what, 80)}" if what else "Nothing to do again.", timeout=2, markup=False)
        self.studio.changed()

    def action_send(self) -> None:
        """Send the current mapping on the current sample."""
        self.finish_typing()
        mapping, sample = self.session.mapping, self.session.sample
        if mapping is None or sample is None:
            self.notify("Choose a mapping and a sample first.")
            return
        self.studio.sending.send([mapping], sample.event)

    def focus_part(self, selector: str) -> None:
        """Move to a part of the screen."""
        self.query_one(selector).focus()

    def go_to_tab(self, name: str) -> None:
        """Move to a tab of what goes over the wire."""
        wire = self.query_one(WirePanel)
        wire.open_tab(name)
        wire.call_after_refresh(wire.begin)

    def sending(self, note: str) -> None:
        """Say what is going on in the place of a response."""
        wire = self.query_one(WirePanel)
        wire.show_note(note)
        wire.say("")

    def use(self, session: Session) -> None:
        """Go over to another document."""
        self.session = session
        self.evaluation = Evaluation(takes_rows=session.config.source is not None)
        self._drop_draft()
        editor = self.query_one(BindingEditor)
        editor.forget()
        if editor.editing:
            self.query_one(FieldTable).focus()
        self.show()
        self._load_binding()

    def action_cancel_sending(self) -> None:
        """Give up on what is being sent."""
        self.studio.sending.give_up()

    def action_wire(self) -> None:
        """Move to what goes over the wire, or from there to its next tab."""
        self.query_one(WirePanel).begin_or_next()

    def show_outcomes(self, outcomes: Sequence[Outcome], where: str) -> str:
        """Show what came back from a target; gives it in a few words."""
        wire = self.query_one(WirePanel)
        if outcomes:
            wire.show_outcomes(outcomes)
        delivered = sum(outcome.status == "delivered" for outcome in outcomes)
        told = f"{delivered} of {len(outcomes)} delivered to {where}"
        wire.say(told)
        return told

    def on_resize(self) -> None:
        self._show_status()
