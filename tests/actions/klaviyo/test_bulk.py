import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted import answer, play, refusal

from actions.flow import Request, Response
from actions.klaviyo.bulk import LARGEST_REQUEST, ROWS, Envelope, Row, send_rows

ENVELOPE = Envelope.of("/jobs", {"data": {"attributes": {"profiles": {"data": ROWS}}}}, 1000)
POINTER = "/data/attributes/profiles/data/{}/attributes/email"


def rows(count: int) -> list[Row]:
    return [(index, b"%d" % index) for index in range(count)]


def sent(request: Request) -> list[int]:
    return request.json["data"]["attributes"]["profiles"]["data"]


def test_rows_named_by_pointers_are_set_aside_and_the_rest_goes_at_once():
    requests, verdicts = play(send_rows(ENVELOPE, rows(5), 5), [refusal(POINTER.format(1), POINTER.format(3))])
    assert [sent(request) for request in requests] == [[0, 1, 2, 3, 4], [0, 2, 4]]
    assert [verdict.status for verdict in verdicts] == ["delivered", "rejected", "delivered", "rejected", "delivered"]


def test_the_same_mistake_in_two_rows_is_told_in_the_same_words():
    _, verdicts = play(send_rows(ENVELOPE, rows(9), 9), [refusal(POINTER.format(2), POINTER.format(7))])
    assert verdicts[2] == verdicts[7]
    assert "(at /attributes/email)" in (verdicts[2].message or "")


def test_every_error_of_a_row_is_told():
    _, verdicts = play(
        send_rows(ENVELOPE, rows(2), 2),
        [
            answer(
                400,
                {
                    "errors": [
                        {"detail": "first", "source": {"pointer": POINTER.format(0)}},
                        {"detail": "second", "source": {"pointer": POINTER.format(0)}},
                    ]
                },
            )
        ],
    )
    assert "first" in verdicts[0].message
    assert "second" in verdicts[0].message


def test_when_all_rows_are_named_nothing_more_is_sent():
    requests, _ = play(send_rows(ENVELOPE, rows(2), 2), [refusal(POINTER.format(0), POINTER.format(1))])
    assert len(requests) == 1


@given(st.integers(1, 60).flatmap(lambda count: st.tuples(st.just(count), st.sets(st.integers(0, count - 1)))))
def test_a_refusal_without_a_pointer_is_halved_until_just_the_bad_rows_are_out(case: tuple[int, set[int]]):
    count, bad = case
    accepted: list[int] = []

    def klaviyo(request: Request) -> Response:
        given = sent(request)
        if bad.intersection(given):
            return refusal()
        accepted.extend(given)
        return answer(202)

    _, verdicts = play(send_rows(ENVELOPE, rows(count), count), klaviyo)
    assert sorted(accepted) == [index for index in range(count) if index not in bad]
    assert [verdict.status == "rejected" for verdict in verdicts] == [index in bad for index in range(count)]


def test_a_refusal_that_points_elsewhere_concerns_every_row_and_is_not_halved():
    requests, verdicts = play(send_rows(ENVELOPE, rows(4), 4), [refusal("/data/relationships/list/data/id")])
    assert len(requests) == 1
    assert {verdict.status for verdict in verdicts} == {"rejected"}


def test_a_throttled_request_is_retryable_for_each_of_its_rows_and_is_not_halved():
    requests, verdicts = play(send_rows(ENVELOPE, rows(4), 4), [refusal(status=429)])
    assert len(requests) == 1
    assert {verdict.status for verdict in verdicts} == {"retryable"}


@pytest.mark.parametrize(("status", "expected"), [(401, "rejected"), (413, "rejected"), (500, "retryable")])
def test_what_is_no_400_concerns_every_row_and_is_not_halved(status: int, expected: str):
    requests, verdicts = play(send_rows(ENVELOPE, rows(4), 4), [answer(status)])
    assert len(requests) == 1
    assert [verdict.status for verdict in verdicts] == [expected] * 4


def test_rows_are_packed_by_count():
    requests, _ = play(send_rows(ENVELOPE, rows(2001), 2001), [])
    assert [len(sent(request)) for request in requests] == [1000, 1000, 1]


def test_rows_are_packed_by_bytes():
    large = [(index, b'"%s"' % (b"x" * 1_000_000)) for index in range(11)]
    requests, _ = play(send_rows(ENVELOPE, large, 11), [])
    assert [len(sent(request)) for request in requests] == [4, 4, 3]
    assert all(len(request.content or b"") <= LARGEST_REQUEST for request in requests)


def test_a_row_that_is_too_large_is_invalid_and_not_sent():
    requests, verdicts = play(send_rows(ENVELOPE, [(0, b"1"), (1, b"2" * 3_000_000)], 2), [])
    assert [sent(request) for request in requests] == [[0 + 1]]
    assert [verdict.status for verdict in verdicts] == ["delivered", "invalid"]


def test_a_payload_with_a_retryable_row_is_retryable_even_beside_a_rejected_one():
    three = [(0, b"0"), (0, b"1"), (1, b"2")]
    envelope = Envelope("/jobs", ENVELOPE.head, ENVELOPE.tail, 1, ENVELOPE.largest)
    _, verdicts = play(send_rows(envelope, three, 2), [answer(503), refusal(), answer(202)])
    assert [verdict.status for verdict in verdicts] == ["retryable", "delivered"]


def test_no_rows_are_no_request():
    assert play(send_rows(ENVELOPE, [], 0), []) == ([], [])
