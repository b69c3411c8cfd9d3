from __future__ import annotations

import pytest

from actions.errors import TriggerError
from actions.triggers import parse
from actions.triggers.parser import LONGEST_TRIGGER

VALUE = 'a value such as "text", 10, true or null'

ERRORS = [
    # the trigger, its line and column, words of the message
    ("", 1, 1, "the trigger is empty; write"),
    (" \r\n\t", 1, 1, "the trigger is empty"),
    ("type =", 1, 7, f"ends too early; expected {VALUE}"),
    ("type = ", 1, 7, "ends too early"),
    ('type = "track" and', 1, 19, "expected a condition such as"),
    ('(type = "track"', 1, 16, 'expected a closing ")"'),
    ('type = "track")', 1, 15, "this ) has no opening ("),
    ("properties.tags]", 1, 16, "this ] has no opening ["),
    ("[1, 2", 1, 6, 'expected a "," or a closing "]"'),
    ('type = "a" type = "b"', 1, 12, '"type" cannot stand here; expected "and", "or" or the end'),
    ("a = b = c", 1, 7, '"=" cannot stand here; expected "and", "or" or the end'),
    ("a, b", 1, 2, '"," cannot stand here'),
    ("a = and", 1, 5, f'"and" cannot stand here; expected {VALUE}'),
    # texts
    ('event = "oops', 1, 9, 'the text that begins here has no closing "'),
    ('userId = oops"', 1, 14, 'has no closing "'),
    ("event = 'a\nb", 1, 9, "has no closing '"),
    ("event = 'it's'", 1, 12, r"within a text write \'"),
    ('type = "track and event = "x"', 1, 27, "an earlier text has no closing quote"),
    ("event = “Order”", 1, 9, "straight quotes"),
    ("event = Order Completed", 1, 9, 'a text stands in quotes: "Order Completed …"'),
    # what other languages write
    ('type == "x"', 1, 6, "FQL compares with a single ="),
    ('a <> "x"', 1, 3, "FQL writes !="),
    ('a =! "x"', 1, 3, "FQL writes !="),
    ("a => 1", 1, 3, "FQL writes >="),
    ("a ! = 1", 1, 3, "! and = stand together"),
    ("a && b", 1, 3, 'FQL writes "and"'),
    ("a & b", 1, 3, 'FQL writes "and"'),
    ("a || b", 1, 3, 'FQL writes "or"'),
    ("a | b", 1, 3, 'FQL writes "or"'),
    ('a\nand\n  not b = "x"', 3, 3, 'FQL has no "not"; write !'),
    ("a and not(b = 1)", 1, 7, 'FQL has no "not"; write !'),
    ('type is "track"', 1, 6, "FQL compares with ="),
    # paths
    ('$.type = "x"', 1, 1, "without `$.`"),
    ('properties["my key"] = 1', 1, 11, "no quoted keys"),
    ('properties."my key" = 1', 1, 11, "has no key after it"),
    ("properties.tags[-1] = 1", 1, 16, "a number from 0"),
    ("properties. = 1", 1, 11, "has no key after it"),
    ("type\\", 1, 5, "has no key after it"),
    ("{{type}} = 1", 1, 1, "no templates"),
    # functions
    ('nosuch(event)', 1, 1, "It has contains, match"),
    ('type = "a" and\r\n conatins(event, "b")', 2, 2, 'no function "conatins"; did you mean contains?'),
    ("contains(event)", 1, 1, "contains(text, part) takes 2 values, not 1"),
    ("length()", 1, 1, "length(value) takes 1 value, not 0"),
    ("!(match(event, 'a', 'b'))", 1, 3, "takes 2 values, not 3"),
    ("contains(event,", 1, 16, f"expected {VALUE}"),
    # characters
    ("type\u200b = 'x'", 1, 5, "the invisible character U+200B ZERO WIDTH SPACE"),
    ("\x00", 1, 1, "the invisible character U+0000"),
    ("a = 1;", 1, 6, '";" cannot stand here'),
    ("a = 1e999", 1, 5, "the number 1e999 is too large"),
    (f"a = {'9' * 400}", 1, 5, "too large"),
    ("a" * (LONGEST_TRIGGER + 1), 1, 1, "10,001 characters; at most 10,000"),
]  # fmt: skip


@pytest.mark.parametrize(("fql", "line", "column", "words"), ERRORS, ids=[repr(error[0])[:40] for error in ERRORS])
def test_an_error_says_where_and_what(fql: str, line: int, column: int, words: str) -> None:
    with pytest.raises(TriggerError) as caught:
        parse(fql)
    assert words in caught.value.message
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize("fql", [error[0] for error in ERRORS])
def test_no_error_names_a_terminal_of_the_grammar(fql: str) -> None:
    with pytest.raises(TriggerError) as caught:
        parse(fql)
    told = f"{caught.value} {caught.value.expected}"
    assert not [name for name in ("$END", "RPAR", "LPAR", "RSQB", "COMPARATOR", "BANG", "Token(") if name in told]


def test_what_was_expected_can_be_read_one_by_one() -> None:
    with pytest.raises(TriggerError) as caught:
        parse("contains(event event)")
    assert caught.value.expected == ('a ","', 'a closing ")"')


NESTED = {
    # what stands before and after what is nested, and how many levels they are
    "parentheses": ("(", ")", 1),
    "negations": ("!", "", 1),
    "negated groups": ("!(", ")", 2),
    "lists": ("[", "]", 1),
    "functions": ("string(", ")", 1),
    "conditions": ("(b or c and 1 = ", ")", 1),
    "everything": ("(b and c or d and 1 = length(", "))", 2),
}


@pytest.mark.parametrize("name", NESTED)
@pytest.mark.parametrize("depth", [1, 50, 100])
def test_nesting_is_read_up_to_a_hundred_levels(name: str, depth: int) -> None:
    before, after, levels = NESTED[name]
    times = depth // levels
    trigger = parse(f"{before * times}a{after * times}")
    event = {"a": True, "d": True}
    explanation = trigger.explain(event)
    assert explanation.result is trigger.matches(event)
    assert explanation.reason()
    assert "a" in trigger.paths()
    trigger.lint()


@pytest.mark.parametrize("name", NESTED)
@pytest.mark.parametrize("times", [101, 300])
def test_deeper_nesting_is_an_error(name: str, times: int) -> None:
    before, after, _ = NESTED[name]
    with pytest.raises(TriggerError, match="nested more than 100 levels deep"):
        parse(f"{before * times}a{after * times}")


def test_nesting_as_deep_as_the_text_is_long_is_an_error() -> None:
    for before in ("(", "!", "["):
        with pytest.raises(TriggerError):
            parse(before * (LONGEST_TRIGGER - 1) + "a")


@pytest.mark.parametrize(("word", "count"), [("or", 2_000), ("and", 1_600)])
def test_thousands_of_conditions_are_no_nesting(word: str, count: int) -> None:
    trigger = parse(f" {word} ".join("a" * count))
    assert trigger.matches({"a": True})
    explanation = trigger.explain({"a": False})
    assert (explanation.result, len(explanation.children)) == (False, count)
    assert explanation.reason() == "a is false, which is not the boolean true"
    assert trigger.paths() == ("a",)
    assert trigger.lint() != []
