import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.config import Config, ConfigError, ConfigProblem

KEY = "pk_0123456789abcdef0123"
HEAD = 'version = 1\ndestination = "klaviyo"\n\n'


def mapping(name: str = "A", action: str = "upsertProfile", more: str = "", fields: str = 'email = "a@b.co"') -> str:
    head = f'[[mapping]]\nname = "{name}"\naction = "{action}"\ntrigger = \'type = "identify"\'\n'
    return f"{head}{more}[mapping.fields]\n{fields}\n"


def problems(text: str) -> list[ConfigProblem]:
    with pytest.raises(ConfigError) as caught:
        Config.loads(text, "shop.toml")
    return caught.value.problems


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (mapping(action="upsertProfil"), 3, "did you mean 'upsertProfile'"),
        (mapping(fields="emial = 'a@b.co'"), 6, "has no field 'emial'; did you mean 'email'"),
        (mapping(more="enabled = 'yes'\n"), 5, "`enabled` must be true or false"),
        (mapping(more="on_invalid_phone = 'ignore'\n"), 5, '"reject" or "drop"'),
        (mapping(fields="batch_size = 'many'"), 6, "Batch Size must be a number"),
        (mapping(fields="batch_size = 5"), 6, "from 100 to 10,000"),
        (mapping(fields="country_code = 'XX'"), 6, "Country Code 'XX' is none of its"),
        (mapping(fields="email = 'nobody'"), 6, "Email must be a valid email address"),
        (mapping(fields='email = { "@pth" = "$.x" }'), 6, "/email"),
        (
            mapping(fields='title = { "@replace" = { pattern = "x12345678901", value = "x" } }'),
            6,
            "/title/@replace/pattern",
        ),
        (mapping(action="trackEvent", fields='metric_name = "M"\nproperties = {}'), 5, "needs Profile"),
        (mapping().replace("'type = \"identify\"'", "'type == 1'"), 4, "line 1, column 6"),
        (mapping().replace("'type = \"identify\"'", '"""\ntype = "track" and\n  oops(1)"""'), 6, 'no function "oops"'),
        (mapping().replace("'type = \"identify\"'", '"type = 1\\n and oops(1)"'), 4, "line 2, column 6"),
        (mapping().replace("'type = \"identify\"'", '""'), 4, "`trigger` must be a text but it is empty"),
        (mapping().replace("'type = \"identify\"'", '" "'), 4, "the trigger is empty"),
        (mapping().replace("'type = \"identify\"'", "[1]"), 4, "`trigger` must be a text but it is an array"),
        (mapping().replace('action = "upsertProfile"\n', ""), 1, "`action` is missing"),
        (mapping(more="[mapping.fields.title]\n'@template' = 5\n", fields=""), 6, "/title/@template"),
        (mapping(fields="title = 'x'\nlocation = { city = { a = 1 } }"), 7, "City must be a string"),
        (mapping(fields="[mapping.fields.location]\nzip = 1\ncity = [1, 2]"), 8, "City must be a string"),
        (mapping(fields="a.b.c = 1"), 6, "has no field 'a'"),
        (mapping(fields="tags = 1\nproperties = [\n  1,\n  # x\n]"), 7, "Properties must be an object"),
        (mapping(fields='properties = { a = [\n { "@pth" = 1 } ] }'), 6, "/properties/a/0"),
        (mapping(fields=f'properties."{"9" * 5000}"."@pth" = 1'), 6, "@pth"),
        (mapping(fields="title = -inf"), 6, "no number that JSON has"),
        (mapping(fields=f"title = 0x{'f' * 5000}"), 6, "no number that JSON has"),
        (mapping(fields="properties = { a = [1, nan] }"), 6, "no number that JSON has"),
        (f"version = 0x{'f' * 5000}", 1, "version must be 1"),
        ("version = 0\n", 1, "version must be 1"),
        ("version = true\n", 1, "version must be 1"),
        ("a = 1\na = 2\n", 2, "not valid TOML"),
        ("a = '\n", 1, "not valid TOML"),
        ("b = 1\na = '''\n\n[x]\n", 2, "not valid TOML"),
        ('b = 1\na = """\n\n[x]\n', 2, "not valid TOML"),
        ("# it's\na = [\n1,\n", 4, "not valid TOML"),
        ('a = """x"""\nb = "x', 2, "not valid TOML"),
        ("[settings]\n[settings]\n", 2, "not valid TOML"),
        ("\r\n\r\nversion = 0\r\n", 3, "version must be 1"),
        ("\ufeff\nversion = 0\n", 2, "version must be 1"),
        (mapping().replace('name = "A"\n', ""), 1, "`name` is missing"),
        (mapping().replace('"A"', '""'), 2, "`name` must be a text but it is empty"),
        (mapping().replace('"A"', '"  "'), 2, "`name` must be a text but it is empty"),
        ("[settings]\nrevision = 'yesterday'\n", 2, "`revision` must be a date as text"),
        (mapping(fields="country_code = 'USA'"), 6, "'USA' is none of its"),
        (mapping().replace("[mapping.fields]\nemail", "fields"), 5, "`fields` must be a table"),
        (mapping() + mapping(), 8, "another mapping has this name, in line 2"),
        ("destination = 'mailchimp'\n", 1, "no destination 'mailchimp'"),
        ("mapping = 5\n", 1, "[[mapping]]"),
        ("[mapping]\nname = 'A'\n", 1, "[[mapping]]"),
        ("mapping = [1]\n", 1, "must be a table but this is a number"),
        ("version = 'one'\n", 1, "version must be 1"),
        ("settings = 5\n", 1, "[settings] must be a table"),
        ("[settings]\nrevision = 2026\n", 2, "`revision` must be a date as text"),
        ("[settings]\nrevision = '2026-02-30'\n", 2, "`revision` must be a date as text"),
        (mapping(fields="title = nan"), 6, "no number that JSON has"),
        ("a = \n", 1, "not valid TOML"),
        ('{"mapping": []}', 1, "this is JSON"),
    ],
)
def test_a_problem_is_told_with_its_line(text: str, line: int, words: str):
    found = problems(text)
    assert any(problem.line == line and words in problem.message for problem in found), found


def test_all_problems_are_told_at_once_in_the_order_of_their_lines():
    text = (
        mapping("A", "nothing")
        + mapping("B", more="enabled = 1\n", fields="emial = 1")
        + mapping("B", fields='email = { "@oops" = 1 }')
    )
    found = problems(text)
    assert len(found) == 5
    assert [problem.line for problem in found] == sorted(problem.line for problem in found)
    assert str(found[1]).startswith('shop.toml:11: error: mapping "B": `enabled` must be true or false')


def test_more_than_fifty_mappings_are_refused():
    text = "".join(mapping(f"M{index}") for index in range(51))
    [problem] = problems(text)
    assert "51 mappings; Segment allows 50" in problem.message
    Config.loads("".join(mapping(f"M{index}") for index in range(50)))


@pytest.mark.parametrize(
    "text",
    [
        f'[settings]\napi_key = "{KEY}"\n',
        f"# my key is {KEY}\n{mapping()}",
        mapping(fields=f'title = "{KEY}"'),
        f'api_key = "{KEY}"\n',
        f'[settings]\napi_key = """\n{KEY}"""\n',
        mapping(KEY),
        mapping(action=KEY),
        mapping(fields=f"{KEY} = 1"),
        mapping(fields=f'email = {{ "@{KEY}" = "{KEY}" }}'),
        f"destination = '{KEY}'\n",
        f"{KEY} = 1\n",
        mapping(KEY) + mapping(KEY),
    ],
)
def test_a_file_with_a_key_is_refused_with_advice_and_without_the_key(text: str):
    with pytest.raises(ConfigError) as caught:
        Config.loads(text)
    assert "KLAVIYO_API_KEY" in str(caught.value)
    assert "studio auth login" in str(caught.value)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("text", [f"{KEY} = 1\n{KEY} = 2\n", f"[{KEY}]\n[{KEY}]\n", f'{{"api_key": "{KEY}"}}', KEY])
def test_a_broken_file_does_not_give_its_key_away_either(text: str):
    told = "\n".join(map(str, problems(text)))
    assert KEY not in told
    assert "studio auth login" in told


MODERN_KEY = "pk_AbC123_0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f'[settings]\nrevision = "{MODERN_KEY}"\n', 2),
        (mapping(fields=f'email = "a@b.co"\ntitle = "Bearer {MODERN_KEY}"'), 7),
        ('note = "\\u0070k_0123456789abcdef0123"\n', 1),
        ('note = """pk_01234\\\n  56789abcdef0123"""\n', 1),
        (f'"\\u0070{MODERN_KEY[1:]}" = 1\n', 1),
        ('api_key = "secret"\n', 1),
        ('[settings]\n[settings.klaviyo]\nprivateKey = "secret"\n', 3),
        ('[source]\nAPI-Key = "secret"\n', 2),
        (mapping(more="api_key = 'secret'\n"), 5),
    ],
)
def test_a_key_is_found_however_it_is_written(text: str, line: int):
    found = [problem for problem in problems(text) if "KLAVIYO_API_KEY" in problem.message]
    assert [problem.line for problem in found] == [line]
    assert not any(secret in str(found) for secret in (MODERN_KEY, "secret", "0123456789abcdef"))


@pytest.mark.parametrize(
    "fields",
    [
        'title = { "@path" = "$.properties.api_key" }',
        'properties = { api_key = "the customer\'s own" }',
        'title = "pk_customer_id"',
        'title = "spk_0123456789abcdef0123"',
    ],
)
def test_what_only_resembles_a_key_is_none(fields: str):
    Config.loads(mapping(fields=f'email = "a@b.co"\n{fields}'))


def test_a_key_is_told_once_a_line():
    found = problems(f'[settings]\napi_key = "{KEY}"\n# {KEY}{KEY} {KEY}\n')
    assert [problem.line for problem in found] == [2, 3]


def test_a_key_that_does_not_look_like_one_is_refused_by_its_name():
    [problem] = problems("[settings]\napi_key = 'secret'\n")
    assert problem.line == 2
    assert "secret" not in str(problem)


def test_unknown_keys_are_kept_and_named_in_a_warning():
    config = Config.loads(HEAD + "colour = 1\n" + mapping(more="notes = 'mine'\n"))
    assert config.extra == {"colour": 1}
    assert config.mappings[0].extra == {"notes": "mine"}
    assert [warning.line for warning in config.warnings] == [4, 9]


@pytest.mark.parametrize(("revision", "word"), [("2021-01-15", "retired"), ("2999-01-15", "future")])
def test_a_revision_that_klaviyo_does_not_have_is_a_warning(revision: str, word: str):
    [warning] = Config.loads(f"[settings]\nrevision = '{revision}'\n").warnings
    assert warning.line == 2
    assert word in warning.message
    assert "such as 2026-07-15" in warning.message


def test_an_unknown_part_of_a_field_is_a_warning():
    [warning] = Config.loads(mapping(fields='email = "a@b.co"\n[mapping.fields.location]\ncitty = "Bern"')).warnings
    assert (warning.line, warning.field, warning.mapping) == (8, "location", "A")
    assert "did you mean 'city'" in warning.message


def test_a_problem_as_json_has_all_its_parts():
    [problem] = problems(mapping(fields="emial = 1"))
    assert problem.document() == {
        "source": "shop.toml",
        "line": 6,
        "severity": "error",
        "mapping": "A",
        "field": "emial",
        "message": problem.message,
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [(f"a = {'9' * 5000}", "too many digits"), (f"{'.'.join('a' * 5000)} = 1", "nested too deeply")],
)
def test_what_python_cannot_read_is_a_problem_without_a_line(text: str, words: str):
    [problem] = problems(text)
    assert problem.line == 0
    assert words in problem.message


def test_a_newer_version_is_a_warning():
    config = Config.loads("version = 2\n" + mapping())
    assert "newer" in config.warnings[0].message


@pytest.mark.parametrize(
    "fields",
    [
        'email = { "@path" = "$.traits.email" }\nlocation = { city = "Bern" }',
        'email."@path" = "$.traits.email"\nlocation.city = "Bern"',
        '"email" = {"@path"="$.traits.email"}\n[mapping.fields.location]\ncity = "Bern" # here',
        'location = { "city" = \'Bern\' }\n[mapping.fields.email]\n"@path" = """$.traits.email"""',
    ],
)
def test_the_same_mapping_can_be_written_in_many_ways(fields: str):
    config = Config.loads(mapping(fields=fields))
    assert config.mappings[0].fields == {"email": {"@path": "$.traits.email"}, "location": {"city": "Bern"}}


def test_mappings_may_be_an_inline_list():
    config = Config.loads("mapping = [{ name = 'A', action = 'upsertProfile', trigger = 'type = \"page\"' }]")
    assert config.mappings[0].name == "A"


def test_times_become_their_text():
    config = Config.loads(mapping(fields="title = 2026-01-02T03:04:05Z\nfirst_name = 2026-01-02"))
    assert config.mappings[0].fields == {"title": "2026-01-02T03:04:05+00:00", "first_name": "2026-01-02"}


def test_what_can_be_read_of_a_broken_file_is_there_beside_its_problems(tmp_path: Path):
    path = tmp_path / "shop.toml"
    path.write_text(mapping("A", fields="emial = 1") + mapping("B"))
    config, found = Config.read(path)
    assert [item.name for item in config.mappings] == ["A", "B"]
    assert len(found) == 1


@given(st.text(max_size=80) | st.text(alphabet="[]{}=\"'#\n .ab1m", max_size=60))
def test_any_text_is_a_configuration_or_a_config_error(text: str):
    with contextlib.suppress(ConfigError):
        Config.loads(text)
