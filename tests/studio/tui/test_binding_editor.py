"""The editor of a binding by keyboard alone: mistakes at their place, signatures, completion, previews."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from studio_app import LARGE, SMALL, choose_field, opened, press, until
from textual.widgets import Input

from studio.formula import FUNCTIONS
from studio.tui.app import StudioApp
from studio.tui.signature_text import signature_text


def rows(app: StudioApp, selector: str) -> list[str]:
    """The rows of the screen where a widget is, frame included."""
    region = app.main.query_one(selector).region
    strips = app.screen._compositor.render_strips()  # pyright: ignore[reportPrivateUsage] # there is no public way to the rows as they are drawn
    return [strip.text[region.x : region.right] for strip in strips[region.y : region.bottom]]


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize(
    ("formula", "wrong"),
    [
        ("= uper($.traits.email)", "uper"),
        ('= replace($.traits.phone, "日本語", "", "a", "b", ignorecase: tru', "tru"),
        (f'= ["{"x" * 150}", tru, "{"x" * 20}"]', "tru"),
        (f"= {'lower(' * 30}$.traits.email, 1", "1"),
    ],
)
async def test_a_mistake_is_marked_below_its_place_in_the_line(formula: str, wrong: str, size: tuple[int, int]):
    async with opened(size=size) as (app, pilot):
        await choose_field(app, pilot, "title")
        await press(pilot, "f2", "ctrl+u")
        line = app.main.query_one("#formula", Input)
        line.insert_text_at_cursor(formula[:-1])
        await press(pilot, formula[-1])
        assert await until(pilot, lambda: any("^" in row for row in rows(app, "#binding")))
        typed = next(row for row in rows(app, "#binding") if formula[-6:] in row)
        caret = next(row for row in rows(app, "#binding") if "^" in row)
        if wrong in typed:  # the rows have a cell for each character, and two for a wide one
            assert cell_len(typed[: typed.rindex(wrong)]) == cell_len(caret[: caret.index("^")])
        else:  # it is left of what can be seen
            assert caret.replace("│", "").strip().startswith("^")


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_parameter_that_is_typed_is_always_seen_in_the_signature(size: tuple[int, int]):
    async with opened(size=size) as (app, pilot):
        await choose_field(app, pilot, "title")
        await press(pilot, "f2", "ctrl+u", *"= replace(")
        for argument, parameter in (
            ("$.a", "value"),
            ('"a"', "pattern"),
            ('"b"', "[replacement]"),
            ('"c"', "[pattern2]"),
            ('"d"', "[replacement2]"),
            ("ignorecase: true", "[ignorecase:]"),
            ("global: true", "[global:]"),
        ):
            await press(pilot, *argument)
            assert await until(pilot, lambda parameter=parameter: parameter in rows(app, "#binding")[-1]), rows(
                app, "#binding"
            )
            await press(pilot, "comma", "space")
        await press(pilot, "escape")
        assert "replace" not in rows(app, "#binding")[-1]


@pytest.mark.parametrize("width", [20, 30, 45, 120])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_signature_shows_the_parameter_in_any_width(name: str, width: int):
    signature = FUNCTIONS[name]
    for parameter in signature.parameters:
        shown = signature_text(signature, parameter.name, width).plain
        assert str(parameter) in shown
        assert shown == str(signature) or len(str(signature)) > width
