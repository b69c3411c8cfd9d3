"""What is legal in a trigger and yet hardly meant."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from actions.triggers.calls import CALLS, possible_calls
from actions.triggers.nodes import Call, Compare, Every, In, ListOf, Literal, Node, PathNode, Some, within
from actions.values import Json

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


def nodes_of(root: Node) -> Iterator[Node]:
    """The node and all parts below it, in the order of the text."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(node.parts)


def warnings(root: Node) -> list[str]:
    """Warnings for people, each once, in the order of the text."""
    found: list[str] = []
    if not possible_calls(root):
        found.append("it never fires: no call can be all that it asks for at once")
    for node in nodes_of(root):
        if isinstance(node, PathNode):
            found += _unknown_field(node)
        elif isinstance(node, Compare | In):
            found += _comparison(node)
        elif isinstance(node, Call) and node.asks:
            found += _arguments(node)
        elif isinstance(node, Some) and any(isinstance(part, Every) for part in node.parts):
            found.append(
                '"and" and "or" stand side by side: here "and" binds more closely, while Segment\'s triggers read all '
                "of them as the last one; parentheses mean the same in both"
            )
    return list(dict.fromkeys(found))


def _unknown_field(path: PathNode) -> list[str]:
    first = path.keys[0]
    if first in FIELDS:
        return []
    quoted = "" if len(path.keys) > 1 else ", and a text needs quotes"
    return [f'no event of Segment has a field "{first}" at its root{_suggestion(first, FIELDS) or quoted}']


def _comparison(node: Compare | In) -> list[str]:
    left, right = (within(part) for part in node.parts)
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
            call = _folded(literal.literal)
            found.append(f"{literal.text} is a call's type and hardly an event's name; did you mean type = \"{call}\"?")
    return found


def _arguments(call: Call) -> list[str]:
    """`match("Order *", event)`: a text that is looked for in itself."""
    first, second = (within(argument) for argument in call.arguments)
    if isinstance(first, Literal) and isinstance(second, PathNode):
        return [f"{call.name} takes the field first: {call.name}({second.text}, {first.text})"]
    return []


def _folded(value: Json) -> str:
    return value.strip().lower() if isinstance(value, str) else ""


def _suggestion(value: Json, known: tuple[str, ...]) -> str:
    folded = {item.lower(): item for item in known}
    near = get_close_matches(_folded(value), folded, 1)
    return f'; did you mean "{folded[near[0]]}"?' if near else ""
