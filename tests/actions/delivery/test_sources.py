import gzip
import io
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.delivery import lines
from actions.delivery.lines import chunks_of
from actions.delivery.sources import (
    BadLine,
    SourceError,
    SourceEvent,
    Sources,
    check_sources,
    read_events,
    read_stream,
)


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
        (gzip.compress(b'{"a":1}\n{"b":2}', mtime=0), [{"a": 1}, {"b": 2}]),
        (gzip.compress(b'{"a":1}\n', mtime=0) + gzip.compress(b'{"b":2}\n', mtime=0), [{"a": 1}, {"b": 2}]),
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
    assert items[1].content == b"{bad"


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b'{"a":"\xff"}\n', "unicode"),
        ('{"a":1}'.encode("utf-16"), "UTF-16"),
        (b"[" * 1000, "recursion"),
        (b"[", "EOF"),
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
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(SourceError) as caught:
        check_sources([str(good), str(tmp_path / "none.ndjson"), str(empty), "*.none"])
    assert "none.ndjson: there is no such file" in str(caught.value)
    assert "this folder has no files with events" in str(caught.value)
    assert "*.none: no file matches this pattern" in str(caught.value)
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


def test_of_an_array_that_is_cut_off_what_was_there_is_read():
    first, last = read(b'[{"a":1}')
    assert isinstance(first, SourceEvent)
    assert "the array has no end" in str(last)
    assert len(read(b'[{"a":1},{"b":')) == 2


def test_an_array_of_any_size_is_read_as_a_stream():
    def blocks() -> Iterator[bytes]:
        yield b"["
        for number in range(20_000):
            taken.append(number)
            yield b'{"text":"]},{[\\\\\\"","n":%d},\n' % number
        yield b"{}]"

    taken: list[int] = []
    chunks = chunks_of(blocks(), "f")
    assert next(chunks)[0].content == b'{"text":"]},{[\\\\\\"","n":0}'
    assert len(taken) < 10
    assert sum(map(len, chunks)) == 20_000


def test_a_broken_event_of_an_array_does_not_end_it():
    items = read(b'[{"a":1}, {bad}, 5, {"n": 123456789012345678901234567890}, , {"b":NaN}, {"c":3},] x')
    assert [type(item).__name__ for item in items] == [
        "SourceEvent", "BadLine", "BadLine", "SourceEvent", "BadLine", "BadLine", "SourceEvent", "BadLine"
    ]  # fmt: skip
    assert [item.line for item in items] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert "behind the end of the array" in str(items[-1])


def test_an_array_on_the_first_of_many_lines_is_a_bad_line():
    assert [type(item) for item in read(b'[{"a":1}]\n{"b":2}\n')] == [BadLine, SourceEvent]


@given(st.lists(st.dictionaries(st.text(max_size=5), st.text() | st.integers() | st.lists(st.text(), max_size=2))))
def test_the_same_events_are_read_however_they_are_written_and_cut(written: list[object]):
    array, pretty = json.dumps(written).encode(), json.dumps(written, indent=1, ensure_ascii=False).encode()
    ndjson = b"".join(json.dumps(each).encode() + b"\n" for each in written)
    for content in (array, pretty, ndjson, gzip.compress(array), gzip.compress(ndjson)):
        for size in (1, 7, 1000):
            blocks = (content[start : start + size] for start in range(0, len(content), size))
            found = [line for chunk in chunks_of(blocks, "f") for line in chunk]
            assert [json.loads(line.content) for line in found] == written


def test_a_line_without_end_is_passed_over(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lines, "_LARGEST_LINE", 1 << 20)
    items = read(b'{"a":1}\n' + b"x" * 2_000_000 + b'\n{"b":2}\n' + b"y" * 2_000_000)
    assert [type(item).__name__ for item in items] == ["SourceEvent", "BadLine", "SourceEvent", "BadLine"]
    assert [item.line for item in items] == [1, 2, 3, 4]


def test_a_folder_and_a_pattern_stand_for_their_files_in_order(tmp_path: Path):
    (tmp_path / "deep").mkdir()
    for name in ("b.ndjson", "a.json", "deep/c.jsonl", "notes.txt"):
        (tmp_path / name).write_text(json.dumps({"from": name}))
    (tmp_path / "d.ndjson.gz").write_bytes(gzip.compress(b'{"from": "d"}', mtime=0))

    def read_from(*names: Path) -> list[object]:
        return [item.event["from"] for item in read_events(map(str, names)) if isinstance(item, SourceEvent)]

    assert read_from(tmp_path) == ["a.json", "b.ndjson", "d", "deep/c.jsonl"]
    assert read_from(tmp_path / "*.ndjson*", tmp_path / "a.json") == ["b.ndjson", "d", "a.json"]
    assert read_from(tmp_path / "**" / "*.jsonl") == ["deep/c.jsonl"]


def test_how_much_there_is_and_how_much_is_read_is_known(tmp_path: Path):
    (tmp_path / "a.ndjson").write_text('{"a":1}\n')
    sources = Sources([str(tmp_path / "a.ndjson")])
    assert (sources.size, sources.done) == (8, 0)
    assert len(list(sources.chunks())) == 1
    assert sources.done == 8
    assert Sources(["-"]).size is None


def written_one_behind_the_other(events: list[dict[str, object]], indent: int | None, between: str) -> bytes:
    return between.join(json.dumps(event, indent=indent) for event in events).encode()


DOCUMENTS = [{"a": 1, "n": {"b": [{"c": "}{\n"}]}}, {"b": 2}, {"c": [], "d": {}}]


@pytest.mark.parametrize("indent", [None, 0, 2, 4])
@pytest.mark.parametrize("between", ["\n", "", " ", "\n\n", "\r\n"])
@pytest.mark.parametrize("cut", [1, 7, 1000])
def test_objects_one_behind_the_other_are_events(indent: int | None, between: str, cut: int):
    content = written_one_behind_the_other(DOCUMENTS, indent, between)
    blocks = (content[at : at + cut] for at in range(0, len(content), cut))
    found = [line for chunk in chunks_of(blocks, "f") for line in chunk]
    assert [json.loads(line.content) for line in found] == DOCUMENTS


def test_an_event_on_several_lines_is_told_by_the_line_where_it_begins():
    assert [item.line for item in read(written_one_behind_the_other([{"a": 1}, {"b": 2}, {"c": 3}], 2, "\n"))] == [
        1,
        4,
        7,
    ]


@pytest.mark.parametrize("broken", ['{\n  "b": {"x": 1,\n  "c": 2\n}', '{\n  "b": "open,\n  "c": 2\n}'])
@pytest.mark.parametrize("before", [b"", b'{\n  "a": 1\n}\n'])
def test_an_event_on_several_lines_that_is_broken_is_one_bad_line(broken: str, before: bytes):
    items = read(before + broken.encode() + b"\n" + written_one_behind_the_other([{"d": 1}, {"e": 2}], 2, "\n"))
    first = before.count(b"\n") + 1
    [bad] = [item for item in items if isinstance(item, BadLine)]
    assert (bad.line, bad.content.decode()) == (first, broken)
    assert [item.event for item in items if isinstance(item, SourceEvent)][-2:] == [{"d": 1}, {"e": 2}]


@pytest.mark.parametrize("beginning", [b'{"bad\n', b'{"a": 1} x\n', b'{"a": {\n'])
def test_a_broken_line_before_others_is_no_event_on_several_lines(beginning: bytes):
    items = read(beginning + b'{"b": 2}\n{"c": 3}\n')
    assert [(type(item).__name__, item.line) for item in items] == [
        ("BadLine", 1),
        ("SourceEvent", 2),
        ("SourceEvent", 3),
    ]


@pytest.mark.parametrize("begin", ["\n  ", "\n"])
def test_an_event_of_an_array_without_its_end_does_not_take_the_others_with_it(begin: str):
    elements = ['{"a": 1}', '{"b": 1,', '{"c": {"d": 1}}', '{"e": 1}']
    items = read(f"[{begin}{f',{begin}'.join(elements)}\n]".encode())
    assert [(type(item).__name__, item.line) for item in items] == [
        ("SourceEvent", 1),
        ("BadLine", 2),
        ("SourceEvent", 3),
        ("SourceEvent", 4),
    ]


@pytest.mark.parametrize("begin", [b"[\n", b""])
def test_what_is_broken_is_told_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch, begin: bytes):
    monkeypatch.setattr(lines, "_SURELY_BROKEN", 1000)
    separator = b",\n" if begin else b"\n"
    given = 0

    def blocks() -> Iterator[bytes]:
        nonlocal given
        yield (begin or b'{\n"a": 1}\n') + b'{"a": {\n'
        while given < 100:
            given += 1
            yield b'{"c": 1}' + separator + b'{"d": "' + b"x" * 100 + b'"}' + separator

    found = chunks_of(blocks(), "f")
    assert next(found)
    assert next(found)
    assert given < 100
    assert sum(map(len, found)) > 50


def test_a_folder_that_cannot_be_looked_into_and_a_file_that_cannot_be_read_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in ("a.ndjson", "b.ndjson"):
        (tmp_path / name).write_bytes(b"{}")
    (tmp_path / "inner").mkdir()
    scan, opened = os.scandir, Path.open

    def scandir(path: str) -> object:
        if str(path).endswith("inner"):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    def refuse(path: Path, *more: object, **named: object) -> object:
        if path.name == "b.ndjson":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *more, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(SourceError) as caught:
        check_sources([str(tmp_path)])
    assert str(caught.value) == f"{tmp_path / 'inner'}: cannot be read (Permission denied)."
    monkeypatch.setattr(os, "scandir", scan)
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SourceError) as caught:
        check_sources([str(tmp_path)])
    assert str(caught.value) == f"{tmp_path / 'b.ndjson'}: cannot be read (Permission denied)."
