"""Bulk requests: rows packed by count and by bytes, and a refusal brought back to the rows that caused it.

Klaviyo takes or refuses a bulk request as a whole and points at the rows it minds. Those are set aside and the rest is
sent again at once. A 400 that points nowhere is halved until the bad rows are found; one that points elsewhere, at an
unknown list say, concerns every row.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from actions.destination import DELIVERED, Packed, Verdict
from actions.flow import Flow, Request, Response, json_bytes
from actions.klaviyo.jobs import job_of
from actions.klaviyo.left_out import left_out
from actions.klaviyo.refusals import ROW, errors_of, pointer_of, verdict
from actions.values import Json

LARGEST_REQUEST = 5_000_000
"""Bytes that Klaviyo takes in one request, after decompression."""
LARGEST_PROFILE = 100_000
"""Bytes that one profile may have."""

ROWS = "rows go here"
"""Stands for the rows in the body given to `Envelope.of`."""


Row: TypeAlias = tuple[int, bytes]
"""One JSON value of a bulk request, behind the number of the payload that it belongs to."""


class Envelope(NamedTuple):
    """The request around the rows: `head` and `tail` are the body's text before and behind them.

    `maximum` is how many rows a request takes, `largest` how many bytes a row may have.
    """

    path: str
    head: bytes
    tail: bytes
    maximum: int
    largest: int

    @classmethod
    def of(cls, path: str, body: Json, maximum: int, largest: int = LARGEST_REQUEST // 2) -> Envelope:
        """An envelope from a body in which `ROWS` stands for the list of rows."""
        head, tail = json_bytes(body).split(json_bytes(ROWS))
        return cls(path, head + b"[", b"]" + tail, maximum, largest)

    def request(self, rows: Iterable[Row]) -> Request:
        """The request for some rows."""
        return Request("POST", self.path, self.head + b",".join([content for _, content in rows]) + self.tail)

    def packs(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        """The rows in portions that Klaviyo takes, in order."""
        room = LARGEST_REQUEST - len(self.head) - len(self.tail)
        start = size = 0
        for index, (_, content) in enumerate(rows):
            added = len(content) + 1
            if index > start and (index - start == self.maximum or size + added > room):
                yield rows[start:index]
                start, size = index, 0
            size += added
        if start < len(rows):
            yield rows[start:]


def rows_of(packed: Sequence[Packed]) -> list[Row]:
    """All rows of payloads, in order."""
    return [(index, content) for index, own in enumerate(packed) for content in own.rows]


def send_rows(envelope: Envelope, rows: Sequence[Row], payloads: int) -> Flow[list[Verdict]]:
    """Send rows in as few requests as Klaviyo takes; the verdict on each of the payloads, by number."""
    verdicts = [DELIVERED] * payloads
    fitting = _fitting(envelope, rows, verdicts)
    queue = deque(envelope.packs(fitting))
    while queue:
        pack = queue.popleft()
        response = yield envelope.request(pack)
        if response.ok:
            job = job_of(response)
            if job is not None:
                _note_job(verdicts, pack, job)
            _note_left_out(verdicts, pack, response)
            continue
        named = _named_rows(response, len(pack))
        if named:
            for index, errors in named.items():
                _refuse(verdicts, pack[index], verdict(response, errors))
            rest = [row for index, row in enumerate(pack) if index not in named]
            if rest:
                queue.appendleft(rest)
        elif len(pack) > 1 and _may_be_one_row(response):
            middle = len(pack) // 2
            queue.extendleft((pack[middle:], pack[:middle]))
        else:
            refused = verdict(response)
            for row in pack:
                _refuse(verdicts, row, refused)
    return verdicts


def _note_job(verdicts: list[Verdict], pack: Sequence[Row], job: str) -> None:
    """Note the job that goes on with a pack that was taken."""
    taken = DELIVERED._replace(job=job)
    for payload, _ in pack:
        if verdicts[payload].status == "delivered":
            verdicts[payload] = taken


def _note_left_out(verdicts: list[Verdict], pack: Sequence[Row], response: Response) -> None:
    """Warn those of a pack whose phone number Klaviyo may have left out."""
    if not left_out(response):
        return
    concerned = list(dict.fromkeys(payload for payload, content in pack if b'"phone_number":' in content))
    for payload in concerned:
        if verdicts[payload].status == "delivered":
            verdicts[payload] = verdicts[payload]._replace(warnings=left_out(response, of_many=len(concerned) > 1))


def _fitting(envelope: Envelope, rows: Sequence[Row], verdicts: list[Verdict]) -> Sequence[Row]:
    """The rows that are small enough; the payloads of the others are invalid."""
    text = f"It is larger than the {envelope.largest // 1000:,} KB that Klaviyo takes. Map fewer or shorter values."
    fitting: list[Row] = []
    for row in rows:
        if len(row[1]) <= envelope.largest:
            fitting.append(row)
        else:
            _refuse(verdicts, row, Verdict("invalid", text))
    return fitting


def _refuse(verdicts: list[Verdict], row: Row, refusal: Verdict) -> None:
    """Note a refusal for the row's payload; a retryable one stays, since sending again may bring other rows through."""
    payload, _ = row
    if verdicts[payload].status != "retryable":
        verdicts[payload] = refusal


def _named_rows(response: Response, count: int) -> dict[int, list[Json]]:
    """The errors of a 400 by the row they point at. They point inside of it, so that equal mistakes are told alike."""
    named: dict[int, list[Json]] = {}
    if response.status == 400:
        for error in errors_of(response):
            found = ROW.match(pointer_of(error))
            if found and int(found[1]) < count:
                inside = {**error, "source": {"pointer": f"/{pointer_of(error)[found.end() :]}"}}
                named.setdefault(int(found[1]), []).append(inside)
    return named


def _may_be_one_row(response: Response) -> bool:
    """Whether a part of the rows may pass: where it is a 400 that points at nothing in particular."""
    return response.status == 400 and not any(pointer_of(error) for error in errors_of(response))
