"""The trigger editor as people use it: by keys, on a real screen without a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from textual.app import App
from textual.events import Paste
from textual.widget import Widget
from textual.widgets import Button, OptionList, Select, Static

from actions.values import Json
from studio.conditions import Operator
from studio.samples import KINDS, Sample
from studio.tui.condition_builder import ConditionBuilder, ConditionRow
from studio.tui.field_line import FieldLine
from studio.tui.text_line import TextLine
from studio.tui.trigger_area import UNSEEN, TriggerArea
from studio.tui.trigger_screen import TriggerScreen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.pilot import Pilot

SMALL = (80, 24)
LARGE = (140, 42)
SAMPLES = [Sample(event) for event in KINDS.values()]
ORDER = SAMPLES[2]
PATHS = ["type", "event", "properties", "properties.total", "properties.currency", "traits['a.b']", "context.locale"]
UNANSWERED = "not answered"
OFFERS = "FieldLine OptionList"


class Host(App[None]):
    answer: str | None = UNANSWERED

    def __init__(self, screen: TriggerScreen) -> None:
        super().__init__()
        self._first = screen

    def on_mount(self) -> None:
        self.push_screen(self._first, self.keep)

    def keep(self, answer: str | None) -> None:
        self.answer = answer


class Editor:
    """What a person does with the editor, and sees of it."""

    def __init__(self, host: Host, pilot: Pilot[Any]) -> None:
        self.host, self.pilot = host, pilot

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Type all but the last character at once, as a quick person or a paste does."""
        self.host.post_message(Paste(text[:-1]))
        await self.press({" ": "space"}.get(text[-1], text[-1]))

    async def retype(self, text: str) -> None:
        """Type another trigger over the one there is."""
        await self.press("f7")
        await self.type(text)

    def one(self, kind: type[Any], selector: str | None = None) -> Any:
        found = self.host.screen.query(kind)
        return (found.filter(selector) if selector else found).first()

    @property
    def text(self) -> str:
        return self.one(TriggerArea).text

    @property
    def verdict(self) -> str:
        return str(self.one(Static, "#verdict").content)

    @property
    def parts(self) -> str:
        return str(self.one(Static, "#parts").content)

    @property
    def rows(self) -> list[ConditionRow]:
        return list(self.host.screen.query(ConditionRow))

    @property
    def screen_text(self) -> str:
        """Everything that is on the screen, line by line."""
        return "\n".join(strip.text for strip in self.host.screen._compositor.render_strips())


@asynccontextmanager
async def editing(
    trigger: str,
    sample: Sample | None = ORDER,
    samples: Sequence[Sample] = SAMPLES,
    paths: Sequence[str] = PATHS,
    size: tuple[int, int] = SMALL,
) -> AsyncIterator[Editor]:
    host = Host(TriggerScreen(trigger, sample, samples, paths))
    async with host.run_test(size=size) as pilot:
        await pilot.pause()
        yield Editor(host, pilot)


class TestText:
    async def test_a_mistake_is_shown_with_its_place_and_what_was_expected(self) -> None:
        async with editing("") as editor:
            await editor.type('type "track"')
            assert "line 1, column 6: " in editor.verdict
            assert "expected a comparison such as =" in editor.verdict
            *_, line, caret = editor.verdict.split("\n")
            assert (line, caret) == ('type "track"', "     ^")
            assert "Once the trigger reads" in editor.parts

    async def test_the_caret_stands_under_the_place_on_the_screen(self) -> None:
        async with editing('type = "track"\nand event == "x"') as editor:
            lines = editor.screen_text.split("\n")
            caret = next(line for line in lines if "^" in line and "^s" not in line)
            above = lines[lines.index(caret) - 1]
            assert above[caret.index("^") :].startswith('== "x"')

    async def test_mending_the_mistake_shows_the_explanation(self) -> None:
        async with editing('type == "page"') as editor:
            assert "FQL compares with a single =" in editor.verdict
            await editor.retype('type = "page" or properties.total > 200')
            assert "Does not fire on this sample" in editor.verdict
            assert "fires on 1 of 8 samples" in editor.verdict
            assert 'Because type is "track", not "page"; properties.total is 129, not above 200' in editor.parts
            assert '✗ type = "page"' in editor.parts
            assert "properties.total is 129" in editor.parts.split("any of")[1]

    async def test_what_is_hardly_meant_is_warned_of(self) -> None:
        async with editing('type = "trak"') as editor:
            assert '! no call has the type "trak"; did you mean "track"?' in editor.parts

    async def test_ctrl_s_gives_the_new_trigger(self) -> None:
        async with editing("") as editor:
            await editor.type('type = "page"')
            await editor.press("ctrl+s")
            assert editor.host.answer == 'type = "page"'

    async def test_ctrl_s_on_a_mistake_goes_to_its_place_and_closes_nothing(self) -> None:
        async with editing('type = "page" an event = "x"') as editor:
            await editor.press("f2", "ctrl+s")
            assert editor.host.answer == UNANSWERED
            assert editor.one(TriggerArea).cursor_location == (0, 14)
            assert editor.one(TriggerArea).has_focus

    async def test_escape_gives_none_whatever_was_typed(self) -> None:
        async with editing('type = "track"') as editor:
            await editor.type(" and x")
            await editor.press("escape")
            assert editor.host.answer is None

    async def test_the_buttons_can_be_reached_by_tab_and_pressed(self) -> None:
        async with editing('type = "track"') as editor:
            await editor.press("tab", "tab")
            assert editor.host.focused is editor.one(Button, "#apply")
            await editor.press("enter")
            assert editor.host.answer == 'type = "track"'

    async def test_an_unchanged_trigger_comes_back_as_it_was_to_the_character(self) -> None:
        trigger = 'type = "track"\r\nand event = "x"\nor traits.a'
        async with editing(trigger) as editor:
            await editor.press("ctrl+s")
            assert editor.host.answer == trigger

    async def test_a_pasted_text_that_is_too_long_stays_out(self) -> None:
        async with editing('type = "track"') as editor:
            editor.one(TriggerArea).insert("x" * 20_000)
            await editor.pilot.pause()
            assert editor.text == 'type = "track"'

    async def test_without_a_sample_or_samples_the_text_can_be_edited_all_the_same(self) -> None:
        async with editing('type = "track"', sample=None, samples=()) as editor:
            assert "There are no samples yet" in editor.verdict
            await editor.press("ctrl+s")
            assert editor.host.answer == 'type = "track"'


class TestRows:
    async def test_f2_shows_the_conditions_of_the_text_and_goes_back(self) -> None:
        async with editing('type = "track" or properties.total >= 100') as editor:
            assert not editor.one(ConditionBuilder).region
            await editor.press("f2")
            assert editor.one(ConditionBuilder).has_focus_within
            shown = [(row.condition.field, row.condition.operator, row.condition.value) for row in editor.rows]
            assert shown == [("type", Operator.IS, "track"), ("properties.total", Operator.GREATER_OR_EQUAL, 100)]
            assert editor.one(ConditionBuilder).query_one("#joined Select", Select).value == "any"
            await editor.press("f2")
            assert editor.one(TriggerArea).has_focus
            assert not editor.one(ConditionBuilder).region

    async def test_a_condition_is_added_by_keyboard_alone(self) -> None:
        async with editing('type = "track"') as editor:
            await editor.press("f2", "ctrl+n")
            await editor.type("tot")  # offers properties.total
            await editor.press("enter")  # takes it and goes on to the operator
            await editor.press("enter")
            await editor.press("g", "enter", "tab")  # to "greater than", and on to the value
            await editor.type("100")
            assert editor.text == 'type = "track" and properties.total > 100'
            assert "Fires on this sample" in editor.verdict
            await editor.press("ctrl+s")
            assert editor.host.answer == 'type = "track" and properties.total > 100'

    async def test_what_the_rows_write_reads_back_into_the_same_rows(self) -> None:
        async with editing("") as editor:
            await editor.press("f2")
            await editor.type("traits.first name")
            await editor.press("tab", "tab")
            await editor.type('say "hi" [/b]')
            written, row = editor.text, editor.rows[0].condition
            assert written == 'traits.first\\ name = "say \\"hi\\" [/b]"'
        async with editing(written, size=LARGE) as editor:
            assert [each.condition for each in editor.rows] == [row]

    async def test_numbers_and_booleans_are_themselves_and_quotes_make_text(self) -> None:
        async with editing('a = "x"') as editor:
            await editor.press("f2", "tab", "tab", "ctrl+u")
            for typed, written in (("5", "a = 5"), ('"5"', 'a = "5"'), ("007", 'a = "007"'), ("true", "a = true")):
                await editor.press("end", "ctrl+u")
                await editor.type(typed)
                assert editor.text == written

    async def test_one_and_true_are_not_taken_for_the_same(self) -> None:
        async with editing("a != 1", size=LARGE) as editor:
            await editor.retype("a != true")
            assert editor.rows[0].query_one(".value", TextLine).value == "true"

    async def test_any_instead_of_all_writes_or(self) -> None:
        async with editing('type = "track" and event = "x"') as editor:
            await editor.press("f2", "shift+tab", "shift+tab")
            await editor.press("enter", "down", "enter")
            assert editor.text == 'type = "track" or event = "x"'

    async def test_an_operator_without_a_value_hides_the_value(self) -> None:
        async with editing('traits.a = "x"') as editor:
            await editor.press("f2", "tab", "enter")
            await editor.press("e", "enter")
            assert editor.text == "traits.a != null"
            assert not editor.rows[0].query_one(".value").visible

    async def test_a_screen_that_gets_wide_shows_the_rows_too(self) -> None:
        async with editing('type = "track"') as editor:
            assert editor.rows == []
            await editor.pilot.resize_terminal(*LARGE)
            await editor.pilot.pause()
            assert [row.condition.field for row in editor.rows] == ["type"]

    async def test_more_conditions_than_rows_can_be_are_left_alone(self) -> None:
        async with editing(" and ".join(f"traits.a{number}" for number in range(25)), size=LARGE) as editor:
            assert "says more than rows can show" in editor.screen_text

    async def test_f4_removes_the_condition_that_has_the_focus(self) -> None:
        async with editing('type = "track" and event = "x" and traits.a') as editor:
            await editor.press("f2", "tab", "tab", "tab", "tab")
            await editor.press("f4")
            assert editor.text == 'type = "track" and traits.a = true'
            assert editor.rows[1].has_focus_within
            await editor.press("f4", "f4")
            assert editor.text == ""
            assert [row.condition.field for row in editor.rows] == [""]

    async def test_undo_in_the_text_takes_back_what_the_rows_wrote(self) -> None:
        async with editing('type = "track" and event = "x"', size=LARGE) as editor:
            await editor.press("f2", "f4", "f2", "ctrl+z")
            assert editor.text == 'type = "track" and event = "x"'
            assert len(editor.rows) == 2

    @pytest.mark.parametrize("size", [SMALL, LARGE])
    async def test_a_trigger_that_is_too_rich_is_left_alone_and_told(self, size: tuple[int, int]) -> None:
        trigger = 'type = "track" and (event = "a" or event = "b")'
        async with editing(trigger, size=size) as editor:
            await editor.press("f2", "ctrl+n", "f4")
            assert "says more than rows can show" in editor.screen_text
            assert editor.text == trigger
            await editor.press("f2")
            assert editor.one(TriggerArea).has_focus

    async def test_a_half_typed_field_never_takes_the_rows_away(self) -> None:
        async with editing('type = "track"') as editor:
            await editor.press("f2", "ctrl+n")
            await editor.type("properties.")
            assert "has no key after it" in editor.verdict
            assert editor.rows[1].condition.field == "properties."
            await editor.type("x")
            assert editor.text == 'type = "track" and properties.x = ""'

    async def test_rows_that_are_typed_in_quickly_are_never_overwritten(self) -> None:
        async with editing('type = "track"', size=LARGE) as editor:
            await editor.press("f2", "ctrl+n", *"traits.plan", "tab", "tab", *"pro", "ctrl+n", *"userId")
            assert editor.text == 'type = "track" and traits.plan = "pro" and userId = ""'


class TestFields:
    async def test_down_lists_the_fields_and_escape_closes_only_the_list(self) -> None:
        async with editing("") as editor:
            await editor.press("f2", "down")
            assert editor.one(OptionList, OFFERS).region
            assert "traits.a\\.b" in editor.screen_text
            await editor.press("escape")
            assert not editor.one(OptionList, OFFERS).region
            assert editor.host.answer == UNANSWERED
            await editor.press("escape")
            assert editor.host.answer is None

    async def test_tab_keeps_what_was_typed(self) -> None:
        async with editing("") as editor:
            await editor.press("f2")
            await editor.type("prop")
            await editor.press("tab")
            assert editor.rows[0].condition.field == "prop"
            assert isinstance(editor.host.focused, Select)

    async def test_a_listed_field_can_be_clicked_on(self) -> None:
        async with editing("") as editor:
            await editor.press("f2")
            await editor.type("properties.")
            await editor.pilot.click(OFFERS, offset=(2, 1))
            await editor.pilot.pause()
            assert editor.rows[0].condition.field == "properties.currency"
            assert editor.one(FieldLine).has_focus_within


class TestLook:
    @pytest.mark.parametrize("size", [SMALL, LARGE])
    @pytest.mark.parametrize("keys", [(), ("f2", "ctrl+n", "ctrl+n")])
    async def test_nothing_that_matters_is_cut(self, size: tuple[int, int], keys: tuple[str, ...]) -> None:
        trigger = 'type = "track" and match(event, "Order *") and properties.total > 100'
        async with editing(trigger, size=size) as editor:
            await editor.press(*keys)
            wanted: list[Widget] = [
                editor.one(Widget, selector)
                for selector in ("#verdict", "#explanation", "#apply", "#cancel", "KeyLine")
            ]
            wanted.append(editor.one(TriggerArea))
            if keys:
                wanted += [part for row in editor.rows for part in row.query("TextLine, Select, Button")]
            for widget in wanted:
                assert widget.region.width > 2, widget
                assert editor.host.screen.region.contains_region(widget.region), widget
            for word in ("Apply", "Cancel", "Text or rows", "Fires on this sample", "properties.total is 129"):
                assert word in editor.screen_text or (keys and word == "properties.total is 129")

    async def test_many_rows_scroll_to_the_one_that_is_edited(self) -> None:
        async with editing(" and ".join(f"traits.a{number}" for number in range(15))) as editor:
            await editor.press("f2", "ctrl+n")
            line = editor.rows[-1].query_one(FieldLine)
            assert editor.one(ConditionBuilder).region.contains_region(line.region)
            await editor.type("traits.last")
            assert "traits.last" in editor.screen_text

    @pytest.mark.parametrize("size", [SMALL, LARGE])
    async def test_hostile_text_is_shown_as_what_it_is(self, size: tuple[int, int]) -> None:
        hostile = "[/] [b [red]x[/red] \x1b]0;owned\x07 \u202e \ud800 [@click=app.quit]"
        event: dict[str, Json] = {"type": hostile, "event": hostile, "traits": {hostile: hostile}}
        sample = Sample(event)
        trigger = f'type = "{hostile}" or traits.a = "[/b" or contains(event, "[/]")'
        async with editing(trigger, sample, [sample], [f"traits['{hostile}']"], size) as editor:
            assert "\x1b" not in editor.screen_text
            assert "\u202e" not in editor.screen_text
            assert UNSEEN in editor.screen_text
            assert "characters that cannot be seen" in editor.parts
            assert "✓ Fires on this sample" in editor.verdict
            await editor.press("f2")
            assert "invisible characters" in str(editor.one(Static, "#unbuildable").content)
            await editor.press("ctrl+s")
            assert editor.host.answer == trigger

    async def test_hostile_fields_are_listed_as_what_they_are(self) -> None:
        async with editing("", paths=["traits.[/b", "traits.\x1b[31m", "traits.[red]"]) as editor:
            await editor.press("f2", "down")
            assert editor.one(OptionList, OFFERS).option_count == 3
            assert "\x1b" not in editor.screen_text
            await editor.press("enter")
            assert "\x1b" not in editor.screen_text

    async def test_hostile_errors_are_shown_as_what_they_are(self) -> None:
        async with editing('type = "[/b]" [/red] \x1b[31m') as editor:
            assert "✗ line 1, column 15" in editor.verdict
            assert "\x1b" not in editor.screen_text

    async def test_every_key_says_what_it_does(self) -> None:
        for owner in (TriggerScreen, ConditionBuilder, FieldLine):
            assert all(binding.tooltip for binding in owner.BINDINGS)  # pyright: ignore[reportAttributeAccessIssue] - all are `Binding`s
