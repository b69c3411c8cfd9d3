import pytest
from scripted import answer, refusal

from actions.flow import Response
from actions.klaviyo.refusals import errors_of, pointer_of, verdict


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, "rejected"),
        (401, "rejected"),
        (403, "rejected"),
        (404, "rejected"),
        (408, "retryable"),
        (409, "rejected"),
        (410, "rejected"),
        (413, "rejected"),
        (423, "retryable"),
        (429, "retryable"),
        (500, "retryable"),
        (501, "rejected"),
        (503, "retryable"),
    ],
)
def test_a_refusal_is_final_or_not_by_segments_rule(status: int, expected: str):
    assert verdict(refusal(status=status)).status == expected


def test_a_broken_connection_is_retryable_and_says_how_it_broke():
    found = verdict(Response(0, failure="no answer within 10 seconds"))
    assert found.status == "retryable"
    assert "no answer within 10 seconds" in (found.message or "")


def test_a_403_of_klaviyos_own_is_about_the_keys_scope():
    message = verdict(refusal(status=403, detail="Missing required scopes: profiles:write")).message or ""
    assert "scope" in message
    assert "profiles:write" in message


def test_a_403_as_a_page_is_about_the_address():
    message = verdict(Response(403, {}, b"<html>Just a moment...</html>")).message or ""
    assert "address" in message
    assert "<html>" not in message


def test_a_429_says_how_long_to_wait_and_that_batching_helps():
    message = verdict(answer(429, {"errors": []}, **{"retry-after": "17"})).message or ""
    assert "17 seconds" in message
    assert "Batch" in message


def test_a_retired_revision_is_named_as_such():
    message = verdict(refusal(status=410, detail="gone")).message or ""
    assert "retired" in message
    assert "`revision`" in message


def test_the_place_that_klaviyo_points_at_is_told():
    message = verdict(refusal("/data/attributes/email", detail="Invalid email address.")).message or ""
    assert "Invalid email address (at /data/attributes/email)." in message


@pytest.mark.parametrize(
    ("pointer", "place"),
    [
        ("/data/attributes/profiles/data/17/attributes/email", " (at /attributes/email)"),
        ("/data/attributes/events-bulk-create/data/3", ""),
    ],
)
def test_the_number_of_a_row_is_not_told_so_that_the_same_reasons_read_the_same(pointer: str, place: str):
    message = verdict(refusal(pointer, detail="Invalid.")).message or ""
    assert message.endswith(f"Invalid{place}.")


def test_many_errors_are_counted():
    message = verdict(refusal(*(f"/data/attributes/{index}" for index in range(9)))).message or ""
    assert "And 6 more" in message


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"[]", b"null", b'{"errors": 5}', b'{"errors": [5, null]}', b"\xff\xfe", b'{"errors"']
)
def test_a_body_that_is_no_error_document_has_no_errors(content: bytes):
    assert errors_of(Response(500, {}, content)) == []
    assert verdict(Response(500, {}, content)).status == "retryable"


@pytest.mark.parametrize("error", [{}, {"source": None}, {"source": {}}, {"source": {"pointer": 5}}, {"source": "x"}])
def test_an_error_without_a_pointer_has_none(error: object):
    assert pointer_of(error) == ""
