"""The open document: what is edited, with its files, what is unsaved and what is wrong. It knows no screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import presets
from actions.config import Config, ConfigError, ConfigProblem
from studio.bindings import FieldPath
from studio.documents import samples_beside
from studio.edited_document import Document, EditedDocument, State
from studio.files_on_disk import FilesOnDisk
from studio.problems import OF_FILE, Findings, Problem
from studio.samples import ReadSamples, RowSample, own_samples, read_samples, samples_text, write_samples


@dataclass
class Session(EditedDocument):
    """A document that is edited, and its files. `path` is its own; None for one that has none yet.

    `notices` are what opening had to say: problems of a file that are in no mapping, lines of samples that are none.
    `samples_rest` are those lines, which saving keeps; None where the file of samples must stay as it is.
    """

    path: Path | None = None
    samples_path: Path | None = None
    notices: list[Problem] = field(default_factory=list[Problem])
    samples_rest: tuple[bytes, ...] | None = ()
    _saved: Document = field(init=False)
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
        session = cls(config, document, path=path, samples_path=beside, samples_rest=samples.rest)
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

    def take_rows(self, rows: Sequence[RowSample], problem: str = "") -> None:
        """Let rows of the model be samples, in front of the document's own, in the place of earlier ones.

        That is no edit: nothing is unsaved for it, and undo does not take it back. `problem` is why there are none.
        """
        more = len(rows) - (len(self.document.samples) - len(own_samples(self.document.samples)))

        def beside(document: Document) -> Document:
            return replace(document, samples=(*rows, *own_samples(document.samples)))

        def with_rows(state: State) -> State:
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
