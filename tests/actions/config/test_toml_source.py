from __future__ import annotations

import tomllib
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.config.toml_source import TomlSource, scan
from actions.config.toml_text import parse

ODD = """\
"quoted key" = 1 # one
a . "b.c" . 'd]' = [ # two
  "]", # three
  '#', { x = "}" },
]
text = \"\"\"
[[mapping]]
# no comment \\\"\"\"
\"\"\"\"\"
literal = '''[x] # ''''
["t] # x"] # four
[[ mapping ]]
fields.email."@path" = '$.a'
[mapping.fields.location]
zip = 1979-05-27 07:32:00Z
[[mapping]] # five
[[mapping.steps]]
n = +1_000
[[mapping.steps]]
n = 0x_F""".replace("0x_F", "0xF")


def rebuilt(source: TomlSource) -> dict[str, Any]:
    """The document as tables and entries say it."""
    document: dict[str, Any] = {}
    places = [(table.header, table.path, None) for table in source.tables]
    places += [(entry.start, entry.path, source.text[entry.value_start : entry.value_end]) for entry in source.entries]
    for _, path, written in sorted(places, key=lambda place: place[0]):
        here: Any = document
        for number, key in enumerate(path):
            is_last = number == len(path) - 1
            value: Any = [] if not is_last and isinstance(path[number + 1], int) else {}
            if is_last and written is not None:
                value = tomllib.loads(f"x = {written}")["x"]
            if isinstance(key, int):
                if key == len(here):
                    here.append(value)
                here = here[key]
            else:
                here = here.setdefault(key, value)
    return document


@pytest.mark.parametrize(
    "text", [ODD, ODD.replace("\n", "\r\n"), f"{ODD}\n\n# six\n", "", "# only", "a=1", "[a]", "\n"]
)
def test_odd_toml_is_found_where_it_stands(text: str) -> None:
    source = scan(text)
    assert rebuilt(source) == tomllib.loads(text)


def test_comments_are_found_and_what_only_looks_like_one_is_not() -> None:
    source = scan(ODD)
    said = [ODD[offset:].split("\n")[0] for offset in source.comments]
    assert said == ["# one", "# two", "# three", "# four", "# five"]
    assert source.comment_lines(0, len(ODD)) == [1, 2, 3, 11, 16]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("quoted key",), 1),
        (("a", "b.c", "d]"), 2),
        (("a", "b.c", "d]", 2, "x"), 2),
        (("text",), 6),
        (("t] # x",), 11),
        (("mapping", 0), 12),
        (("mapping", 0, "fields", "email", "@path"), 13),
        (("mapping", "0", "fields", "location", "zip"), 15),
        (("mapping", 0, "no such key"), 12),
        (("mapping", 1), 16),
        (("mapping", 1, "steps", 1, "n"), 20),
        (("nowhere",), 0),
        ((), 0),
    ],
)
def test_a_path_has_the_line_of_what_is_nearest(path: tuple[str | int, ...], line: int) -> None:
    assert scan(ODD).line_of(path) == line


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("\n\na = 'x\\ny'", 2, 3),  # on one line of the file, whatever its own lines are
        ("a = '''x\ny'''", 2, 2),
        ("a = '''\nx\ny'''", 2, 3),
        ('a = """\r\nx\r\ny"""', 1, 2),
        ('a = """\nx"""', 9, 2),
        ("b = 1", 2, 0),
    ],
)
def test_a_line_within_a_text_is_a_line_of_the_file(text: str, line: int, expected: int) -> None:
    assert scan(text).line_within(("a",), line) == expected


def test_what_json_has_not_becomes_what_it_has() -> None:
    text = f"a = 2026-01-02T03:04:05Z\nb = [2026-01-02, 03:04:05]\nc = 0x{'f' * 300}\nd = -{'9' * 400}\ne = {2**80}"
    assert parse(text) == {
        "a": "2026-01-02T03:04:05+00:00",
        "b": ["2026-01-02", "03:04:05"],
        "c": float("inf"),
        "d": float("-inf"),
        "e": 2**80,
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"a = {'9' * 5000}", "too many digits"),
        (f"{'.'.join('a' * 5000)} = 1", "nested too deeply"),
        (f"a = {'[' * 300}{']' * 300}", "nested too deeply"),
        (f"a = {'[' * 30_000}", "nested too deeply"),
        (f"a = {'{ b = ' * 200}1{'}' * 200}", "nested too deeply"),
        ("a = ", "Invalid value"),
    ],
)
def test_what_cannot_be_parsed_is_a_value_error(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse(text)


BLANKS = st.sampled_from(["", " ", "\t "])
COMMENTS = st.sampled_from(["", "", "# c", '#[x] = \'y\' """', "# {"])
ENDS = st.sampled_from(["\n", "\r\n"])
SCALARS = st.sampled_from([
    "1", "-0.5e3", "true", "2026-01-02", "2026-01-02 03:04:05", "0xff", '"a # b"', "'[[mapping]]'", '"\\"]"', '""',
    "'''\n[[mapping]]\n# x = {\n'''", '"""\r\na\\\\"""', '"""a""b\\\n   c"""', "''''x'''''", '"""""c"""""',
])  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.tuples(st.lists(inner, max_size=3), COMMENTS, ENDS).map(
            lambda drawn: f"[{drawn[1]}{drawn[2]}" + "".join(f" {item},{drawn[1]}{drawn[2]}" for item in drawn[0]) + "]"
        )
        | st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.lists(inner, max_size=2).map(
            lambda items: "{" + ", ".join(f'"k]{number}" . a = {item}' for number, item in enumerate(items)) + "}"
        )
    ),
    max_leaves=5,
)
NAMES = st.sampled_from(["k{}", "{}", '"k {}"', '"k]{}"', "'#{}'", '"= \\"{}"', "'[{}]'", '"\\u00e9{}"', "k-{}_"])


@st.composite
def toml(draw: st.DrawFn) -> str:
    """TOML in the oddest styles. Every key is a new one, so that none stands twice."""
    numbers = count()

    def key(parts: int) -> str:
        dot = draw(st.sampled_from([".", " . "]))
        return dot.join(draw(NAMES).format(next(numbers)) for _ in range(draw(st.integers(1, parts))))

    text = ""
    lists: list[str] = []
    for kind in draw(
        st.lists(st.sampled_from(["entry", "entry", "comment", "table", "list", "again", "within"]), max_size=9)
    ):
        blank, comment, end = draw(BLANKS), draw(COMMENTS), draw(ENDS)
        match kind:
            case "entry":
                text += f"{blank}{key(3)}{blank}={blank}{draw(VALUES)}{blank}{comment}{end}"
            case "comment":
                text += f"{blank}{comment}{end}"
            case "table":
                text += f"{blank}[{blank}{key(3)}{blank}]{blank}{comment}{end}"
            case "list":
                lists.append(key(2))
                text += f"[[{blank}{lists[-1]}{blank}]]{comment}{end}"
            case "again" if lists:
                text += f"[[{lists[-1]}]]{end}"
            case "within" if lists:
                text += f"{blank}[{lists[-1]}.{key(2)}]{comment}{end}"
            case _:
                pass
    return text[:-1] if draw(st.booleans()) and text.endswith("\n") and not text.endswith("\r\n") else text


@given(toml())
def test_the_scanner_finds_what_python_reads(text: str) -> None:
    source = scan(text)
    assert rebuilt(source) == tomllib.loads(text)
    for entry in source.entries:
        assert text[entry.start : entry.end].lstrip().startswith(text[entry.start : entry.value_start].lstrip())
        assert source.entry_at[entry.path] is entry
    for offset in source.comments:
        assert text[offset] == "#"
        # a comment is what can go without anything else changing
    bare = list(text)
    for offset in source.comments:
        stop = text.find("\n", offset)
        for place in range(offset, len(text) if stop < 0 else stop):
            bare[place] = " " if text[place] != "\r" else "\r"
    assert tomllib.loads("".join(bare)) == tomllib.loads(text)
