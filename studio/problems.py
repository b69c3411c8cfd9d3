"""What is wrong in mappings, and their traps, each with its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace

from actions.config import Mapping
from actions.config.checks import TRIGGER, traps_of
from actions.config.reading import MAPPINGS_AT_MOST
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
    """The problems of mappings, each looked for once as long as the mapping is the same object."""

    _known: dict[int, tuple[Mapping, list[Problem]]] = field(default_factory=dict[int, tuple[Mapping, list[Problem]]])

    def of_all(self, mappings: Sequence[Mapping]) -> list[Problem]:
        """Those of all mappings, in their order, with their positions."""
        found: list[Problem] = []
        names: set[str] = set()
        for index, mapping in enumerate(mappings):
            found += [replace(problem, mapping_index=index) for problem in self.of(mapping)]
            if mapping.name in names:
                found.append(Problem(f"another mapping is called {mapping.name!r}", "error", index))
            names.add(mapping.name)
        return found

    def of(self, mapping: Mapping) -> list[Problem]:
        """Those of one mapping."""
        kept = self._known.get(id(mapping))
        if kept is not None and kept[0] is mapping:
            return kept[1]
        if len(self._known) > MAPPINGS_AT_MOST * 4:
            self._known.clear()
        found = _find(mapping)
        self._known[id(mapping)] = (mapping, found)
        return found


def _find(mapping: Mapping) -> list[Problem]:
    found: list[Problem] = []
    for finding in validate_mapping(mapping, KLAVIYO):
        path = tuple(str(key) for key in finding.path[1:]) if finding.path[:1] == ("fields",) else ()
        found.append(Problem(finding.message, finding.severity, 0, path, finding.path[:1] == ("trigger",)))
    for path, _ in key_paths({"mapping": [asdict(mapping)]}):
        found.append(Problem(KEY_IN_FILE, "error", 0, tuple(map(str, path[3:])) if path[2] == "fields" else ()))
    for place, message in traps_of(mapping):
        on_trigger = place == TRIGGER
        found.append(Problem(message, "warning", 0, () if on_trigger else place, on_trigger))
    return found
