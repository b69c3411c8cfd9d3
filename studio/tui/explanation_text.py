"""Why a trigger fires on an event or not, part by part, as text for a pane."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace

from textual.content import Content

from actions.triggers import Explanation
from actions.triggers.nodes import Every, ListOf, Literal, Not, Some
from actions.values import json_text
from studio.cli.text import shortened
from studio.tui.shown import is_missing, value_text

_LINES_AT_MOST = 200
_DEEPEST_INDENT = 8
_LONGEST_VALUE = 80
_NARROWEST = 20
_LONGEST_CONDITION = 300


@dataclass(frozen=True, slots=True)
class _Line:
    """A part: how deep it is, whether it holds, what it says, and the values that it looked at."""

    depth: int
    holds: bool
    text: str
    values: str
    is_joint: bool = False


def explanation_text(explanation: Explanation, width: int) -> Content:
    """The conditions with ✓ or ✗ and the values of their fields, which stand in a column where there is room."""
    lines = list(_lines(explanation, 0))
    shown = lines[:_LINES_AT_MOST]
    column = _column(shown, width)
    told = Content("\n").join(_told(line, column, width) for line in shown)
    left_out = len(lines) - len(shown)
    return Content.assemble(told, (f"\n… and {left_out} more", "$foreground-muted")) if left_out else told


def _lines(part: Explanation, depth: int) -> Iterator[_Line]:
    node, holds = part.node, part.result is True
    if isinstance(node, Every | Some | Not):
        words = "all of" if isinstance(node, Every) else "any of" if isinstance(node, Some) else "not"
        yield _Line(depth, holds, words, "", is_joint=True)
        for child in part.children:
            yield from _lines(child, depth + 1)
        return
    yield _Line(depth, holds, shortened(part.node.text, _LONGEST_CONDITION), ", ".join(dict.fromkeys(_values(part))))
    for child in part.children:
        if child.result is not None:
            yield from _lines(child, depth + 1)


def _values(part: Explanation) -> Iterator[str]:
    """The values in a condition that the event gave, the whole before its parts."""
    operands = part.children or (part,)
    for operand in operands:
        if isinstance(operand.node, Literal) or (operand.result is not None and operand is not part):
            continue
        if not isinstance(operand.node, ListOf):
            yield f"{shortened(operand.node.text, _LONGEST_VALUE)} is {_value(operand)}"
        if operand.children:
            yield from _values(operand)


def _value(operand: Explanation) -> str:
    if is_missing(operand.value):
        return "missing"
    if isinstance(operand.value, str):
        return shortened(json_text(operand.value[:_LONGEST_VALUE]), _LONGEST_VALUE)
    return value_text(operand.value, _LONGEST_VALUE)


def _column(lines: list[_Line], width: int) -> int:
    """Where the values begin: beside the longest condition that leaves them half of the width."""
    ends = [_head(line).cell_length for line in lines if line.values]
    return max((end for end in ends if end <= width // 2), default=0) + 2


def _told(line: _Line, column: int, width: int) -> Content:
    style = "$foreground-muted" if line.holds else "$text-warning"
    head = _head(line)
    if not line.values and head.cell_length <= width:
        return head
    if head.cell_length + 2 <= column and column + Content(line.values).cell_length <= width:
        return Content.assemble(head, " " * (column - head.cell_length), (line.values, style))
    indent = _indent(line)
    first, *rest = _wrapped(line.text, width - indent) or [""]
    told = [_head(replace(line, text=first))]
    told += [Content(" " * indent + text) for text in rest]
    told += [Content.assemble(" " * indent, (text, style)) for text in _wrapped(line.values, width - indent)]
    return Content("\n").join(told)


def _head(line: _Line) -> Content:
    mark = ("✓ ", "$text-success") if line.holds else ("✗ ", "$text-error")
    style = "$foreground-muted" if line.is_joint else "$foreground"
    return Content.assemble(" " * (_indent(line) - 2), mark, (line.text, style))


def _indent(line: _Line) -> int:
    return 2 * min(line.depth, _DEEPEST_INDENT) + 2


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(width, _NARROWEST), break_on_hyphens=False)
