"""Segment's trigger language (FQL): which events a mapping takes.

::

    trigger = parse('type = "track" and properties.total > 100')
    trigger.matches(event)            # True or False
    trigger.explain(event).reason()   # 'properties.total is 42, not above 100'
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from actions.triggers.explanation import Explanation, explain
from actions.triggers.lint import nodes_of, warnings
from actions.triggers.nodes import Node, PathNode
from actions.triggers.parser import parse_tree
from actions.values import Json

__all__ = ["Explanation", "Trigger", "parse"]


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger: `text` as it was written, and `matches`, a plain function of the event."""

    text: str
    matches: Callable[[Json], bool]
    root: Node

    def explain(self, event: Json) -> Explanation:
        """The tree of the trigger's parts with their values on this event."""
        return explain(self.root, event, condition=True)

    def paths(self) -> tuple[str, ...]:
        """The fields of the event that it reads, as they are written."""
        return tuple(dict.fromkeys(node.text for node in nodes_of(self.root) if isinstance(node, PathNode)))

    def lint(self) -> list[str]:
        """What is legal and yet hardly meant, as warnings for people."""
        return warnings(self.root)


def parse(fql: str) -> Trigger:
    """Read a trigger. Raises `TriggerError` with line, column and what was expected."""
    root = parse_tree(fql)
    return Trigger(fql, root.test(), root)
