"""Whether a trigger can fire at all on an event of which only some fields are known."""

from __future__ import annotations

from collections.abc import Mapping

from actions.triggers.lint import nodes_of
from actions.triggers.nodes import Every, Node, Not, PathNode, Some, within
from actions.values import Json


def can_fire(root: Node, known: Mapping[str, Json]) -> bool:
    """Whether the condition can hold on an event with these fields at its root. What depends on others can."""
    return _split(root, known)[0]


def _split(node: Node, known: Mapping[str, Json]) -> tuple[bool, bool]:
    """Whether it can hold, and whether it can fail to."""
    node = within(node)
    if isinstance(node, Every | Some):
        holds, fails = zip(*(_split(part, known) for part in node.parts), strict=True)
        return (all(holds), any(fails)) if isinstance(node, Every) else (any(holds), all(fails))
    if isinstance(node, Not):
        holds, fails = _split(node.inner, known)
        return fails, holds
    paths = [own for own in nodes_of(node) if isinstance(own, PathNode)]
    if all(len(path.keys) == 1 and path.keys[0] in known for path in paths):
        holds = node.test(dict(known))
        return holds, not holds
    return True, True
