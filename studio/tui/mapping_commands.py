"""What is done with mappings and their fields."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, cast

from actions.destination import Action
from actions.fields import Field
from actions.klaviyo import KLAVIYO
from actions.values import Json
from studio.bindings import FieldPath, is_plain_object
from studio.cli.text import shortened
from studio.formula.completion import with_key
from studio.formula.writer import format_formula
from studio.tui.binding_editor import BindingEditor
from studio.tui.chooser import Choice, Chooser
from studio.tui.prompts import Ask

if TYPE_CHECKING:
    from studio.tui.app import StudioApp

_TOLD_AT_MOST = 8
_TYPE_IT = "\0type"
_TYPED = Choice(_TYPE_IT, "Type a binding …", "a path of the event, a template, a function")


class MappingCommands:
    """The commands, for one app."""

    def __init__(self, app: StudioApp) -> None:
        self._app = app

    async def perform(self, what: str) -> None:
        """Do what was asked of the chosen mapping; what cannot be done is said."""
        session = self._app.session
        mapping = session.mapping
        simple = {
            "toggle": session.toggle_mapping,
            "duplicate": session.duplicate_mapping,
            "delete": session.delete_mapping,
            "up": lambda: session.move_mapping(-1),
            "down": lambda: session.move_mapping(1),
        }
        asking = {
            "new": self.add,
            "fields": self.go_to_fields,
            "action": self.replace_action,
            "rename": self.rename,
            "trigger": self.edit_trigger,
            "rows": self.choose_rows,
            "connect": self.connect,
        }
        try:
            if what in simple:
                simple[what]()
                if what == "delete" and mapping is not None:
                    self._app.notify(
                        f"Deleted {shortened(mapping.name, 60)}; undo brings it back.", timeout=4, markup=False
                    )
            else:
                await asking[what]()
        except ValueError as error:
            self._app.notify(str(error), severity="warning", markup=False)
        self._app.changed()

    async def go_to_fields(self) -> None:
        """Go to the mapping's fields; where its action does not exist, choose one that has some."""
        if self._app.session.mapping is not None and self._app.session.action is None:
            await self.replace_action()
        else:
            self._app.main.focus_part("#fields")

    async def add(self) -> None:
        """Choose an action and add a mapping of it."""
        self._app.session.need_room()
        action = await self._choose_action("Add a mapping: what should it do?")
        if action is not None:
            self._app.session.add_mapping(action)

    async def replace_action(self) -> None:
        """Choose another action for the mapping, and tell which bindings it has no field for."""
        mapping = self._app.session.mapping
        if mapping is None:
            return
        known = KLAVIYO.actions.get(mapping.action)
        title = f"Instead of {known.title if known else mapping.action or 'no action'}"
        action = await self._choose_action(title, mapping.action)
        if action is None or action is known:
            return
        left_out = [shortened(key, 30) for key in self._app.session.replace_action(action)]
        if left_out:
            told = ", ".join([*left_out[:_TOLD_AT_MOST], *(["…"] if len(left_out) > _TOLD_AT_MOST else [])])
            text = f"Left out, since {action.title} has no such field: {told}. Undo brings it back."
            self._app.notify(text, severity="warning", timeout=10, markup=False)

    async def _choose_action(self, title: str, like: str = "") -> Action | None:
        """Choose among the actions; the one whose name is most `like` another comes first."""
        near = get_close_matches(like, KLAVIYO.actions, 1)
        actions = sorted(KLAVIYO.actions.values(), key=lambda action: action.slug not in near)
        choices = [Choice(action.slug, action.title, action.description, _about(action)) for action in actions]
        chosen = await self._app.push_screen_wait(Chooser(title, choices))
        return KLAVIYO.actions[chosen] if chosen else None

    async def rename(self) -> None:
        """Ask for another name."""
        session = self._app.session
        if session.mapping is None:
            return
        taken = {mapping.name for mapping in session.document.mappings} - {session.mapping.name}

        def problem(name: str) -> str | None:
            if not name.strip():
                return "A mapping needs a name."
            return "Another mapping has this name." if name.strip() in taken else None

        name = await self._app.push_screen_wait(Ask("Rename the mapping", session.mapping.name, problem))
        if name:
            session.rename_mapping(name)

    async def edit_trigger(self) -> None:
        """Edit which events fire the mapping."""
        from studio.tui.trigger_screen import TriggerScreen

        session, main = self._app.session, self._app.main
        if session.mapping is None:
            return
        paths = [path.removeprefix("$.") for path in main.paths.paths()]
        screen = TriggerScreen(session.mapping.trigger, session.sample, session.document.samples, paths)
        trigger = await self._app.push_screen_wait(screen)
        if trigger is not None:
            session.set_trigger(trigger)

    async def connect(self) -> None:
        """Connect the mapping to a list."""
        from studio.tui.connect_commands import ConnectCommands

        await ConnectCommands(self._app).choose()

    async def choose_rows(self) -> None:
        """Choose which changes of warehouse rows the mapping takes."""
        from studio.tui.row_changes_screen import RowChangesScreen  # few configurations have a source

        session = self._app.session
        mapping, action = session.mapping, session.action
        if mapping is None:
            return
        if session.config.source is None and mapping.on is None:
            raise ValueError(
                "Only rows of a warehouse are added, updated or deleted; this configuration has no source."
            )
        title = action.title if action else mapping.action
        chosen = await self._app.push_screen_wait(RowChangesScreen(mapping, title))
        if chosen is not None:
            session.take_changes(chosen.on)

    async def edit_field(self) -> None:
        """Edit the chosen field in the way that suits it: choices and lists are chosen, the rest is typed.

        A directive that is bound there comes first among the choices, so that nobody replaces it unawares.
        """
        session = self._app.session
        if session.mapping is not None and session.action is None:
            await self.perform("action")
            return
        if session.action and session.field_path[:1] in [(hook.key,) for hook in session.action.hooks]:
            await self.connect()
            return
        field = self._field(session.field_path)
        chooser = None if field is None else self._chooser(field, session.binding(session.field_path))
        if chooser is None:
            self._app.main.query_one(BindingEditor).edit()
            return
        chosen = await self._app.push_screen_wait(chooser)
        if chosen == _TYPE_IT:
            self._app.main.query_one(BindingEditor).edit()
        elif chosen is not None:
            value: Json = chosen == "true" if field and field.type == "boolean" else chosen
            session.bind(session.field_path, value)
            self._app.changed()

    async def suggest(self) -> None:
        """Show likely bindings for what is unbound, and bind those that are wanted."""
        from studio.suggestions import suggest
        from studio.tui.suggestions_screen import SuggestionsScreen

        session = self._app.session
        if session.mapping is None or session.action is None:
            return
        suggestions = suggest(session.action, session.mapping, session.document.samples)
        taken = await self._app.push_screen_wait(SuggestionsScreen(suggestions))
        if taken:
            session.bind_all({suggestion.field_path: suggestion.binding for suggestion in taken})
            self._app.changed()

    async def add_key(self) -> None:
        """Add a key of one's own to an object that takes further keys."""
        session = self._app.session
        owner = session.field_path[:1]
        field = self._field(owner)
        if field is None or field.type != "object" or not field.extra or field.multiple:
            label = field.label if field else "This field"
            self._app.notify(f"{label} takes no further keys.", severity="warning", markup=False)
            return
        bound = session.binding(owner)
        is_directive = isinstance(bound, dict) and not is_plain_object(bound)
        known = set(cast("dict[str, Json]", bound)) if isinstance(bound, dict) else set[str]()

        def problem(name: str) -> str | None:
            if not name.strip() or name.startswith("@"):
                return "A key needs a name that does not begin with @."
            return "This key is there already." if name in known else None

        name = await self._app.push_screen_wait(Ask(f"Add a key to {field.label}", "", problem))
        if name and is_directive:
            session.field_path = owner
            self._app.main.show()
            self._app.main.query_one(BindingEditor).go_on(*with_key(bound, name))
        elif name:
            self._app.main.begin_key((*owner, name))

    def _field(self, path: FieldPath) -> Field | None:
        action = self._app.session.action
        field = action.fields.get(path[0]) if action and path else None
        for key in path[1:]:
            field = field.fields.get(key) if field else None
        return field

    def _chooser(self, field: Field, bound: Json) -> Chooser | None:
        """What the field's values are chosen in; None where there are none to choose from."""
        title = f"{field.label}: choose a value"
        is_bound = isinstance(bound, dict)
        typed = Choice(_TYPE_IT, "Edit the binding …", f"bound to {format_formula(bound)}") if is_bound else _TYPED
        if field.dynamic or field.key == "list_id":
            reading = f"Reading the lists of {self._app.wire.place}"
            return Chooser(title, [typed], reading=reading, read=self.read_lists, read_behind=is_bound)
        if field.type == "boolean":
            choices = [Choice("true", "true", "on"), Choice("false", "false", "off")]
        else:
            names = country_names() if field.key == "country_code" else {}
            choices = [Choice(value, value, names.get(value, "")) for value in field.choices or ()]
        if not choices:
            return None
        return Chooser(title, [typed, *choices] if is_bound else [*choices, typed])

    async def read_lists(self) -> list[Choice] | str:
        """The lists of the target's account to choose from, or why there are none."""
        try:
            lists = await self._app.wire.lists(self._app.session.config.settings)
        except ValueError as error:  # of the target or the settings; each says what to do
            return f"The lists cannot be read. {error} An id can be typed all the same."
        if not lists:
            return "There is no list in this account yet. Make one there, or type the id of one to come."
        by_name = sorted(lists, key=lambda each: each.name.casefold())
        return [Choice(list_id, name, list_id) for list_id, name in by_name]


def country_names() -> dict[str, str]:
    """The English names of countries by their codes, as the library for phone numbers has them."""
    from phonenumbers.geodata.locale import LOCALE_DATA

    names: dict[str, str] = {}
    for code, by_language in LOCALE_DATA.items():
        name = by_language.get("en", "")
        names[code] = by_language.get(name[1:], "") if name.startswith("*") else name  # the same as in that language
    return names


def _about(action: Action) -> str:
    """What somebody who chooses among actions wants to know: what it does, needs and fires on, and its traps."""
    lines = [f"{action.description}", f"Needs {action.needs}.", f"Fires when {action.trigger}"]
    return "\n".join([*lines, *(f"! {hint}" for hint in action.hints)])
