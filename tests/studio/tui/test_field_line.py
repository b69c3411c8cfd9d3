from __future__ import annotations

from studio.tui.field_line import matching_fields

FIELDS = ["subtotal", "properties.total", "total", "totals"]


def test_fields_that_begin_with_the_text_come_first_then_those_with_a_key_that_does() -> None:
    assert matching_fields(FIELDS, " TOTAL") == ["total", "totals", "properties.total", "subtotal"]


def test_a_field_that_is_typed_out_is_not_offered_again() -> None:
    assert matching_fields(FIELDS, "total") == ["totals", "properties.total", "subtotal"]


def test_nothing_is_offered_where_nothing_fits() -> None:
    assert matching_fields(FIELDS, "nowhere") == []
