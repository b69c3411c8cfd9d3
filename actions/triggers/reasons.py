"""Why a part of a trigger came out as it did, in sentences for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actions.triggers.nodes import Call, Compare, Every, In, ListOf, Literal, Not, Some
from actions.triggers.values import Found
from actions.values import MISSING, Json, json_text, text

if TYPE_CHECKING:
    from actions.triggers.explanation import Explanation

_LONGEST = 60
_MEMBERS = 5
_WORDS = {"!=": "not", "<": "below", "<=": "at most", ">": "above", ">=": "at least"}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def reasons(part: Explanation) -> list[str]:
    """The sentences of those parts that decided how `part` came out."""
    node = part.node
    if isinstance(node, Every | Some | Not):
        wanted = (not part.result) if isinstance(node, Not) else part.result
        found: list[str] = []
        for child in part.children:
            if child.result is wanted:
                found += reasons(child)
        return found
    if isinstance(node, Compare):
        return [_comparison(part, node.operator)]
    if isinstance(node, In):
        return [_membership(part, *part.children)]
    if isinstance(node, Call) and node.asks:
        return [_answer(part, *part.children)]
    return [_said(part) if part.result or part.value is MISSING else f"{_said(part)}, which is not the boolean true"]


def _comparison(part: Explanation, operator: str) -> str:
    left, right = part.children
    if isinstance(left.node, Literal):
        left, right = right, left
        operator = _TURNED.get(operator, operator)
    if left.value is MISSING and not part.result:
        return _said(left)
    wanted = _shown(right.value) if isinstance(right.node, Literal) else f"{right.text} ({_shown(right.value)})"
    if operator == "=":
        return _said(left) if part.result else f"{_said(left)}, not {wanted}{near_miss(left.value, right.value)}"
    if operator == "!=":
        return f"{_said(left)}, not {wanted}" if part.result else _said(left)
    if part.result:
        return f"{_said(left)}, {_WORDS[operator]} {wanted}"
    return f"{_said(left)}, not {_WORDS[operator]} {wanted}{_no_order(left.value, right.value)}"


def _membership(part: Explanation, member: Explanation, members: Explanation) -> str:
    if not isinstance(members.value, list):
        if members.value is MISSING:
            return _said(members)
        return f"{members.text if isinstance(members.node, Literal) else f'{_said(members)}, which'} is not a list"
    where = _shown(members.value) if isinstance(members.node, ListOf) else members.text
    if isinstance(member.node, Literal):
        return f"{_said(members)}, {'with' if part.result else 'without'} {_shown(member.value)}"
    near = "" if part.result else next(filter(None, (near_miss(member.value, item) for item in members.value)), "")
    return f"{_said(member)}, {'' if part.result else 'not '}one of {where}{near}"


def _answer(part: Explanation, whole: Explanation, looked_for: Explanation) -> str:
    """Why `contains` or `match` said yes or no."""
    holds = part.result is True
    said = _said(whole)
    if whole.value is MISSING:
        return said
    if isinstance(part.node, Call) and part.node.name == "match":
        verb = "matches" if holds else "does not match"
        hint = "" if isinstance(whole.value, str) else "; only a text matches a pattern"
    else:
        verb = "contains" if holds else "does not contain"
        hint = "" if isinstance(whole.value, str | list) else "; only a text or a list contains something"
        if not holds and isinstance(whole.value, str) and isinstance(looked_for.value, str):
            folded = looked_for.value.casefold() in whole.value.casefold()
            hint = " (only in other letter case)" if folded else ""
    return f"{said}, which {verb} {_shown(looked_for.value)}{hint}"


def near_miss(ours: Found, wanted: Found) -> str:
    """A hint where two values are nearly the same: a text in other letter case, a number against its digits."""
    if isinstance(ours, str) and isinstance(wanted, str):
        if ours.strip() == wanted.strip():
            return " (the blanks around it differ)"
        return " (the letter case differs)" if ours.strip().casefold() == wanted.strip().casefold() else ""
    if isinstance(ours, str | int | float) and isinstance(wanted, str | int | float) and text(ours) == text(wanted):
        return f" ({_kind(ours)} is never equal to {_kind(wanted)})" if _kind(ours) != _kind(wanted) else ""
    return ""


def _no_order(ours: Found, wanted: Found) -> str:
    if ours is MISSING or ours is None or wanted is MISSING or wanted is None or _kind(ours) == _kind(wanted):
        return ""
    return f" ({_kind(ours)} has no order with {_kind(wanted)})"


def _kind(value: Json) -> str:
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, int | float):
        return "a number"
    return "a list" if isinstance(value, list) else "an object"


def _said(part: Explanation) -> str:
    """What a part is. Where a function was given nothing, that is what people need to know."""
    if part.value is MISSING:
        return f"{part.text} is missing"
    lacking = [child.text for child in part.children if child.value is MISSING]
    return f"{part.text} is {_shown(part.value)}{f' ({lacking[0]} is missing)' if lacking else ''}"


def _shown(value: Found) -> str:
    """A value short enough for a sentence."""
    if value is MISSING:
        return "missing"
    if isinstance(value, list):
        if len(value) > _MEMBERS or any(isinstance(item, dict | list) for item in value):
            return f"a list of {len(value)}"
    elif isinstance(value, dict):
        return "an object" if value else "{}"
    shown = json_text(value)
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"
