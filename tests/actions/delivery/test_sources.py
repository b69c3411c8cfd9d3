import gzip
import io
import json
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.delivery import sources
from actions.delivery.sources import BadLine, SourceError, SourceEvent, check_sources, read_events, read_stream


def read(content: bytes) -> list[SourceEvent | BadLine]:
    return list(read_stream(io.BufferedReader(io.BytesIO(content)), "f"))  # type: ignore[arg-type]


def events(content: bytes) -> list[object]:
    items = read(content)
    assert all(isinstance(item, SourceEvent) for item in items), items
    return [item.event for item in items if isinstance(item, SourceEvent)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", []),
        (b"\n  \n", []),
        (b'{"a":1}\n{"b":2}', [{"a": 1}, {"b": 2}]),
        (b'\r\n{"a":1}\r\n\r\n{"b":2}\r\n', [{"a": 1}, {"b": 2}]),
        (b'{\n  "a": 1\n}\n', [{"a": 1}]),
        (b'[{"a":1},\n {"b":2}]', [{"a": 1}, {"b": 2}]),
        (b'\xef\xbb\xbf{"a":1}', [{"a": 1}]),
        (gzip.compress(b'{"a":1}\n{"b":2}'), [{"a": 1}, {"b": 2}]),
        (gzip.compress(b'{"a":1}\n') + gzip.compress(b'{"b":2}\n'), [{"a": 1}, {"b": 2}]),
    ],
)
def test_events_are_read_from(content: bytes, expected: list[object]):
    assert events(content) == expected


def test_a_bad_line_is_told_with_its_number_and_the_rest_goes_on():
    items = read(b'{"a":1}\n\n{bad\n5\n"x"\nnull\n[{}]\n{"b":2}\n')
    assert [(type(item).__name__, item.line) for item in items] == [
        ("SourceEvent", 1),
        ("BadLine", 3),
        ("BadLine", 4),
        ("BadLine", 5),
        ("BadLine", 6),
        ("BadLine", 7),
        ("SourceEvent", 8),
    ]
    assert "an event must be an object but this is a number" in str(items[2])
    assert isinstance(items[1], BadLine)
    assert items[1].content == b"{bad\n"


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b'{"a":"\xff"}\n', "unicode"),
        ('{"a":1}'.encode("utf-16"), "UTF-16"),
        (b"[" * 1000, "recursion"),
        (b'[{"a":1}', "EOF"),
        (b'{"a": NaN}', "expected value"),
        (b"\x1f\x8bdamaged", "gzip"),
    ],
)
def test_what_is_broken_is_one_bad_line(content: bytes, word: str):
    [item] = read(content)
    assert word in str(item)


def test_a_first_line_that_is_broken_does_not_hide_the_others():
    assert [type(item) for item in read(b'{bad\n{"b":2}\n{"c":3}')] == [BadLine, SourceEvent, SourceEvent]


def test_of_a_gzip_that_is_cut_off_what_was_there_is_read():
    content = gzip.compress(b"\n".join(b'{"a":%d}' % index for index in range(100_000)))
    items = read(content[: len(content) // 2])
    assert isinstance(items[-1], BadLine)
    assert [item.event["a"] for item in items[:-1] if isinstance(item, SourceEvent)] == list(range(len(items) - 1))
    assert len(items) > 1000


def test_an_event_of_ten_megabytes_and_one_of_a_hundred_levels_are_read():
    large = {"text": "x" * 10_000_000}
    deep: dict[str, object] = {}
    for _ in range(100):
        deep = {"d": deep}
    assert events(json.dumps(large).encode() + b"\n" + json.dumps(deep).encode()) == [large, deep]


def test_sources_that_cannot_be_opened_are_all_named(tmp_path: Path):
    good = tmp_path / "good.ndjson"
    good.write_text("{}")
    with pytest.raises(SourceError) as caught:
        check_sources([str(good), str(tmp_path / "none.ndjson"), str(tmp_path)])
    assert "none.ndjson: there is no such file" in str(caught.value)
    assert "this is a folder" in str(caught.value)
    assert "good.ndjson" not in str(caught.value)


def test_several_files_are_read_in_order(tmp_path: Path):
    for name in ("a", "b"):
        (tmp_path / name).write_text(json.dumps({"from": name}))
    items = list(read_events([str(tmp_path / "b"), str(tmp_path / "a")]))
    assert [item.event for item in items if isinstance(item, SourceEvent)] == [{"from": "b"}, {"from": "a"}]


@given(st.binary(max_size=200) | st.text(alphabet='{}[]":, \n1a\\', max_size=60).map(str.encode))
def test_any_bytes_are_read_without_an_exception(content: bytes):
    for item in read(content):
        assert isinstance(item, SourceEvent | BadLine)


def test_every_line_of_ndjson_is_accounted_for():
    content = b"\n".join(b'{"i":%d}' % index if index % 3 else b"bad" for index in range(300))
    items = read(content)
    assert [item.line for item in items] == list(range(1, 301))


def test_a_pipe_is_read_though_it_was_checked_before(tmp_path: Path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b'{"a":1}\n{"b":2}\n',))
    writer.start()
    check_sources([str(pipe)])
    items = list(read_events([str(pipe)]))
    writer.join()
    assert [item.event for item in items if isinstance(item, SourceEvent)] == [{"a": 1}, {"b": 2}]


def test_an_array_that_is_too_large_says_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sources, "_LARGEST_DOCUMENT", 1 << 20)
    [item] = read(b"[\n" + b'{"a":1},\n' * 200_000)
    assert "larger than 1 MB; write one event a line (NDJSON)" in str(item)
