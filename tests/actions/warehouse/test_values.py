"""The values of rows: what each kind of warehouse has becomes JSON that Klaviyo takes."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warehouses import postgres_database

from actions.config.source import Source
from actions.delivery.sources import parse_event
from actions.warehouse.model_rows import check_model, model_rows
from actions.warehouse.opening import open_warehouse
from actions.warehouse.row_events import Row, RowEvents
from actions.warehouse.warehouse import Column, WarehouseError


def rows(source: Source, folder: Path) -> list[dict[str, Any]]:
    return [row.event["properties"] for row in model_rows(source, folder) if row.event["event"] == "new"]  # type: ignore[misc]


def values(folder: Path, expressions: dict[str, str]) -> dict[str, Any]:
    columns = ", ".join(f"{expression} as {name}" for name, expression in expressions.items())
    [found] = rows(Source(model=f"select 1 as id, {columns};", id="ID"), folder)
    return found


def test_values_of_duckdb(tmp_path: Path) -> None:
    found = values(
        tmp_path,
        {
            "whole": "42",
            "huge": "170141183460469231731687303715884105727::hugeint",
            "price": "310.40::decimal(10, 2)",
            "exact": "12345678901234567890.12::decimal(38, 2)",
            "half": "0.5::double",
            "tenth": "0.1::float",
            "no_number": "'nan'::double",
            "endless": "'-inf'::float",
            "yes": "true",
            "day": "date '2026-03-04'",
            "moment": "timestamp '2026-03-04 19:02:30.5'",
            "zoned": "timestamptz '2026-03-04 19:02:30+02'",
            "clock": "time '10:00:00'",
            "bytes": "'\\xAA\\x00'::blob",
            "own": "uuid '5103b990-064e-4610-904d-4e4e59ff2d22'",
            "kind": "'b'::enum('a', 'b')",
            "span": "interval 3 days",
            "nothing": "null",
            "tags": "['a', null]",
            "numbers": "[0.5, 'nan'::double]",
            "address": "{city: 'Zürich', since: timestamp '2026-01-02 03:04:05', photo: blob 'x', none: null::integer}",
            "nowhere": "null::struct(city text)",
            "counts": "map {'a': 1.5, 'b': 'inf'::double}",
            "document": '\'{"x": [1, {"y": null}]}\'::json',
            "text": "'a\"b\\c' || chr(10) || chr(0)",
            "either": "union_value(num := 2)",
        },
    )
    assert found == {
        "id": 1,
        "whole": 42,
        "huge": 170141183460469231731687303715884105727,
        "price": 310.4,
        "exact": "12345678901234567890.12",
        "half": 0.5,
        "tenth": 0.1,
        "no_number": None,
        "endless": None,
        "yes": True,
        "day": "2026-03-04",
        "moment": "2026-03-04T19:02:30.5",
        "zoned": "2026-03-04T17:02:30Z",
        "clock": "10:00:00",
        "bytes": "qgA=",
        "own": "5103b990-064e-4610-904d-4e4e59ff2d22",
        "kind": "b",
        "span": "3 days",
        "nothing": None,
        "tags": ["a", None],
        "numbers": [0.5, None],
        "address": {"city": "Zürich", "since": "2026-01-02T03:04:05", "photo": "eA==", "none": None},
        "nowhere": None,
        "counts": {"a": 1.5, "b": None},
        "document": {"x": [1, {"y": None}]},
        "text": 'a"b\\c\n\0',
        "either": "2",
    }


def test_values_of_postgres(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = """
        select 1 as id, 310.40::numeric(10, 2) as price, 12345678901234567890.12::numeric(38, 2) as exact,
            'NaN'::numeric as no_number, 'Infinity'::float8 as endless, 0.1::float4 as tenth, true as yes,
            date '2026-03-04' as day, timestamp '2026-03-04 19:02:30.5' as moment,
            timestamptz '2026-03-04 19:02:30+02' as zoned, '\\xaa00'::bytea as bytes, array['a', null] as tags,
            '{"x": [1]}'::jsonb as document, '{"y":  1}'::json as plain, null as nothing, 'é''%s $1' as "odd ""name",
            interval '3 days' as span, 9007199254740993 as whole, row(1, 'a') as both -- the end"""
    with postgres_database() as address:
        monkeypatch.setenv("WAREHOUSE_DSN", address)
        [found] = rows(Source(kind="postgres", dsn_env="WAREHOUSE_DSN", model=model, id="id"), tmp_path)
    assert found == {
        "id": 1,
        "price": 310.4,
        "exact": "12345678901234567890.12",
        "no_number": None,
        "endless": None,
        "tenth": 0.1,
        "yes": True,
        "day": "2026-03-04",
        "moment": "2026-03-04T19:02:30.5",
        "zoned": "2026-03-04T17:02:30+00:00",
        "bytes": "qgA=",
        "tags": ["a", None],
        "document": {"x": [1]},
        "plain": {"y": 1},
        "nothing": None,
        'odd "name': "é'%s $1",
        "span": "3 days",
        "whole": 9007199254740993,
        "both": {"f1": 1, "f2": "a"},
    }


@pytest.mark.parametrize("name", ["people.csv", "people.parquet", "people.json", "shop.duckdb"])
def test_files_are_found_beside_the_configuration(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "a folder's"
    folder.mkdir()
    path = folder / name
    with closing(duckdb.connect(path if name.endswith(".duckdb") else ":memory:")) as db:
        db.execute("create table people as select * from (values (1, 'Ann', 2.5), (2, null, null)) as p(id, name, n)")
        if not name.endswith(".duckdb"):
            db.execute(f"copy people to '{str(path).replace(chr(39), chr(39) * 2)}'")
    monkeypatch.chdir(tmp_path)
    table, database = ("people", name) if name.endswith(".duckdb") else (f"'{name}'", "")
    model = f"select * from {table} order by id"  # noqa: S608 - a test's own
    found = rows(Source(model=model, database=database, id="id"), folder)
    assert found == [{"id": 1, "name": "Ann", "n": 2.5}, {"id": 2, "name": None, "n": None}]
    (folder / "people.sql").write_text(f"-- the people\nselect id from {table} where id = 1;\n")
    assert rows(Source(model_file="people.sql", database=database, id="id"), folder) == [{"id": 1}]


def test_the_first_rows_of_each_kind(tmp_path: Path) -> None:
    source = Source(model="select i as id, 'x' as name from range(30) r(i) order by i", id="id")
    found = model_rows(source, tmp_path)
    assert [row.place for row in found] == [
        *(f"added row {number}" for number in range(10)),
        "updated row 0",
        "deleted row 0",
    ]
    assert found[-2].event["properties"] == {"id": 0, "name": "x"}
    assert found[-1].event["properties"] == {"id": None, "name": None}
    assert found[-1].event["previous"] == {"id": 0, "name": "x"}
    [none] = model_rows(Source(model="select 1 as id, 2 as n where false", id="id"), tmp_path)
    assert none.event["properties"] == {"id": None, "n": None}


def test_a_row_becomes_the_event_that_segment_makes_of_it(shared: Path) -> None:
    samples = [json.loads((shared / "samples" / name).read_text()) for name in _SAMPLES]
    columns = [Column(name, "text") for name in samples[0]["properties"]]
    events = RowEvents("retl", "2026-03-09T03:15:00.000Z", columns)
    for sample, change in zip(samples, ("added", "updated", "deleted"), strict=True):
        content = json.dumps(sample["properties"]) if change != "deleted" else None
        event = parse_event(events.line(Row(7, sample["__segment_id"], change, content, '{"a":1}')).content)
        assert isinstance(event, dict)
        assert {key: event[key] for key in ("type", "event", "properties", "__segment_id", "userId")} == {
            key: sample[key] for key in ("type", "event", "properties", "__segment_id", "userId")
        }
        assert list(event["properties"]) == list(sample["properties"])  # type: ignore[arg-type]
        assert event["messageId"] == "retl-7"
        assert ("previous" in event) == (change == "deleted")


_SAMPLES = ("19_retl_row_new.json", "20_retl_row_updated.json", "21_retl_row_deleted.json")


@settings(max_examples=60)
@given(st.text(min_size=1), st.text(min_size=1).filter(lambda name: name.strip()))
def test_any_text_and_any_name_of_a_column_come_through(text: str, name: str) -> None:
    try:
        (text + name).encode()
    except UnicodeEncodeError:
        return
    if "\0" in text + name or name.lower() == "id":
        return
    quoted = text.replace("'", "''"), name.replace('"', '""')
    model = f"select 1 as id, '{quoted[0]}' as \"{quoted[1]}\""
    [found] = rows(Source(model=model, id="id"), Path())
    assert found == {"id": 1, name: text}


def test_columns_that_the_model_has_not_are_told(tmp_path: Path) -> None:
    path = tmp_path / "shop.toml"
    path.write_text(
        """[source]
model = "select 1 as ID, 'a' as EMAIL"
id = "id"
[[mapping]]
name = "A"
action = "upsertProfile"
[mapping.fields]
email = { "@path" = "$.properties.email" }
first_name = { "@template" = "{{properties.name}}" }
title = { "@path" = "$.properties.EMAIL" }
"""
    )
    found = [(problem.line, problem.message) for problem in check_model(path)]
    assert found == [
        (8, "the model has no column 'email', so nothing is read; did you mean 'EMAIL'?"),
        (9, "the model has no column 'name', so nothing is read; it has ID, EMAIL"),
    ]


@pytest.mark.parametrize("kind", ["duckdb", "postgres"])
def test_a_password_is_in_no_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    for address in (
        "postgresql://me:s3cret-word@127.0.0.1:1/shop",
        "postgresql//me:s3cret-word@127.0.0.1:1/shop",
        "host=127.0.0.1 port=1 password=s3cret-word dbname=x nonsense=1",
    ):
        monkeypatch.setenv("WAREHOUSE_DSN", address)
        source = Source(kind=kind, dsn_env="WAREHOUSE_DSN", model="select 1 as id", id="id")
        with pytest.raises(WarehouseError) as caught:
            open_warehouse(source, tmp_path, None)
        assert "s3cret-word" not in str(caught.value)
        assert caught.value.__cause__ is None or "s3cret-word" not in str(caught.value.__cause__)


def test_a_missing_driver_is_told_with_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.delitem(sys.modules, "actions.warehouse.postgres_warehouse", raising=False)
    monkeypatch.setenv("WAREHOUSE_DSN", "postgresql://me@127.0.0.1:1/shop")
    source = Source(kind="postgres", dsn_env="WAREHOUSE_DSN", model="select 1 as id", id="id")
    with pytest.raises(WarehouseError, match=r"pip install 'mapping-studio\[postgres\]'"):
        open_warehouse(source, tmp_path, None)
