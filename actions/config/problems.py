"""What is wrong with a configuration, or a trap in it, and where."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from actions.config.secrets import without_keys
from actions.values import Json


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """One problem: what is wrong and what to do, and where. `line` counts from 1; 0 where it concerns no line.

    `position` is that of the mapping that it is told of, from 0.

    An `error` keeps the configuration from being used; a `warning` is a trap in one that works.
    """

    message: str
    source: str = ""
    line: int = 0
    mapping: str = ""
    field: str = ""
    severity: Literal["error", "warning"] = "error"
    position: int | None = None

    def __str__(self) -> str:
        place = f"{self.source}:{self.line}" if self.line else self.source
        about = ", ".join(
            part
            for part in (self.mapping and f'mapping "{self.mapping}"', self.field and f"field {self.field}")
            if part
        )
        return ": ".join(part for part in (place, self.severity, about, self.message) if part)

    def without_keys(self) -> ConfigProblem:
        """The problem without the API key that it would repeat."""
        message, mapping, field = map(without_keys, (self.message, self.mapping, self.field))
        return replace(self, message=message, mapping=mapping, field=field)

    def document(self) -> dict[str, Json]:
        """The problem as JSON."""
        return {name: getattr(self, name) for name in ("source", "line", "severity", "mapping", "field", "message")}


class ConfigError(ValueError):
    """A configuration that cannot be used, or not be written. `problems` holds everything found."""

    def __init__(self, problems: list[ConfigProblem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class CommentsWouldBeLost(Exception):
    """Saving would lose comments, and nothing was written. `lines` are where they stand."""

    def __init__(self, lines: list[int]) -> None:
        listed = ", ".join(map(str, lines))
        super().__init__(f"Saving would lose the comments in line {listed}. Nothing was written.")
        self.lines = lines
