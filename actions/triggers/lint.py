"""What is legal in a trigger and yet hardly meant."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from actions.triggers.nodes import Compare, Every, In, ListOf, Literal, Node, PathNode, Some
from actions.values import Json

CALLS = ("identify", "track", "page", "screen", "group", "alias")
FIELDS = (
    "type",
    "event",
    "name",
    "category",
    "userId",
    "anonymousId",
    "messageId",
    "groupId",
    "previousId",
    "properties",
    "traits",
    "context",
    "integrations",
    "timestamp",
    "originalTimestamp",
    "sentAt",
    "receivedAt",
    "version",
    "channel",
    "projectId",
    "writeKey",
    "__segment_id",
    "previous",
    "_metadata",
)
"""The fields that Segment's events have at their root."""


def nodes_of(node: Node) -> Iterator[Node]:
    """The node and all parts below it, in the order of the text."""
    yield node
    for part in node.parts:
        yield from nodes_of(part)


def warnings(root: Node) -> list[str]:
    """Warnings for people, each once, in the order of the text."""
    found: list[str] = []
    for node in nodes_of(root):
        if isinstance(node, PathNode) and node.keys[0] not in FIELDS:
            found.append(f"no event of Segment has {node.keys[0]!r} at its root{_suggestion(node.keys[0], FIELDS)}")
        elif isinstance(node, Compare | In):
            found += _comparisons(node)
        elif isinstance(node, Some) and any(isinstance(part, Every) for part in node.parts):
            found.append(
                '"and" and "or" stand side by side: "and" goes first here, while Segment reads all of them as the '
                "last one; parentheses say what is meant in both"
            )
    return list(dict.fromkeys(found))


def _comparisons(node: Compare | In) -> list[str]:
    left, right = node.parts
    if isinstance(left, Literal):
        left, right = right, left
    if not isinstance(left, PathNode):
        return []
    literals = [part for part in (right.parts if isinstance(right, ListOf) else (right,)) if isinstance(part, Literal)]
    found: list[str] = []
    for literal in literals:
        if left.keys == ("type",) and literal.literal not in CALLS:
            found.append(f"no call has the type {literal.text}{_suggestion(literal.literal, CALLS)}")
        if left.keys == ("event",) and _folded(literal.literal) in CALLS:
            found.append(f'{literal.text} is a type of call, not an event\'s name: type = "{_folded(literal.literal)}"')
    return found


def _folded(value: Json) -> str:
    return value.lower() if isinstance(value, str) else ""


def _suggestion(value: Json, known: tuple[str, ...]) -> str:
    folded = {item.lower(): item for item in known}
    near = get_close_matches(_folded(value), folded, 1) if isinstance(value, str) else []
    return f"; did you mean {folded[near[0]]!r}?" if near else ""
