"""A payload as text to show, each value with the binding that it comes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from textual.content import Content
from textual.css.styles import RulesMap
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual

from actions.values import Json
from studio.bindings import FieldPath
from studio.cli.text import printable, shortened
from studio.tui.exchange_text import json_content

_LONGEST_NOTATION = 120
_NARROWEST = 20


class FittedText(Visual):
    """Text that is made for the width that there is for it, when that is known."""

    def __init__(self, make: Callable[[int], Content]) -> None:
        self.fitted = lru_cache(maxsize=2)(make)

    def render_strips(self, width: int, height: int | None, style: Style, options: RenderOptions) -> list[Strip]:
        """The text in its width."""
        return self.fitted(width).render_strips(width, height, style, options)

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        """All the width there is."""
        del rules
        return container_width

    def get_height(self, rules: RulesMap, width: int) -> int:
        """As many lines as the text takes in that width."""
        return self.fitted(width).get_height(rules, width)


def payload_text(
    payload: Mapping[str, Json], notations: Mapping[FieldPath, str], warnings: Sequence[str], width: int
) -> Content:
    """The payload over the lines of a pane so wide; `notations` has the bindings of fields and of their sub-fields."""
    lines = [Content.styled(f"! {printable(warning)}", "$text-warning") for warning in warnings]
    opened = {path[0] for path in notations if len(path) > 1}
    for key, value in payload.items():
        if isinstance(value, dict) and key in opened:
            lines.append(json_content({key: {}}, wrapped=False)[:-1])
            for part, inner in value.items():
                lines.append(_traced(part, inner, notations.get((key, part), ""), width, indent=2))
            lines.append(Content("}"))
        else:
            lines.append(_traced(key, value, notations.get((key,), ""), width))
    return Content("\n").join(lines) if lines else Content.styled("An empty payload.", "$foreground-muted")


def _traced(key: str, value: Json, notation: str, width: int, indent: int = 0) -> Content:
    """A value and, behind its first line or below it where there is no room, its binding."""
    blank = " " * indent
    block = json_content({key: value}, wrapped=False)
    if indent:
        block = Content("\n").join([Content(blank) + line for line in block.split("\n")])
    if not notation:
        return block
    first, *rest = block.split("\n")
    if len(notation) <= width - first.cell_length - 4:
        traced = first + Content.styled(f"  ← {shortened(notation, _LONGEST_NOTATION)}", "$foreground-muted")
    else:
        below = shortened(notation, min(_LONGEST_NOTATION, max(_NARROWEST, width - indent - 6)))
        traced = first + Content.styled(f"\n{blank}    ← {below}", "$foreground-muted")
    return Content("\n").join([traced, *rest])
