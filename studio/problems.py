"""What is wrong in mappings, and their traps, each with its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from actions.config import ConfigProblem, Mapping
from actions.config.checks import OWN_KEYS, TRIGGER, traps_of
from actions.config.reading import MAPPINGS_AT_MOST, SAME_NAME
from actions.config.secrets import KEY_IN_FILE, key_paths
from actions.config.validation import validate_mapping
from actions.klaviyo import KLAVIYO
from studio.bindings import FieldPath

OF_FILE = -1
"""The position of what is in no mapping: of the configuration as a whole, or of its samples."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong or a trap, and where: the mapping's position, and the field where one is meant."""

    message: str
    severity: str
    mapping_index: int
    field_path: FieldPath = ()
    on_trigger: bool = False

    def concerns(self, path: FieldPath) -> bool:
        """Whether it is told at a field: at its own, and at the objects around it and in it."""
        shorter = min(len(self.field_path), len(path))
        return shorter > 0 and self.field_path[:shorter] == path[:shorter]


@dataclass
class Findings:
    """The problems of mappings, each looked for once as long as the mapping is the same object.

    `takes_rows` says that the configuration has a source, so that its events are rows of a warehouse.
    """

    takes_rows: bool = False
    _known: dict[int, tuple[Mapping, list[Problem]]] = field(default_factory=dict[int, tuple[Mapping, list[Problem]]])
    _told: list[tuple[Mapping, Problem]] = field(default_factory=list[tuple[Mapping, Problem]])

    def take(self, mappings: Sequence[Mapping], problems: Sequence[ConfigProblem]) -> list[Problem]:
        """Note what reading a file found in its mappings, which holds until they are edited; gives what is in none.

        What a mapping as it is tells again is left to it.
        """
        self._known.clear()
        self._told = [
            (mapping, Problem(problem.message, problem.severity, 0))
            for problem in problems
            if problem.position is not None and not problem.field and not problem.message.startswith(SAME_NAME)
            for mapping in mappings[problem.position : problem.position + 1]
            if problem.message not in {known.message for known in _find(mapping, takes_rows=self.takes_rows)}
        ]
        return [
            Problem(str(replace(problem, source=Path(problem.source).name)), problem.severity, OF_FILE)
            for problem in problems
            if problem.position is None and problem.message != _too_many(mappings)
        ]

    def of_all(self, mappings: Sequence[Mapping]) -> list[Problem]:
        """Those of all mappings, in their order, with their positions."""
        found: list[Problem] = []
        names: set[str] = set()
        for index, mapping in enumerate(mappings):
            found += [replace(problem, mapping_index=index) for problem in self.of(mapping)]
            if mapping.name in names:
                found.append(Problem(f"{SAME_NAME}; names tell mappings apart", "error", index))
            names.add(mapping.name)
        if len(mappings) > MAPPINGS_AT_MOST:
            found.append(Problem(_too_many(mappings), "error", OF_FILE))
        return found

    def of(self, mapping: Mapping) -> list[Problem]:
        """Those of one mapping."""
        kept = self._known.get(id(mapping))
        if kept is not None and kept[0] is mapping:
            return kept[1]
        if len(self._known) > MAPPINGS_AT_MOST * 4:
            self._known.clear()
        found = [
            *_find(mapping, takes_rows=self.takes_rows),
            *(problem for told, problem in self._told if told is mapping),
        ]
        self._known[id(mapping)] = (mapping, found)
        return found


def _find(mapping: Mapping, *, takes_rows: bool) -> list[Problem]:
    found: list[Problem] = []
    if not mapping.action:
        found.append(Problem("`action` is missing", "error", 0))
    if not mapping.trigger:
        found.append(Problem("`trigger` is missing", "error", 0, on_trigger=True))
    for finding in validate_mapping(mapping, KLAVIYO):
        path = tuple(str(key) for key in finding.path[1:]) if finding.path[:1] == ("fields",) else ()
        found.append(Problem(finding.message, finding.severity, 0, path, finding.path[:1] == ("trigger",)))
    for path, _ in key_paths({"mapping": [asdict(mapping)]}):
        found.append(Problem(KEY_IN_FILE, "error", 0, tuple(map(str, path[3:])) if path[2] == "fields" else ()))
    for place, message in traps_of(mapping, takes_rows=takes_rows):
        on_trigger = place == TRIGGER
        found.append(Problem(message, "warning", 0, () if place in OWN_KEYS else place, on_trigger))
    return found


def _too_many(mappings: Sequence[Mapping]) -> str:
    return f"there are {len(mappings)} mappings; Segment allows {MAPPINGS_AT_MOST}"
