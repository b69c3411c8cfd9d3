"""The editor of a binding by keyboard alone: mistakes at their place, signatures, completion, previews."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from studio_app import LARGE, SMALL, choose_field, opened, press, table_row, text_of, until
from textual.pilot import Pilot
from textual.widgets import Input

from actions.values import Json
from studio.edited_document import Document
from studio.formula.functions import FUNCTIONS
from studio.samples import Sample
from studio.session import Session
from studio.tui.app import StudioApp
from studio.tui.event_tree import EventTree
from studio.tui.offer_list import OfferList
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


async def go_to(tree: EventTree, pilot: Pilot[None], key: str) -> None:
    """Move to a key of the event by keys."""
    await press(pilot, "home")
    for _ in range(60):
        if tree.cursor_node is not None and tree.cursor_node.data is not None and tree.cursor_node.data[0] == (key,):
            return
        await press(pilot, "down")
    raise AssertionError(f"no key {key}")


ODD_KEYS = ["first name", "a.b", "it's", 'say "hi"', "naïve", "日本 語", "x[0]", "@x", "tab\tkey", "👩🏽‍🚀"]


def with_odd_keys() -> Session:
    """A sample that has keys that cannot stand in a path as they are."""
    session = Session.open(None)
    keys: dict[str, Json] = {key: f"value {number}" for number, key in enumerate(ODD_KEYS)}
    session.document = Document(session.document.mappings, (Sample({"type": "identify", "zz": keys}),))
    return session


@pytest.mark.parametrize("before", ["", "= lower(", "= $.a ?? ", "{{", '= template("{{'])
async def test_whatever_a_key_is_its_completion_can_be_read(before: str):
    unseen = ["tab\tkey"] if before == "{{" else []  # it cannot stand in a template as it is
    async with opened(with_odd_keys()) as (app, pilot):
        await choose_field(app, pilot, "title")
        await press(pilot, "f2")
        offers = app.main.query_one(OfferList)
        for number, key in enumerate(ODD_KEYS):
            await press(pilot, "ctrl+u", *before, *("zz" if "{{" in before else "$.zz"))
            notes = [offer.note.partition("  ")[0] for offer in offers.offers]
            assert (f"value {number}" in notes) is (key not in unseen)
            if key in unseen:
                continue
            end = {"= lower(": ")", "{{": "}}", '= template("{{': '}}")'}.get(before, "")
            await press(pilot, *["down"] * notes.index(f"value {number}"), "tab", *end)
            value = f"value {number}"
            assert await until(pilot, lambda value=value: value in text_of(app, "#formula-reading")), key


async def test_the_event_is_put_into_the_template_of_a_field_by_a_key():
    async with opened() as (app, pilot):
        await choose_field(app, pilot, "title")
        await press(pilot, "delete")
        for bound, key, line in (
            (None, "userId", "{{userId}}"),
            ("{{userId}}", "type", "{{userId}} {{type}}"),
            ("$.traits.email", "userId", "{{traits.email}} {{userId}}"),
            ("Hello", "userId", "Hello {{userId}}"),
            ("= lower($.traits.email)", "userId", "{{userId}}"),
        ):
            if bound is not None:
                await choose_field(app, pilot, "title")
                await press(pilot, "f2", "ctrl+u", *bound, "enter")
            await press(pilot, "ctrl+g", "e")
            tree = app.main.query_one(EventTree)
            assert await until(pilot, lambda tree=tree: app.focused is tree)
            await go_to(tree, pilot, key)
            await press(pilot, "t")
            assert await until(pilot, lambda line=line: app.main.query_one("#formula", Input).value == line)
            assert app.main.query_one("#formula", Input).has_focus
            await press(pilot, "enter")
            assert app.session.binding(("title",)) == {"@template": line}
        await press(pilot, "ctrl+z")
        assert app.session.binding(("title",)) == {"@case": {"operator": "lower", "value": {"@path": "$.traits.email"}}}


async def test_a_key_that_no_path_can_name_is_told_and_not_bound():
    session = Session.open(None)
    session.document = Document(session.document.mappings, (Sample({"""it's "x\"""": 1, "type": "identify"}),))
    async with opened(session) as (app, pilot):
        tree = app.main.query_one(EventTree)
        tree.focus()
        await go_to(tree, pilot, """it's "x\"""")
        await press(pilot, "b")
        assert await until(pilot, lambda: any("No path leads there" in note.message for note in app._notifications))
        assert session.binding(("email",)) == {"@path": "$.traits.email"}


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_while_typing_the_value_how_many_samples_have_it_and_a_wrong_type_are_told(size: tuple[int, int]):
    async with opened(size=size) as (app, pilot):
        await press(pilot, "down", "down")  # Orders
        await press(pilot, "tab", "down", "down")  # on an order
        await choose_field(app, pilot, "value")
        await press(pilot, "f2", "ctrl+u", *"$.properties.total")
        assert await until(pilot, lambda: "found on 1 of 8 samples" in text_of(app, "#formula-reading"))
        assert "!" not in text_of(app, "#formula-reading")
        value = table_row(app, "Value")[-1]
        assert float(value) > 0
        await press(pilot, "ctrl+u", *"$.properties.products")
        assert await until(pilot, lambda: "! " in text_of(app, "#formula-reading"))
        assert "number" in text_of(app, "#formula-reading")
        assert "found on 1 of 8 samples" in text_of(app, "#formula-reading")
        assert "number" in table_row(app, "Value")[-1]
        await press(pilot, "ctrl+u", *"$.properties.nowhere")
        assert await until(pilot, lambda: "nothing on this sample" in text_of(app, "#formula-reading"))
        assert "found on 0 of 8 samples" in text_of(app, "#formula-reading")


async def test_raw_json_is_a_binding_and_comes_back_in_the_notation():
    async with opened() as (app, pilot):
        await choose_field(app, pilot, "title")
        for typed, binding, shown in (
            ('{"@path": "$.traits.email"}', {"@path": "$.traits.email"}, "$.traits.email"),
            (
                '{"@case": {"operator": "upper", "value": {"@path": "$.traits.email"}}}',
                {"@case": {"operator": "upper", "value": {"@path": "$.traits.email"}}},
                "= upper($.traits.email)",
            ),
            ('{"@path": "$.a", "_metadata": {"label": "A"}}', {"@path": "$.a", "_metadata": {"label": "A"}}, None),
        ):
            await press(pilot, "f2", "ctrl+u", *typed, "enter")
            assert app.session.binding(("title",)) == binding
            line = app.main.query_one("#formula", Input).value
            assert line == (shown or '{"@path":"$.a","_metadata":{"label":"A"}}')


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("$.frstnm", "$.traits.firstName"),
        ("= lower(frstnm", "= lower($.traits.firstName"),
        ("= $.traits.nick ?? firstName", "= $.traits.nick ?? $.traits.firstName"),
        ("= uppe", "= upper("),
        ("= lower(uppe", "= lower(upper("),
        ("Hi {{frstnm", "Hi {{traits.firstName"),
    ],
)
async def test_paths_are_found_by_some_of_their_letters_wherever_they_may_stand(typed: str, completed: str):
    async with opened(size=SMALL) as (app, pilot):
        await choose_field(app, pilot, "title")
        await press(pilot, "f2", "ctrl+u", *typed, "tab")
        assert await until(pilot, lambda: app.main.query_one("#formula", Input).value == completed)


async def test_a_path_of_another_sample_is_offered_with_that_it_is_not_here():
    async with opened(size=SMALL) as (app, pilot):
        await choose_field(app, pilot, "title")
        await press(pilot, "f2", "ctrl+u", *"$.properties.order_id")
        offers = app.main.query_one(OfferList)
        assert await until(pilot, lambda: bool(offers.offers))
        assert offers.offers[0].text == "$.properties.order_id"
        assert offers.offers[0].note == "not here  1/8"


async def test_paths_come_before_functions_where_an_argument_begins():
    async with opened(size=SMALL) as (app, pilot):
        await choose_field(app, pilot, "title")
        await press(pilot, "f2", "ctrl+u", *"= lower(")
        offers = app.main.query_one(OfferList)
        assert await until(pilot, lambda: len(offers.offers) > 15)
        texts = [offer.text for offer in offers.offers]
        assert texts[0].startswith("$.")
        assert "upper(" in texts


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_bare_word_is_text_and_finds_the_paths_and_functions_that_it_could_mean(size: tuple[int, int]):
    async with opened(size=size) as (app, pilot):
        line, offers = app.main.query_one("#formula", Input), app.main.query_one(OfferList)
        await choose_field(app, pilot, "title")
        await press(pilot, "f2", "ctrl+u", *"firstna")
        assert await until(pilot, lambda: "the same for every event" in text_of(app, "#formula-reading"))
        assert offers.offers[0].text == "$.traits.firstName"
        await press(pilot, "tab")
        assert await until(pilot, lambda: line.value == "$.traits.firstName")
        assert await until(pilot, lambda: "Mara" in text_of(app, "#formula-reading"))
        await press(pilot, "ctrl+u", *"uppe", "tab")
        assert await until(pilot, lambda: line.value == "= upper(")
        await press(pilot, "ctrl+u", *"VIP", "enter")
        assert app.session.binding(("title",)) == "VIP"


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_line_that_nobody_has_touched_shows_its_beginning_and_is_left_by_tab(size: tuple[int, int]):
    session = Session.open(None)
    session.bind(("title",), {"@template": " and ".join(f"{{{{traits.number{number}}}}}" for number in range(20))})
    async with opened(session, size=size) as (app, pilot):
        await choose_field(app, pilot, "title")
        line = app.main.query_one("#formula", Input)
        assert any("{{traits.number0}} and" in row for row in rows(app, "#binding"))
        await press(pilot, "f2")
        assert line.cursor_position == len(line.value)
        await pilot.pause()
        assert any("{{traits.number19}}" in row for row in rows(app, "#binding"))
        await press(pilot, "tab")
        assert await until(pilot, lambda: not line.has_focus)
        assert "@template" in session.document.mappings[0].fields["title"]


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_paths_are_offered_when_the_line_is_begun(size: tuple[int, int]):
    async with opened(size=size) as (app, pilot):
        await choose_field(app, pilot, "title")
        await press(pilot, "delete", "f2")
        offers = app.main.query_one(OfferList)
        assert await until(pilot, lambda: "$.userId" in [offer.text for offer in offers.offers])
        texts = [offer.text for offer in offers.offers]
        await press(pilot, *["down"] * texts.index("$.userId"), "tab", "enter")
        assert app.session.binding(("title",)) == {"@path": "$.userId"}


async def test_what_a_binding_gives_is_told_beside_what_is_wrong_with_it():
    async with opened() as (app, pilot):
        await press(pilot, "f2", "ctrl+u", *"Hi {{traits.firstName}}")
        assert await until(pilot, lambda: text_of(app, "#formula-reading").startswith("Hi Mara  ! Email must be"))
