"""Which calls a trigger can fire on at all, from what it says about `type` and `event`."""

from __future__ import annotations

from actions.triggers.nodes import Compare, Every, In, ListOf, Literal, Node, Not, PathNode, Some, within

CALLS = ("identify", "track", "page", "screen", "group", "alias")
"""Segment's calls, by their `type`."""

_ALL: frozenset[str] = frozenset(CALLS)
_NONE: frozenset[str] = frozenset()


def possible_calls(root: Node) -> frozenset[str]:
    """The calls that the condition leaves possible. One that is in doubt is in it; an empty set never fires."""
    return _split(root)[0]


def _split(node: Node) -> tuple[frozenset[str], frozenset[str]]:
    """The calls on which the condition can hold, and those on which it can fail to hold."""
    node = within(node)
    if isinstance(node, Every | Some):
        holds, fails = zip(*map(_split, node.parts), strict=True)
        if isinstance(node, Every):
            return _ALL.intersection(*holds), _NONE.union(*fails)
        return _NONE.union(*holds), _ALL.intersection(*fails)
    if isinstance(node, Not):
        holds, fails = _split(node.inner)
        return fails, holds
    if isinstance(node, Compare) and node.operator in ("=", "!="):
        holds, fails = _equals(node)
        return (holds, fails) if node.operator == "=" else (fails, holds)
    if isinstance(node, In):
        members = within(node.members)
        if _keys(node.member) == ("type",) and isinstance(members, ListOf):
            literals = [within(member) for member in members.parts]
            if all(_is_call(literal) for literal in literals):
                named = frozenset(call for call in CALLS if any(_is(literal, call) for literal in literals))
                return named, _ALL - named
    return _ALL, _ALL


def _equals(node: Compare) -> tuple[frozenset[str], frozenset[str]]:
    left, right = within(node.left), within(node.right)
    if isinstance(left, Literal):
        left, right = right, left
    if not isinstance(right, Literal):
        return _ALL, _ALL
    if _keys(left) == ("type",) and _is_call(right):
        named = frozenset(call for call in CALLS if _is(right, call))
        return named, _ALL - named
    if _keys(left) == ("event",) and isinstance(right.literal, str) and right.literal.strip().lower() not in CALLS:
        return frozenset({"track"}), _ALL  # no other call has an event's name
    return _ALL, _ALL


def _keys(node: Node) -> tuple[str, ...]:
    node = within(node)
    return node.keys if isinstance(node, PathNode) else ()


def _is_call(node: Node) -> bool:
    """Whether it names a call that there is. One that there is not is a slip, and leaves everything possible."""
    return any(_is(node, call) for call in CALLS)


def _is(node: Node, text: str) -> bool:
    return isinstance(node, Literal) and node.literal == text
