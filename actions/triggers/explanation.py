"""Why a trigger fires on an event or not: each part with what it came to."""

from __future__ import annotations

from dataclasses import dataclass

from actions.triggers.nodes import Call, Compare, Every, Group, In, Literal, Node, Not, Some
from actions.values import MISSING, Json, Missing, json_text

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Explanation:
    """A part of a trigger on one event: its text, its value, whether it holds (None for a mere value), its parts.

    Every part is evaluated, also those that deciding the whole did not need.
    """

    text: str
    value: Json | Missing
    result: bool | None
    children: tuple[Explanation, ...]
    node: Node

    def reason(self) -> str:
        """Why it holds or does not, in sentences for people."""
        return "; ".join(dict.fromkeys(_reasons(self, wanted=self.result is True))) or self.text


def explain(node: Node, event: Json, *, condition: bool) -> Explanation:
    """A part on an event. `condition` says that it stands where a condition is asked."""
    asks = condition or node.asks
    inner = isinstance(node, Every | Some | Not) or (isinstance(node, Group) and asks)
    children = tuple(explain(part, event, condition=inner) for part in node.parts)
    return Explanation(node.text, node.value()(event), node.test()(event) if asks else None, children, node)


def _reasons(part: Explanation, *, wanted: bool) -> list[str]:
    """The parts that decide why `part` came out as it did."""
    node = part.node
    if isinstance(node, Not):
        return _reasons(part.children[0], wanted=not wanted)
    if isinstance(node, Group):
        return _reasons(part.children[0], wanted=wanted)
    if isinstance(node, Every | Some):
        return [reason for child in part.children if child.result is wanted for reason in _reasons(child, wanted=wanted)]
    if isinstance(node, Compare):
        return [_comparison(part, node)]
    if isinstance(node, In):
        member, members = part.children
        return [f"{_said(member)} and {'is' if part.result else 'is not'} among {_shown(members.value)}"]
    if isinstance(node, Call) and node.asks:
        return [f"{_said(part.children[0])}, so {part.text} is {'true' if part.result else 'false'}"]
    bare = "" if part.result else ", which is not the boolean true"
    return [f"{_said(part)}{bare}"]


def _comparison(part: Explanation, node: Compare) -> str:
    left, right = part.children
    if isinstance(left.node, Literal):
        left, right = right, left
    if part.result or node.operator not in ("=", "!="):
        against = "" if part.result and node.operator == "=" else f", {_verb(node.operator, held=part.result is True)}"
        return f"{_said(left)}{against}{f' {_shown(right.value)}' if against else ''}"
    if node.operator == "!=":
        return f"{left.text} is {_shown(right.value)}"
    return f"{_said(left)}, not {_shown(right.value)}{_near_miss(left.value, right.value)}"


def _verb(operator: str, *, held: bool) -> str:
    words = {"!=": "not", "<": "below", "<=": "at most", ">": "above", ">=": "at least", "=": ""}
    return words[operator] if held else f"not {words[operator]}"


def _near_miss(ours: Json | Missing, wanted: Json | Missing) -> str:
    """A hint where two values are nearly the same."""
    if isinstance(ours, str) and isinstance(wanted, str):
        if ours.strip() == wanted.strip():
            return " (blanks around it differ)"
        return " (only capital letters differ)" if ours.lower() == wanted.lower() else ""
    texts = {json_text(value).strip('"') for value in (ours, wanted) if not isinstance(value, Missing | list | dict)}
    return " (a number is not equal to a text)" if len(texts) == 1 and ours is not MISSING else ""


def _said(part: Explanation) -> str:
    return f"{part.text} is missing" if part.value is MISSING else f"{part.text} is {_shown(part.value)}"


def _shown(value: Json | Missing) -> str:
    if value is MISSING:
        return "missing"
    text = json_text(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
