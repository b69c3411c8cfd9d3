"""Undo and redo of what is typed into a binding, apart from that of the document."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from studio_app import LARGE, choose_field, opened, press, until

from studio.tui.binding_editor import BindingEditor
from studio.tui.typing_history import TypingHistory


@given(st.lists(st.text(max_size=6), max_size=12))
def test_all_steps_back_are_where_it_began_and_all_forth_where_it_was(texts: list[str]):
    history = TypingHistory("begin")
    for text in texts:
        history.note(text)
    now = texts[-1] if texts else "begin"
    back = list(iter(history.undo, None))
    assert (back[-1] if back else now) == "begin"
    forth = list(iter(history.redo, None))
    assert len(forth) == len(back)
    assert (forth[-1] if forth else now) == now


def test_a_word_is_one_step():
    history = TypingHistory("")
    for text in ("$", "$.", "$.t", "$.tr", "$.tra"):
        history.note(text)
    assert list(iter(history.undo, None)) == ["$.", "$", ""]


async def test_ctrl_z_takes_back_what_is_typed_before_what_was_edited():
    async with opened(size=LARGE) as (app, pilot):
        await press(pilot, "space")  # an edit that nobody means to undo while typing
        await choose_field(app, pilot, "title")
        await press(pilot, "f2", "ctrl+u", *"Boss")
        editor = app.main.query_one(BindingEditor)
        assert editor.value == "Boss"
        await press(pilot, "ctrl+z")
        assert await until(pilot, lambda: editor.value == "")
        await press(pilot, "ctrl+z")
        assert await until(pilot, lambda: editor.value == "$.traits.title")
        assert not app.session.document.mappings[0].enabled
        await press(pilot, "ctrl+y", "ctrl+y", "enter")
        assert await until(pilot, lambda: app.session.binding(("title",)) == "Boss")
        await press(pilot, "ctrl+z")
        assert app.session.binding(("title",)) == {"@path": "$.traits.title"}
        await press(pilot, "ctrl+z")
        assert app.session.document.mappings[0].enabled
