"""Segment's trigger language (FQL): which events a mapping takes.

::

    trigger = parse('type = "track" and properties.total > 100')
    trigger.matches(event)            # True or False
    trigger.explain(event).reason()   # 'properties.total is 42, not above 100'
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from actions.triggers.calls import possible_calls
from actions.triggers.explanation import Explanation, explain
from actions.triggers.lint import nodes_of, warnings
from actions.triggers.nodes import Node, PathNode
from actions.triggers.parser import parse_tree
from actions.values import Json

__all__ = ["Explanation", "Trigger", "parse"]


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger that was read.

    `text` is the trigger as it was written; `matches(event)` tells whether it fires on an event, and never raises.
    """

    text: str
    matches: Callable[[Json], bool] = field(repr=False, compare=False)
    root: Node = field(repr=False, compare=False)

    def explain(self, event: Json) -> Explanation:
        """The tree of the trigger's parts with their values on this event, and why it fires or does not."""
        return explain(self.root, event, condition=True)

    def paths(self) -> tuple[str, ...]:
        """The fields of the event that it reads, as they are written."""
        return tuple(dict.fromkeys(node.text for node in nodes_of(self.root) if isinstance(node, PathNode)))

    def calls(self) -> frozenset[str]:
        """The calls (`identify`, `track` …) that it can fire on, from what it says about `type` and `event`."""
        return possible_calls(self.root)

    def lint(self) -> list[str]:
        """What is legal and yet hardly meant, as warnings for people."""
        return warnings(self.root)


@lru_cache(256)
def parse(fql: str) -> Trigger:
    """Read a trigger. Raises `TriggerError` with line, column and what was expected.

    The language is the FQL of Segment's documentation (Public API, "Destination Filter Query Language"), not the
    smaller dialect that Segment's triggers speak: what both accept means the same, but for `and` and `or` side by
    side without parentheses, where `and` binds more closely. At most 10,000 characters, nested at most 100 deep.
    """
    root = parse_tree(fql)
    return Trigger(fql, root.test, root)
