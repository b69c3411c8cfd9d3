"""Which filters there are in `@liquid`, and which Segment refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from actions.mapping import liquid_dates, liquid_lists, liquid_numbers, liquid_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from actions.values import Json

DISABLED: Final = frozenset({
    "array_to_sentence_string", "concat", "find", "find_exp", "find_index", "find_index_exp", "group_by",
    "group_by_exp", "has", "has_exp", "map", "newline_to_br", "reject", "reject_exp", "reverse", "sort",
    "sort_natural", "type", "uniq", "where_exp",
})  # fmt: skip
"""The filters that Segment refuses."""

FILTERS: Final[Mapping[str, Callable[..., Json]]] = {
    **liquid_dates.FILTERS,
    **liquid_lists.FILTERS,
    **liquid_numbers.FILTERS,
    **liquid_texts.FILTERS,
}
"""Every filter by its name: a function of the value and the arguments, of which a template may leave out some."""
