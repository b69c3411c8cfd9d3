"""`studio connect`, against a sandbox served over HTTP, and where a connection may be used."""

from __future__ import annotations

from contextlib import closing

import pytest
from commands import documents, identify, write_events

from actions import Config
from actions.klaviyo.sandbox import Sandbox
from studio.cli import connect
from studio.connections import list_of
from studio.target import open_sandbox

COMMENTED = """# Of the shop.
version = 1

[[mapping]] # people
name = "People"
action = "upsertProfile"
trigger = 'type = "identify"'   # only these

[mapping.fields]
# how we know them
email = { "@path" = "$.traits.email" }  # always there

[[mapping]]
name = "Events"
action = "trackEvent"
trigger = 'type = "track"'
fields = { metric_name = "Seen", properties = {}, profile = { email = { "@path" = "$.properties.email" } } }
# the end
"""


@pytest.fixture
def shop(tmp_path):
    path = tmp_path / "shop.toml"
    path.write_text(COMMENTED)
    return path


def fans(sandbox: Sandbox) -> list[str]:
    return [each["id"] for each in sandbox.lists() if each["name"] == "Fans"]


def test_the_list_is_made_and_remembered_as_at_segment_and_comments_stay(studio, shop, sandbox, address):
    assert studio("connect", shop, "People", "--name", "Fans", "--to", address).exit_code == 0
    [made] = fans(sandbox)
    added = (
        f'retlOnMappingSave = {{ inputs = {{ list_name = "Fans" }}, outputs = {{ id = "{made}", name = "Fans" }} }}\n'
    )
    lines = shop.read_text().splitlines(keepends=True)
    assert added in lines
    lines.remove(added)
    lines.remove('connected_in = "sandbox"\n')
    assert "".join(lines) == COMMENTED
    assert studio("check", shop).exit_code == 0
    assert "not known" not in studio("check", shop).stdout


def test_what_is_done_again_makes_no_second_list(studio, shop, sandbox, address):
    for command in (("--name", "Fans"), ("--name", "Fans"), ()):
        assert studio("connect", shop, "People", *command, "--to", address).exit_code == 0
    before = shop.read_bytes()
    assert studio("connect", shop, "People", "--to", address).exit_code == 0
    assert shop.read_bytes() == before
    assert len(fans(sandbox)) == 1


def test_a_list_that_got_another_name_is_still_the_one(studio, shop, sandbox, address):
    studio("connect", shop, "People", "--name", "Fans", "--to", address)
    [made] = fans(sandbox)
    with sandbox._store.transaction():
        sandbox._store.db.execute("update lists set name = 'Supporters' where id = ?", (made,))
    [document] = documents(studio("connect", shop, "People", "--name", "Fans", "--to", address, "--json").stdout)
    assert document["list"] == {"id": made, "name": "Supporters"}
    assert fans(sandbox) == []


def test_who_is_delivered_joins_the_connected_list(studio, shop, sandbox, address, tmp_path):
    studio("connect", shop, "People", "--list-id", "VipCst", "--to", address)
    events = write_events(tmp_path / "e.ndjson", identify("a@example.com"), identify("b@example.com"))
    assert studio("run", shop, events, "--to", address).exit_code == 0
    assert len(sandbox.members("VipCst")) == 2


def test_an_error_leaves_the_file_and_says_what_to_do(studio, shop, address):
    result = studio("connect", shop, "People", "--list-id", "nope", "--to", address)
    assert result.exit_code == 1
    assert "has no list with the id nope" in result.stderr
    assert f"{shop} is as it was" in result.stderr
    assert shop.read_text() == COMMENTED


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("Nobody", "--name", "X"), "there is no mapping 'Nobody'; there are People, Events."),
        (("Events", "--name", "X"), "Upsert Profile has, which is People."),
        (("People",), "give --list-id ID or --name NAME"),
        (("People", "--name", "X", "--list-id", "Y"), "not both"),
        (("People", "--name", " "), "is empty"),
        (("People", "--disconnect", "--name", "X"), "goes with neither"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is(studio, shop, given, said):
    result = studio("connect", shop, *given)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert shop.read_text() == COMMENTED


def test_where_comments_would_be_lost_no_list_is_made(studio, tmp_path, sandbox, address):
    dotted = tmp_path / "dotted.toml"
    dotted.write_text(
        'version = 1\n[[mapping]]\nname = "People"\naction = "upsertProfile"\ntrigger = \'type = "identify"\'\n'
        'fields.email = { "@path" = "$.traits.email" } # dear\n'
    )
    before = dotted.read_bytes()
    result = studio("connect", dotted, "People", "--name", "Fans", "--to", address)
    assert (result.exit_code, fans(sandbox)) == (2, [])
    assert "comments" in result.stderr
    assert dotted.read_bytes() == before


def test_what_somebody_else_writes_meanwhile_stays(studio, shop, sandbox, address, monkeypatch):
    perform = connect.perform

    def slowly(work):
        shop.write_text(f"{COMMENTED}# by somebody else\n")
        return perform(work)

    monkeypatch.setattr(connect, "perform", slowly)
    result = studio("connect", shop, "People", "--name", "Fans", "--to", address)
    assert result.exit_code == 2
    assert "was changed by somebody else meanwhile" in result.stderr
    assert shop.read_text() == f"{COMMENTED}# by somebody else\n"
    monkeypatch.undo()
    assert studio("connect", shop, "People", "--name", "Fans", "--to", address).exit_code == 0
    assert len(fans(sandbox)) == 1


def test_disconnecting_takes_out_what_connecting_put_in(studio, shop):
    studio("connect", shop, "People", "--name", "Fans")
    assert studio("connect", shop, "People", "--disconnect").exit_code == 0
    assert shop.read_text() == COMMENTED


def test_a_list_of_the_sandbox_is_not_sent_to_the_real_klaviyo(studio, shop, tmp_path, monkeypatch):
    monkeypatch.setenv("KLAVIYO_API_KEY", "pk_0123456789abcdef")
    studio("connect", shop, "People", "--name", "Fans")
    events = write_events(tmp_path / "e.ndjson", identify("a@example.com"))
    for command in ("send", "run"):
        result = studio(command, shop, events, "--to", "klaviyo")
        assert (result.exit_code, result.stdout) == (2, "")
        assert '"People" (Fans, ' in result.stderr
        assert "Nothing was sent" in result.stderr
        assert "--to klaviyo" in result.stderr
    shop.write_text(shop.read_text().replace("[[mapping]] # people", "[[mapping]] # people\nenabled = false"))
    assert studio("run", shop, events, "--to", "klaviyo").exit_code == 0  # nothing fires, so nothing goes there


def test_a_list_of_the_real_klaviyo_is_there_in_the_sandbox_and_is_not_replaced(studio, shop, tmp_path):
    remembered = 'retlOnMappingSave = { inputs = { list_name = "Fans" }, outputs = { id = "ReAl01", name = "Fans" } }'
    shop.write_text(COMMENTED.replace("# how we know them", remembered))
    events = write_events(tmp_path / "e.ndjson", identify("a@example.com"))
    assert studio("run", shop, events).exit_code == 0
    with closing(open_sandbox()) as sandbox:
        assert len(sandbox.members("ReAl01")) == 1
        assert fans(sandbox) == ["ReAl01"]
    before = shop.read_bytes()
    for given in ((), ("--name", "Fans")):
        result = studio("connect", shop, "People", *given)
        assert result.exit_code == 2
        assert "is connected to a list of the real Klaviyo (Fans, ReAl01)" in result.stderr
    assert shop.read_bytes() == before


def test_a_sandbox_that_was_emptied_has_the_connected_list_all_the_same(studio, shop, tmp_path):
    studio("connect", shop, "People", "--name", "Fans")
    events = write_events(tmp_path / "e.ndjson", identify("a@example.com"))
    assert studio("run", shop, events, "--fresh").exit_code == 0
    found = list_of(Config.load(shop).mappings[0])
    assert found is not None
    with closing(open_sandbox()) as sandbox:
        assert len(sandbox.members(found.id)) == 1


def test_rows_of_a_warehouse_join_the_connected_list(studio, tmp_path, monkeypatch):
    (tmp_path / "people.csv").write_text("id,email\n1,a@example.com\n2,b@example.com\n")
    shop = tmp_path / "rows.toml"
    shop.write_text(
        'version = 1\n[source]\nkind = "duckdb"\nmodel = "select * from \'people.csv\'"\nid = "id"\n'
        '[[mapping]]\nname = "People"\naction = "upsertProfile"\non = ["added", "updated"]\n'
        '[mapping.fields]\nemail = { "@path" = "$.properties.email" }\nenable_batching = true\n'
    )
    assert studio("connect", shop, "People", "--name", "Fans").exit_code == 0
    monkeypatch.setenv("KLAVIYO_API_KEY", "pk_0123456789abcdef")
    refused = studio("sync", shop, "--to", "klaviyo", "--yes")
    assert refused.exit_code == 2
    assert "which the real Klaviyo does not have" in refused.stderr
    assert studio("sync", shop).exit_code == 0
    with closing(open_sandbox()) as sandbox:
        assert len(sandbox.members(fans(sandbox)[0])) == 2
