"""The open document: mappings, samples, selection, undo, unsaved changes. It knows no screen.

Everything that can be undone is in one immutable `Document`; an edit puts another in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple, cast

import presets
from actions.config import Config, ConfigError, ConfigProblem, Mapping
from actions.config.reading import MAPPINGS_AT_MOST
from actions.config.row_changes import row_trigger, taken
from actions.destination import Action
from actions.klaviyo import KLAVIYO
from actions.values import Json
from studio.bindings import FieldPath, with_binding, without_binding
from studio.documents import samples_beside
from studio.edit_history import EditHistory, Step
from studio.files_on_disk import FilesOnDisk
from studio.problems import OF_FILE, Findings, Problem
from studio.samples import ReadSamples, RowSample, Sample, own_samples, read_samples, samples_text, write_samples


@dataclass(frozen=True, slots=True)
class Document:
    """What is edited: the mappings in their order, and the samples."""

    mappings: tuple[Mapping, ...] = ()
    samples: tuple[Sample, ...] = ()


class _State(NamedTuple):
    """A document, and what is selected in it."""

    document: Document
    mapping_index: int
    sample_index: int


@dataclass
class Session:
    """A document being edited. `path` is its file; None for one that has none yet.

    `notices` are what opening had to say: problems of a file that are in no mapping, lines of samples that are none.
    `samples_rest` are those lines, which saving keeps; None where the file of samples must stay as it is.
    """

    config: Config
    document: Document
    path: Path | None = None
    samples_path: Path | None = None
    mapping_index: int = 0
    sample_index: int = 0
    field_path: FieldPath = ()
    notices: list[Problem] = field(default_factory=list[Problem])
    samples_rest: tuple[bytes, ...] | None = ()
    _saved: Document = field(init=False)
    _history: EditHistory[_State] = field(default_factory=EditHistory[_State])
    _disk: FilesOnDisk = field(init=False)
    _findings: Findings = field(default_factory=Findings)
    _bad_lines: list[Problem] = field(default_factory=list[Problem])

    def __post_init__(self) -> None:
        self._saved = self.document
        self.keep_mine()

    @classmethod
    def open(cls, path: Path | None) -> Session:
        """Open a file with its samples, or the starter preset, which has no file to be saved to.

        A file with problems opens all the same. Raises `ConfigError` where there is no text to read.
        """
        if path is None:
            config = Config.load(presets.config_path(presets.STARTER))
            config.path = None
            samples = read_samples(presets.samples_path(presets.STARTER))
            return cls(config, Document(tuple(config.mappings), samples.samples), notices=_of_samples(samples.problems))
        config, problems = Config.read(path)
        beside = samples_beside(path)
        if beside.exists():
            samples = read_samples(beside)
        elif config.source is not None:  # the rows of its model are on their way
            samples = ReadSamples()
        else:
            samples = read_samples(presets.samples_path(presets.STARTER))
        document = Document(tuple(config.mappings), samples.samples)
        session = cls(config, document, path, beside, samples_rest=samples.rest)
        session._bad_lines = _of_samples(samples.problems)
        session._findings.takes_rows = config.source is not None
        session._take(problems)
        return session

    @classmethod
    def create(cls, path: Path) -> Session:
        """Make a file that is not there yet: no mappings, the starter's samples to try them on.

        Raises `ConfigError` where it cannot be written.
        """
        Config(path=path).save()
        session = cls.open(path)
        session.save()  # the samples too
        return session

    @property
    def name(self) -> str:
        """The document's name for people."""
        return self.path.name if self.path else f"{presets.STARTER} (preset)"

    @property
    def changed(self) -> bool:
        """Whether there is something to save."""
        return self.document != self._saved

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

    def _state(self) -> _State:
        return _State(self.document, self.mapping_index, self.sample_index)

    def _go_to(self, step: Step[_State] | None) -> str | None:
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

    def take_rows(self, rows: Sequence[RowSample], problem: str = "") -> None:
        """Let rows of the model be samples, in front of the document's own, in the place of earlier ones.

        That is no edit: nothing is unsaved for it, and undo does not take it back. `problem` is why there are none.
        """
        more = len(rows) - (len(self.document.samples) - len(own_samples(self.document.samples)))

        def beside(document: Document) -> Document:
            return replace(document, samples=(*rows, *own_samples(document.samples)))

        def with_rows(state: _State) -> _State:
            return state._replace(document=beside(state.document), sample_index=max(0, state.sample_index + more))

        self._history.rewrite(with_rows)
        self.sample_index = max(0, self.sample_index + more) if own_samples(self.document.samples) else 0
        is_saved = self.document is self._saved
        self._saved = beside(self._saved)
        self._become(self._saved if is_saved else beside(self.document))
        if problem:
            self.notices.append(Problem(problem, "warning", OF_FILE))

    # Problems

    def problems(self) -> list[Problem]:
        """Everything wrong in the file as it was opened and in the mappings, and the traps, in their order."""
        return [*self.notices, *self._findings.of_all(self.document.mappings)]

    def problem_of_mapping(self) -> str:
        """What is wrong with the selected mapping as a whole, or a trap of its trigger; empty where nothing is.

        Where there is no mapping, what keeps the file from having any.
        """
        index = self.mapping_index if self.mapping else OF_FILE
        found = [problem for problem in self.problems() if problem.mapping_index == index and not problem.field_path]
        errors = [problem for problem in found if problem.severity == "error" and not problem.on_trigger]
        traps = [problem for problem in found if problem.severity == "warning"] if self.mapping else []
        return next((problem.message for problem in [*errors, *traps]), "")

    def trap_at(self, path: FieldPath) -> str:
        """The first trap or problem at a field of the selected mapping; empty where there is none."""
        found = self._findings.of(self.mapping) if self.mapping else []
        return next((problem.message for problem in found if problem.concerns(path)), "")

    # Files

    def _take(self, problems: Sequence[ConfigProblem]) -> None:
        """Note what reading the file found: in mappings until they are edited, the rest until it is written."""
        self.notices = [*self._findings.take(self.document.mappings, problems), *self._bad_lines]

    def to_config(self) -> Config:
        """The configuration as it is now, still knowing the text it came from."""
        return replace(self.config, mappings=list(self.document.mappings))

    def save(self, path: Path | None = None, *, lose_comments: bool = False) -> None:
        """Write configuration and samples. Raises `ConfigError`, or `CommentsWouldBeLost` with nothing written."""
        target = path or self.path
        if target is None:
            raise ConfigError([ConfigProblem("the document has no file yet; give it a name")])
        config = self.to_config()
        config.save(target, lose_comments=lose_comments)
        samples_path = samples_beside(target)
        own = own_samples(self.document.samples)
        is_unchanged = target == self.path and own == own_samples(self._saved.samples)
        is_written = is_unchanged and (samples_path.exists() or (not own and config.source is not None))
        try:
            if not is_written:  # what nobody changed stays as it was written, to the byte
                self._write_samples(samples_path)
        except OSError as error:
            problem = f"the samples cannot be written ({error.strerror or error})"
            raise ConfigError([ConfigProblem(problem, str(samples_path))]) from error
        self.config, self.path, self.samples_path = config, target, samples_path
        self._bad_lines = self._bad_lines if is_written else []
        self._take(Config.read(target)[1])  # what was wrong with the file may be written rightly now
        self._saved = self.document
        self.keep_mine()

    def _write_samples(self, path: Path) -> None:
        if self.samples_rest is None and path == self.samples_path:
            problem = "it holds what cannot be read, so it is left as it is: mend it or move it, then save again"
            raise ConfigError([ConfigProblem(problem, str(path))])
        write_samples(path, own_samples(self.document.samples), self.samples_rest or ())

    def changed_on_disk(self) -> bool:
        """Whether somebody else has written the file, or its samples, since they were read or saved here."""
        return self.path is not None and self._disk.changed()

    def touched_on_disk(self) -> bool:
        """Whether that may be so, at a glance; each time it is told once."""
        return self._disk.touched()

    def text_here(self) -> str:
        """What saving would write, configuration and samples, as far as it can be written."""
        try:
            text = self.to_config().dumps(lose_comments=True)
        except ConfigError as error:
            text = f"# cannot be written: {error}\n"
        return f"{text}\n{samples_text(own_samples(self.document.samples))}"

    def text_on_disk(self) -> str:
        """The texts of the file and its samples as they are now; empty where they cannot be read."""
        return self._disk.text()

    def keep_mine(self) -> None:
        """Take note of the file as it is now and go on with what is here; saving will overwrite it."""
        self._disk = FilesOnDisk(self.path, self.samples_path)


def _of_samples(problems: Sequence[str]) -> list[Problem]:
    return [Problem(problem, "warning", OF_FILE) for problem in problems]
