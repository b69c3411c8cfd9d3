"""What every request must pass before it is read: key, scope, revision, media type, size."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime

from actions.klaviyo.sandbox.errors import ApiError, bad_parameter, error_object

LARGEST_BODY = 5_000_000
READ_ONLY_KEY = "pk_readonly"
"""Keys that begin so lack the scopes to write: handy for seeing a 403."""

_REVISION = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\.pre)?", re.ASCII)
_MEDIA_TYPES = ("application/json", "application/vnd.api+json")
_YEARS = 2
"""A revision is stable for one year and deprecated for another, then it is retired."""


def check_key(headers: Mapping[str, str], *, writes: bool) -> None:
    """Any key that begins with pk_ is accepted."""
    given = headers.get("authorization", "")
    if not given:
        title = "Authentication credentials were not provided."
        raise ApiError(401, [error_object(401, "not_authenticated", title, title)])
    scheme, _, key = given.partition(" ")
    if scheme != "Klaviyo-API-Key" or not key.startswith("pk_") or len(key) <= len("pk_"):
        title = "Incorrect authentication credentials."
        raise ApiError(401, [error_object(401, "authentication_failed", title, title, pointer="/data/")])
    if writes and key.startswith(READ_ONLY_KEY):
        title = "You do not have permission to perform this action."
        detail = "Your API key is missing required scopes: profiles:write"
        raise ApiError(403, [error_object(403, "permission_denied", title, detail, pointer="/data/")])


def check_revision(headers: Mapping[str, str]) -> None:
    """A date that is not ahead; a retired one is served unless the caller has opted out of that."""
    given = headers.get("revision", "")
    found = _REVISION.fullmatch(given)
    if not found:
        raise bad_parameter("The revision header must be a date, YYYY-MM-DD.", "revision")
    try:
        revision = date.fromisoformat(found[1])
    except ValueError:
        raise bad_parameter("The revision header must be a date, YYYY-MM-DD.", "revision") from None
    today = datetime.now(UTC).date()
    if revision > today:
        detail = "Unable to specify a future revision date"
        raise ApiError(404, [error_object(404, "not_found", "Not found.", detail)])
    retires = (revision.year + _YEARS, revision.month, revision.day)
    if (
        retires <= (today.year, today.month, today.day)
        and headers.get("x-klaviyo-revision-fall-forward-opt-out") == "1"
    ):
        detail = f"Revision {given} is retired."
        raise ApiError(410, [error_object(410, "gone", "Gone.", detail)])


def check_body(headers: Mapping[str, str], content: bytes) -> None:
    """JSON of at most 5 MB."""
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in _MEDIA_TYPES:
        detail = f"Unsupported media type {media_type!r} in request."
        raise ApiError(415, [error_object(415, "unsupported_media_type", "Unsupported media type.", detail)])
    if len(content) > LARGEST_BODY:
        detail = "The request is larger than 5 MB."
        raise ApiError(413, [error_object(413, "payload_too_large", "Payload too large.", detail)])
