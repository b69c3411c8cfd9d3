"""Templates with what LiquidJS 10.30 makes of them, in UTC, over the event below."""

from __future__ import annotations

import pytest

from actions.errors import MappingError
from actions.mapping import compile_mapping, resolve

EVENT = {
    "a": "x",
    "n": 5,
    "f": 1.5,
    "neg": -3.7,
    "z": 0,
    "e": "",
    "nul": None,
    "t": True,
    "fa": False,
    "o": {"k": 1, "d": {"e": [1, 2, {"q": 3}]}},
    "eo": {},
    "el": [],
    "arr": [{"id": 1, "p": 2, "ok": True}, {"id": 2, "ok": False}, {"id": 3, "n": {"m": 1}}],
    "sarr": ["b", "a"],
    "mixed": [None, 0, "s", {"k": 1}, [1, [2]], True],
    "s": "  Hello World  ",
    "html": "<p class='x'>a & b</p><script>alert(1)</script><!-- c -->",
    "uni": "ÄÖ😀é",
    "num": "12.50",
    "date": "2024-01-02T03:04:05.678Z",
    "ts": 1704164645,
    "key": "k",
    "idx": 1,
    "x-y": "dash",
}

NUMBERS = [
    ("{{ n | plus: 1 }}", "6"),
    ("{{ 0.1 | plus: 0.2 }}", "0.30000000000000004"),
    ("{{ num | plus: 1 }}", "13.5"),
    ("{{ zz | plus: 1 }}", "1"),
    ("{{ a | plus: 1 }}", "1"),
    ("{{ t | plus: 1 }}", "2"),
    ("{{ n | plus }}", "NaN"),
    ("{{ n | minus: 7 }}", "-2"),
    ("{{ n | times: 1.1 }}", "5.5"),
    ("{{ n | divided_by: 2 }}", "2.5"),
    ("{{ n | divided_by: 2, true }}", "2"),
    ("{{ n | divided_by: 0 }}", "Infinity"),
    ("{{ neg | divided_by: 0 }}", "-Infinity"),
    ("{{ z | divided_by: 0 }}", "NaN"),
    ("{{ n | modulo: 3 }}", "2"),
    ("{{ neg | modulo: 3 }}", "2.3"),
    ("{{ n | modulo: 0 }}", "NaN"),
    ("{{ f | round }}", "2"),
    ("{{ 2.5 | round }} {{ -2.5 | round }}", "3 -3"),
    ("{{ 0.49999999999999994 | round }}", "0"),
    ("{{ 1.005 | round: 2 }}", "1.01"),
    ("{{ 1234.5 | round: -2 }}", "1200"),
    ("{{ f | ceil }} {{ neg | ceil }}", "2 -3"),
    ("{{ f | floor }} {{ neg | floor }}", "1 -4"),
    ("{{ neg | abs }}", "3.7"),
    ("{{ n | at_least: 7 }} {{ n | at_most: 3 }}", "7 3"),
    ("{{ 5.0 }} {{ 5.10 }} {{ -0 }}", "5 5.1 0"),
    ("{{ '1e21' | plus: 0 }} {{ 0.0000001 }}", "1e+21 1e-7"),
    ("{{ '0x10' | plus: 0 }}", "16"),
    ("{{ num | to_integer }} {{ a | to_integer }}", "12.5 NaN"),
]

TEXTS = [
    ("{{ a | append: '!' | prepend: n }}", "5x!"),
    ("{{ s | strip | capitalize }}", "Hello world"),
    ("{{ 'HELLO wORLD' | capitalize }}", "Hello world"),
    ("{{ s | lstrip }}|", "Hello World  |"),
    ("{{ s | rstrip }}|", "  Hello World|"),
    ("{{ s | strip: ' Hd' }}", "ello Worl"),
    ("{{ s | upcase | downcase }}", "  hello world  "),
    ("{{ s | squish }}", "Hello World"),
    ("{{ 'a\\nb\\r\\nc' | strip_newlines }}", "abc"),
    ("{{ s | remove: 'l' }}", "  Heo Word  "),
    ("{{ s | remove_first: 'l' }}", "  Helo World  "),
    ("{{ s | remove_last: 'l' }}", "  Hello Word  "),
    ("{{ s | replace: 'l', '$&' }}", "  He$&$&o Wor$&d  "),
    ("{{ 'abc' | replace: '', '-' }}", "a-b-c"),
    ("{{ s | replace_first: 'l', 'L' }}", "  HeLlo World  "),
    ("{{ s | replace_last: 'l', 'L' }}", "  Hello WorLd  "),
    ("{{ s | truncate: 8 }}", "  Hel..."),
    ("{{ s | truncate: 8, '' }}", "  Hello "),
    ("{{ s | truncate: 100 }}|", "  Hello World  |"),
    ("{{ s | truncatewords: 1 }}", "Hello..."),
    ("{{ s | truncatewords: 3, '--' }}", "Hello World --"),
    ("{{ 'a,b,,' | split: ',' | size }}", "2"),
    ("{{ 'abc' | split: '' | join: '-' }}", "a-b-c"),
    ("{{ uni | size }} {{ uni | slice: 2 }} {{ uni | slice: -2, 2 }}", "5 😀 😀é"),
    ("{{ s | slice: 3, 4 }}", "ello"),
    ("{{ s | slice: -100 }}|", "|"),
    ("{{ 'ß' | upcase }} {{ 'İ' | downcase | size }}", "SS 2"),
    ("{{ s | number_of_words }}", "2"),
    ("{{ 'Hello, Wörld! x' | slugify }}", "hello-wörld-x"),
    ("{{ 'Hello, Wörld! x' | slugify: 'ascii' }}", "hello-w-rld-x"),
    ("{{ 'Hello, Wörld! x' | slugify: 'latin' }}", "hello-world-x"),
    ("{{ 'Hello, Wörld! x' | slugify: 'pretty' }}", "hello,-wörld!-x"),
    (
        "{{ html | escape }}",
        "&lt;p class=&#39;x&#39;&gt;a &amp; b&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;!-- c --&gt;",
    ),
    ("{{ '&lt; <' | escape_once }}", "&lt; &lt;"),
    ("{{ html | strip_html }}", "a & b"),
    ("{{ 'x <b' | strip_html }}", "x <b"),
    ("{{ 'a b/é+' | append: \"'()\" | url_encode }}", "a+b%2F%C3%A9%2B'()"),
    ("{{ 'a b/é+' | cgi_escape }}", "a+b%2F%C3%A9%2B"),
    ("{{ 'a b/é?[x]' | uri_escape }}", "a%20b/%C3%A9?[x]"),
    ("{{ 'a%20b+c%C3%A9' | url_decode }}", "a b cé"),
    ("{{ 'ä' | base64_encode }} {{ 'w6Q=' | base64_decode }}", "w6Q= ä"),
    ("{{ a | sha256 | slice: 0, 8 }} {{ a | hmac_sha256: 'k' | slice: 0, 8 }}", "2d711642 c38edc88"),
    ("{{ 'a' | append: sarr }}", "aba"),
    ("{{ n | upcase }}{{ o | upcase }}", "5[OBJECT OBJECT]"),
]

LISTS_AND_VALUES = [
    ("{{ sarr | join }}", "b a"),
    ("{{ sarr | join: ', ' }}", "b, a"),
    ("{{ mixed | join: '|' }}", "|0|s|[object Object]|1,2|true"),
    ("{{ mixed }}", "0s[object Object]12true"),
    ("{{ mixed | compact | size }}", "5"),
    ("{{ arr | first }}", "[object Object]"),
    ("{{ arr | last | json }}", '{"id":3,"n":{"m":1}}'),
    ("{{ sarr | push: 'c' | join }}", "b a c"),
    ("{{ sarr | unshift: n | join }}", "5 b a"),
    ("{{ sarr | pop | join }}", "b"),
    ("{{ sarr | shift | join }}", "a"),
    ("{{ sarr | slice: 1, 5 | join }}", "a"),
    ("{{ arr | sum: 'id' }} {{ arr | sum: 'p' }} {{ mixed | sum }}", "6 2 1"),
    ("{{ arr | where: 'id', 2 | json }}", '[{"id":2,"ok":false}]'),
    ("{{ arr | where: 'ok' | size }}", "1"),
    ("{{ arr | where: 'n.m', 1 | size }}", "1"),
    ("{{ arr | where: 'p', nil | size }}", "2"),
    ("{{ sarr | size }}{{ a | size }}{{ n | size }}{{ o | size }}{{ zz | size }}", "21000"),
    ("{{ a | first }}{{ a | last }}{{ n | first }}", "xx"),
    ("{{ e | default: 'd' }}", "d"),
    ("{{ el | default: 'd' }}", "d"),
    ("{{ fa | default: 'd' }}", "d"),
    ("{{ fa | default: 'd', allow_false: true }}", "false"),
    ("{{ z | default: 'd' }}", "0"),
    ("{{ zz | default: 'd' }}", "d"),
    ("{{ o | json }}", '{"k":1,"d":{"e":[1,2,{"q":3}]}}'),
    ("{{ 'é\"' | json }}", '"é\\""'),
    ("{{ zz | json }}", ""),
    (
        "{{ eo | json: 2 }}{{ o | json: 1 }}",
        '{}{\n "k": 1,\n "d": {\n  "e": [\n   1,\n   2,\n   {\n    "q": 3\n   }\n  ]\n }\n}',
    ),
    ("{{ (1..3) | join: ',' }}", "1,2,3"),
    ("{{ (3..1) | size }}", "0"),
    ("{{ a | no_such_filter: 1 | upcase }}", "X"),
]

DATES = [
    ("{{ date | date: '%Y-%m-%d %H:%M:%S.%L' }}", "2024-01-02 03:04:05.678"),
    ("{{ ts | date: '%s %N %3N' }}", "1704164645 000000000 000"),
    ("{{ '1704164645' | date: '%Y' }}", "2024"),
    ("{{ date | date: '%a %A %b %B %h %p %P' }}", "Tue Tuesday Jan January Jan AM am"),
    ("{{ date | date: '%d %e %-d %j %k %l %I %u %w %U %W %y %C %q' }}", "02  2 2 002  3  3 03 2 2 00 01 24 20 nd"),
    ("{{ date | date: '%z %:z %Z' }}", "+0000 +00:00 UTC"),
    ("{{ date | date: '%c, %x, %X' }}", "1/2/2024, 3:04:05 AM, 1/2/2024, 3:04:05 AM"),
    ("{{ date | date: '%^a %#p %_5m %05d %10A %-H%t%n%%' }}", "TUE am     1 00002    Tuesday 3\t\n%"),
    ("{{ date | date: '%f %Q %' }}", "%f %Q %"),
    ("{{ date | date }}", "Tuesday, January 2, 2024 at 3:04 am +0000"),
    ("{{ date | date: '%H:%M %z %Z', 'Asia/Tokyo' }}", "12:04 +0900 Asia/Tokyo"),
    ("{{ date | date: '%H:%M %z', -330 }}", "08:34 +0530"),
    ("{{ '2024-01-02T03:04:05+05:30' | date: '%H:%M' }}", "21:34"),
    ("{{ '2024-03-01' | date: '%d.%m.%Y' }}", "01.03.2024"),
    ("{{ '2024-01-02 03:04:05' | date: '%H' }}", "03"),
    ("{{ '05/06/2024' | date: '%F%B' }}", "%FMay"),
    ("{{ 'January 5, 2024' | date: '%-d' }}", "5"),
    ("{{ 'Fri, 05 Jan 2024 10:00:00 GMT' | date: '%H' }}", "10"),
    ("{{ 'not a date' | date: '%Y' }}", "not a date"),
    ("{{ nul | date: '%Y' }}{{ zz | date: '%Y' }}", ""),
    ("{{ arr | date: '%Y' }}", "[object Object][object Object][object Object]"),
    ("{{ 'now' | date: '%Y' | size }}", "4"),
    ("{{ date | date_to_string }} {{ date | date_to_long_string: 'ordinal' }}", "02 Jan 2024 2nd January 2024"),
    (
        "{{ date | date_to_xmlschema }} {{ date | date_to_rfc822 }}",
        "2024-01-02T03:04:05+00:00 Tue, 02 Jan 2024 03:04:05 +0000",
    ),
    ("{{ date | date_to_string: 'ordinal', 'US' }}", "Jan 2nd, 2024"),
]

VARIABLES = [
    ("{{ o.d.e[2].q }}", "3"),
    ("{{ o['k'] }}{{ o[key] }}", "11"),
    ("{{ arr.0.id }}{{ arr[-1].id }}{{ sarr[idx] }}", "13a"),
    ("{{ arr.first.id }}{{ arr.last.id }}{{ arr.size }}", "133"),
    ("{{ o.size }}{{ uni.size }}{{ n.size }}", "25"),
    ("{{ sarr.length }}{{ a.first }}{{ a[0] }}", "2x"),
    ("{{ x-y }}", "dash"),
    ("{{ event.a }}{{ a.b.c }}{{ nul.x }}{{ zz.y.z }}", ""),
    ("{{ o }} {{ sarr }} {{ t }} {{ nul }}", "[object Object] ba true "),
    ("{{ constructor }}{{ o.constructor }}", ""),
    ("{{ size }}", "0"),
    ("{{ ['x-y'] }}", "dash"),
    ("{{- a -}} !", "x!"),
    ("{% assign v = n | plus: 1 %}{{ v }}{{ v | times: 2 }}", "612"),
    ("{% assign n = 'mine' %}{{ n }}", "mine"),
    ("{% assign same = a == 'x' %}{{ same }}", "true"),
    ("{% capture c %}[{{ a }}]{% endcapture %}{{ c }}{{ c.size }}", "[x]3"),
    ("{% increment n %}{% increment n %}{{ n }}", "567"),
    ("{% increment k %}{% decrement k %}{% decrement k %}", "00-1"),
    ("{% assign n = 1 %}{% increment n %}{{ n }}", "51"),
    ("{% cycle 'a', 'b' %}{% cycle 'a', 'b' %}{% cycle 'a', 'b' %}", "aba"),
    ("{% cycle 'g': 'a', 'b' %}{% cycle 'a', 'b' %}", "aa"),
    ("{% comment %}{{ x | map }}{% endcomment %}y{% # note %}", "y"),
    ("{% raw %}{{ a }}{% endraw %}", "{{ a }}"),
    ("{% liquid\n assign q = 1\n echo q\n if t\n echo 'T'\n endif\n%}", "1T"),
    ("{{ 'a\\tb\\u0041' }}", "a\tbA"),
    ("a{% if t %}b{% break %}c{% endif %}d", "ab"),
    ("}} %} { { a } }", "}} %} { { a } }"),
    ("text only", "text only"),
]

CONDITIONS = [
    ("a == 'x'", True),
    ("n == '5'", False),
    ("n == 5.0", True),
    ("t == true", True),
    ("t == 1", False),
    ("nul == nil", True),
    ("zz == nil", True),
    ("zz == nul", False),
    ("el == empty", True),
    ("e == empty", True),
    ("e == blank", True),
    ("fa == blank", True),
    ("sarr == empty", False),
    ("o == o", True),
    ("sarr == sarr", True),
    ("n > 3", True),
    ("n > '3'", True),
    ("n >= 5", True),
    ("'b' > 'a'", True),
    ("'10' < '9'", True),
    ("a > 1", False),
    ("nul < 1", True),
    ("zz < 1", False),
    ("n > nil", False),
    ("n != 5", False),
    ("sarr contains 'b'", True),
    ("s contains 'World'", True),
    ("arr contains 1", False),
    ("n contains 5", False),
    ("e", True),
    ("z", True),
    ("el", True),
    ("nul", False),
    ("zz", False),
    ("fa", False),
    ("not fa", True),
    ("t and fa or t", True),
    ("t or fa and fa", True),
    ("fa or t and fa", False),
    ("not t and fa", False),
    ("not fa or fa", True),
    ("not n == 5", False),
]

DISABLED_FILTERS = [
    "array_to_sentence_string", "concat", "find", "find_exp", "find_index", "find_index_exp", "group_by",
    "group_by_exp", "has", "has_exp", "map",
    "newline_to_br", "reject", "reject_exp", "reverse", "sort", "sort_natural", "type", "uniq", "where_exp",
]  # fmt: skip


def liquid(template: str, event: object = EVENT) -> object:
    return resolve({"@liquid": template}, event)


@pytest.mark.parametrize(("template", "text"), [*NUMBERS, *TEXTS, *LISTS_AND_VALUES, *DATES, *VARIABLES])
def test_a_template_gives_the_text_of_liquidjs(template: str, text: str) -> None:
    assert liquid(template) == text


@pytest.mark.parametrize(("condition", "holds"), CONDITIONS)
def test_a_condition_holds_as_in_liquidjs(condition: str, holds: bool) -> None:
    assert liquid(f"{{% if {condition} %}}yes{{% endif %}}") == ("yes" if holds else "")
    assert liquid(f"{{% unless {condition} %}}no{{% endunless %}}") == ("" if holds else "no")


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{% if fa %}1{% elsif n == 5 %}2{% else %}3{% endif %}", "2"),
        ("{% if fa %}1{% elsif fa %}2{% else %}3{% endif %}", "3"),
        ("{% unless t %}1{% elsif n == 5 %}2{% else %}3{% endunless %}", "2"),
    ],
)
def test_the_first_branch_that_holds_is_taken(template: str, text: str) -> None:
    assert liquid(template) == text


def test_the_event_itself_is_the_root_whatever_it_is() -> None:
    assert liquid("{{ length }}{{ a }}", ["x"]) == "1"
    assert liquid("[{{ a }}]", None) == "[]"


def test_a_template_changes_neither_the_event_nor_the_next_rendering() -> None:
    event = {"n": 5, "l": ["a"]}
    mapping = compile_mapping({"@liquid": "{% increment n %}{% assign l = l | push: 'b' %}{{ l | join }}"})
    assert [mapping.resolve(event), mapping.resolve(event)] == ["5a b", "5a b"]
    assert event == {"n": 5, "l": ["a"]}


@pytest.mark.parametrize("tag", ["case", "for", "include", "layout", "render", "tablerow"])
def test_a_disabled_tag_is_a_problem_when_compiling(tag: str) -> None:
    with pytest.raises(MappingError, match=f'/v/@liquid .*tag "{tag}" is disabled, line:1, col:3'):
        compile_mapping({"v": {"@liquid": f"a {{% {tag} x %}}{{% end{tag} %}}"}})


@pytest.mark.parametrize(
    "name",
    DISABLED_FILTERS,
)
def test_a_disabled_filter_is_a_problem_when_compiling(name: str) -> None:
    with pytest.raises(MappingError, match=f'filter "{name}" is disabled'):
        compile_mapping({"@liquid": f"{{% if fa %}}{{{{ a | {name} }}}}{{% endif %}}"})


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("x\n {{ a", "line:2, col:2"),
        ("{% if a %}", "endif"),
        ("{% foo %}", "unexpected tag 'foo', line:1, col:1"),
        ("{% doc %}{% enddoc %}", "doc, line:1, col:1"),
        ("{{ a | 5 }}", "line:1, col:8"),
        ("x" * 1001, "1,001 characters, 1,000 are allowed"),
        ("{{ " + "[" * 480 + "a" + "]" * 480 + " }}", "nested too deeply"),
    ],
)
def test_a_template_that_cannot_be_read_is_a_problem_with_its_position(template: str, message: str) -> None:
    with pytest.raises(MappingError) as caught:
        compile_mapping({"v": {"@liquid": template}})
    assert message in str(caught.value)
    assert caught.value.problems[0].place == "/v/@liquid"


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ '%zz' | url_decode }}", "not URL-encoded"),
        ("{{ '%ff' | url_decode }}", "not URL-encoded"),
        ("{{ '!' | base64_decode }}", "not base64"),
        ("{{ a | append }}", "append takes one argument"),
        ("{{ date | date: '%H', 'Nowhere/Else' }}", "no time zone 'Nowhere/Else'"),
    ],
)
def test_a_filter_that_cannot_do_with_an_event_fails_that_event(template: str, message: str) -> None:
    mapping = compile_mapping({"v": {"@liquid": template}})
    with pytest.raises(MappingError, match=f"/v/@liquid fails on this event: .*{message}"):
        mapping.resolve(EVENT)


def test_half_of_a_surrogate_pair_fails_that_event() -> None:
    with pytest.raises(MappingError, match="surrogate"):
        liquid("{{ a | sha256 }}", {"a": "\ud83d"})


@pytest.mark.parametrize(
    "template",
    [
        "{% assign a = 'x' %}" + "{% assign a = a | append: a %}" * 30,
        "{% assign l = 'a' | split: ',' %}" + "{% assign l = l | push: l %}" * 30 + "{{ l | json }}",
        "{% assign l = '' | push: o %}" + "{% assign l = l | push: l %}" * 20 + "{{ l | json }}",
        "{{ (1..100000000) | size }}",
        "{% assign b = (1..9999) | join %}{{ b | replace: '1', b }}",
        "{% assign b = (1..9999) | join %}{{ b | split: '' | join: b }}",
        "{{ n | date: '%999999999Y' }}",
        "{{ n | date: '" + "%999999N" * 50 + "' }}",
    ],
)
def test_a_template_that_makes_too_much_fails_that_event(template: str) -> None:
    with pytest.raises(MappingError, match="1,000,000 characters"):
        liquid(template)
