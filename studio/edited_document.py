"""The document as it is edited: mappings and samples, what is selected in them, undo. It knows no file and no screen.

Everything that can be undone is in one immutable `Document`; an edit puts another in its place.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple, cast

from actions.config import Config, Mapping
from actions.config.model import CONNECTED_IN
from actions.config.reading import MAPPINGS_AT_MOST
from actions.config.row_changes import row_trigger, taken, with_row_trigger
from actions.destination import Action
from actions.klaviyo import KLAVIYO
from actions.values import Json
from studio.bindings import FieldPath, with_binding, without_binding
from studio.edit_history import EditHistory, Step
from studio.samples import Sample


@dataclass(frozen=True, slots=True)
class Document:
    """What is edited: the mappings in their order, and the samples."""

    mappings: tuple[Mapping, ...] = ()
    samples: tuple[Sample, ...] = ()


class State(NamedTuple):
    """A document, and what is selected in it."""

    document: Document
    mapping_index: int
    sample_index: int


@dataclass
class EditedDocument:
    """A document with what is selected in it, and the edits that brought it there.

    `config` is what stands around the mappings in their file. Changes are asked for by the names of what people do;
    what cannot be done raises `ValueError`, in words for them.
    """

    config: Config
    document: Document
    mapping_index: int = 0
    sample_index: int = 0
    field_path: FieldPath = ()
    _history: EditHistory[State] = field(default_factory=EditHistory[State])

    @property
    def mapping(self) -> Mapping | None:
        """The mapping that is selected."""
        mappings = self.document.mappings
        return mappings[self.mapping_index] if 0 <= self.mapping_index < len(mappings) else None

    @property
    def action(self) -> Action | None:
        """The action of the selected mapping; None where there is none of that name."""
        return KLAVIYO.actions.get(self.mapping.action) if self.mapping else None

    @property
    def sample(self) -> Sample | None:
        """The sample that is selected."""
        samples = self.document.samples
        return samples[self.sample_index] if 0 <= self.sample_index < len(samples) else None

    # Editing

    def edit(self, what: str, document: Document, *, merge: bool = False) -> None:
        """Put another document in the place of this one; `what` names the edit for undo.

        With `merge`, an edit of the same name right behind this one is undone together with it, as typing is.
        """
        if document == self.document:
            return
        self._history.note(what, self._state(), merge=merge)
        self._become(document)

    def undo(self) -> str | None:
        """Take the last edit back; what it was, or None."""
        return self._go_to(self._history.undo(self._state()))

    def redo(self) -> str | None:
        """Do the last undone edit again; what it was, or None."""
        return self._go_to(self._history.redo(self._state()))

    def _state(self) -> State:
        return State(self.document, self.mapping_index, self.sample_index)

    def _go_to(self, step: Step[State] | None) -> str | None:
        if step is None:
            return None
        document, self.mapping_index, self.sample_index = step.state
        self._become(document)
        return step.what

    def _become(self, document: Document) -> None:
        self.document = document
        self.mapping_index = max(0, min(self.mapping_index, len(document.mappings) - 1))
        self.sample_index = max(0, min(self.sample_index, len(document.samples) - 1))

    # Mappings

    def add_mapping(self, action: Action) -> None:
        """Add a mapping of an action with its default bindings, off, behind the selected one. Raises `ValueError`."""
        self.need_room()
        mapping = Mapping(
            name=self._free_name(action.title),
            action=action.slug,
            trigger=row_trigger(taken(action.slug, None)) if self.config.source else action.trigger,
            fields=action.default_fields(),
            enabled=False,
        )
        self._insert(f"add {action.title}", mapping)

    def duplicate_mapping(self) -> None:
        """Add a copy of the selected mapping, off, named "(Copy)" as at Segment. Raises `ValueError`."""
        self.need_room()
        mapping = self._selected()
        copy = replace(mapping, name=self._free_name(f"{mapping.name} (Copy)"), enabled=False)
        self._insert(f"duplicate {mapping.name}", copy)

    def rename_mapping(self, name: str) -> None:
        """Give the selected mapping another name. Raises `ValueError` for one that is empty or taken."""
        name = name.strip()
        mapping = self._selected()
        if not name:
            raise ValueError("A mapping needs a name.")
        if name != mapping.name and name in {other.name for other in self.document.mappings}:
            raise ValueError(f"Another mapping is called {name!r}.")
        self.change_mapping(f"rename to {name}", lambda it: replace(it, name=name))

    def toggle_mapping(self) -> None:
        """Turn the selected mapping on or off."""
        mapping = self._selected()
        what = f"turn {mapping.name} {'off' if mapping.enabled else 'on'}"
        self.change_mapping(what, lambda it: replace(it, enabled=not it.enabled))

    def delete_mapping(self) -> None:
        """Take the selected mapping out."""
        mappings = self.document.mappings
        rest = (*mappings[: self.mapping_index], *mappings[self.mapping_index + 1 :])
        self.edit(f"delete {self._selected().name}", replace(self.document, mappings=rest))

    def move_mapping(self, by: int) -> None:
        """Move the selected mapping up (-1) or down (1)."""
        here, there = self.mapping_index, self.mapping_index + by
        mappings = list(self.document.mappings)
        if 0 <= there < len(mappings):
            mappings[here], mappings[there] = mappings[there], mappings[here]
            self.edit(f"move {mappings[there].name}", replace(self.document, mappings=tuple(mappings)))
            self.mapping_index = there

    def replace_action(self, action: Action) -> list[str]:
        """Give the selected mapping another action; what its bindings are for that the action has not, and that go.

        The trigger stays, but for that of a mapping of rows, which follows the changes that it takes.
        """
        mapping = self._selected()
        known = {*action.fields, *(hook.key for hook in action.hooks)}
        fields = {
            key: binding
            for key, binding in mapping.fields.items()
            if key in known or key.startswith("__segment_internal_")
        }
        left_out = [key for key in mapping.fields if key not in fields]
        extra = dict(mapping.extra)
        if not any(hook.key in fields for hook in action.hooks):
            extra.pop(CONNECTED_IN, None)
        changed = replace(mapping, action=action.slug, fields=fields, extra=extra)
        self.change_mapping(f"make it {action.title}", lambda it: with_row_trigger(it, changed))
        return left_out

    def take_changes(self, on: tuple[str, ...] | None) -> None:
        """Say which changes of warehouse rows the selected mapping takes; None is what its action takes."""
        what = f"take {' and '.join(on)} rows" if on else "take the rows that its action takes"

        def change(mapping: Mapping) -> Mapping:
            extra = {key: value for key, value in mapping.extra.items() if key != "on"}  # one that could not be read
            return with_row_trigger(mapping, replace(mapping, on=on, extra=extra))

        self.change_mapping(what, change)

    def set_trigger(self, trigger: str) -> None:
        """Give the selected mapping another trigger, sound or not."""
        self.change_mapping("change the trigger", lambda it: replace(it, trigger=trigger))

    def change_mapping(self, what: str, change: Callable[[Mapping], Mapping], *, merge: bool = False) -> None:
        """Put a changed mapping in the place of the selected one."""
        mappings = list(self.document.mappings)
        mappings[self.mapping_index] = change(self._selected())
        self.edit(what, replace(self.document, mappings=tuple(mappings)), merge=merge)

    def _selected(self) -> Mapping:
        if self.mapping is None:
            raise ValueError("There is no mapping yet: add one first.")
        return self.mapping

    def _insert(self, what: str, mapping: Mapping) -> None:
        mappings = list(self.document.mappings)
        mappings.insert(self.mapping_index + 1, mapping)
        self.edit(what, replace(self.document, mappings=tuple(mappings)))
        self.mapping_index = mappings.index(mapping)

    def need_room(self) -> None:
        """Raise `ValueError` where there are as many mappings as there can be."""
        count = len(self.document.mappings)
        if count >= MAPPINGS_AT_MOST:
            raise ValueError(f"There are {count} mappings and Segment allows {MAPPINGS_AT_MOST}: delete one first.")

    def _free_name(self, wanted: str) -> str:
        taken = {mapping.name for mapping in self.document.mappings}
        name, number = wanted, 2
        while name in taken:
            name, number = f"{wanted} {number}", number + 1
        return name

    # Bindings

    def binding(self, path: FieldPath) -> Json | None:
        """The binding of a field or sub-field of the selected mapping; None where it has none."""
        value: Json = self._selected().fields
        for key in path:
            if not isinstance(value, dict) or key not in value:
                return None
            value = cast("dict[str, Json]", value)[key]
        return value

    def bind(self, path: FieldPath, binding: Json, *, merge: bool = False) -> None:
        """Bind a field or sub-field; what stands in the way of a sub-field (a directive) gives way to an object."""
        what = f"bind {'.'.join(path)}"
        self.change_mapping(what, lambda it: replace(it, fields=with_binding(it.fields, path, binding)), merge=merge)

    def bind_all(self, bindings: AbstractMapping[FieldPath, Json]) -> None:
        """Bind several fields as one edit."""

        def change(mapping: Mapping) -> Mapping:
            fields = mapping.fields
            for path, binding in bindings.items():
                fields = with_binding(fields, path, binding)
            return replace(mapping, fields=fields)

        self.change_mapping(f"bind {len(bindings)} fields", change)

    def unbind(self, path: FieldPath) -> None:
        """Take a field's binding out; an object that is empty then goes too."""
        what = f"clear {'.'.join(path)}"
        self.change_mapping(what, lambda it: replace(it, fields=without_binding(it.fields, path)))

    def ask_list(self, inputs: dict[str, Json]) -> None:
        """Say which list the selected mapping is to be connected to when it is saved; none with nothing."""
        from studio.connections import to_be_connected  # few mappings are connected

        what = "connect to a list" if inputs else "connect to no list"
        self.change_mapping(what, lambda it: to_be_connected(it, inputs))

    # Samples

    def add_samples(self, samples: tuple[Sample, ...]) -> None:
        """Add samples behind the selected one and select the first of them."""
        at = self.sample_index + 1 if self.document.samples else 0
        now = self.document.samples
        what = "add a sample" if len(samples) == 1 else f"add {len(samples)} samples"
        self.edit(what, replace(self.document, samples=(*now[:at], *samples, *now[at:])))
        self.sample_index = at

    def change_sample(self, event: dict[str, Json]) -> None:
        """Put another event in the place of the selected sample's."""
        samples = list(self.document.samples)
        samples[self.sample_index] = Sample(event)
        self.edit("change the sample", replace(self.document, samples=tuple(samples)))

    def delete_sample(self) -> None:
        """Take the selected sample out."""
        now = self.document.samples
        rest = (*now[: self.sample_index], *now[self.sample_index + 1 :])
        self.edit("delete a sample", replace(self.document, samples=rest))
