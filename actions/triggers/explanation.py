"""Why a trigger fires on an event or not: each part with what it came to."""

from __future__ import annotations

from dataclasses import dataclass, field

from actions.triggers.nodes import Every, Group, Node, Not, Some
from actions.triggers.reasons import reasons
from actions.triggers.values import Found
from actions.values import Json

_MOST_REASONS = 8


@dataclass(frozen=True, slots=True)
class Explanation:
    """A part of a trigger on one event.

    `text` is the part as it was written, `value` what it comes to (MISSING where the event has nothing), `result`
    whether it holds (None for a mere value), `children` its parts. Every part is evaluated, also those that deciding
    the whole did not need.
    """

    text: str
    value: Found
    result: bool | None
    children: tuple[Explanation, ...]
    node: Node = field(repr=False, compare=False)

    def reason(self) -> str:
        """Why it holds or does not, for people: `event is "Product Viewed", not "Order Completed"`."""
        sentences = list(dict.fromkeys(reasons(self)))
        more = len(sentences) - _MOST_REASONS
        return "; ".join(sentences[:_MOST_REASONS] + ([f"and {more} more"] if more > 0 else []))


def explain(node: Node, event: Json, *, condition: bool) -> Explanation:
    """A part on an event. `condition` says that it stands where a condition is asked.

    Parentheses are no part of their own: they show in the text of what stands in them.
    """
    text = node.text
    while isinstance(node, Group):
        node = node.inner
    inner = isinstance(node, Every | Some | Not)
    children: list[Explanation] = []
    for part in node.parts:  # a plain loop: half the stack of a comprehension, for triggers nested a hundred deep
        children.append(explain(part, event, condition=inner))  # noqa: PERF401
    result = node.test(event) if condition or node.asks else None
    return Explanation(text, node.value(event), result, tuple(children), node)
