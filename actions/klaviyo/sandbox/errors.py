"""Klaviyo's error documents (JSON:API), as far as they are established."""

from __future__ import annotations

import uuid
from typing import Any

from actions.values import Json


class ApiError(Exception):
    """A request that is refused: a status and one or more error objects. Nothing of the request was done."""

    def __init__(self, status: int, errors: list[dict[str, Any]], headers: dict[str, str] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.errors = errors
        self.headers = headers or {}


def error_object(
    status: int,
    code: str,
    title: str,
    detail: str,
    *,
    pointer: str | None = None,
    parameter: str | None = None,
    meta: dict[str, Json] | None = None,
) -> dict[str, Any]:
    """One error object. Klaviyo points into the body or names a parameter, and has empty links and meta."""
    source: dict[str, str] = {}
    if pointer is not None:
        source["pointer"] = pointer
    if parameter is not None:
        source["parameter"] = parameter
    return {
        "id": str(uuid.uuid4()),
        "status": status,
        "code": code,
        "title": title,
        "detail": detail,
        "source": source,
        "links": {},
        "meta": meta or {},
    }


def invalid(detail: str, pointer: str = "/data") -> dict[str, Any]:
    """The error object of a 400."""
    return error_object(400, "invalid", "Invalid input.", detail, pointer=pointer)


def refuse(detail: str, pointer: str = "/data") -> ApiError:
    """A 400 with one error."""
    return ApiError(400, [invalid(detail, pointer)])


def bad_parameter(detail: str, parameter: str) -> ApiError:
    """A 400 for something in the query."""
    return ApiError(400, [error_object(400, "invalid", "Invalid input.", detail, parameter=parameter)])


def not_found(detail: str) -> ApiError:
    """A 404."""
    return ApiError(404, [error_object(404, "not_found", "Not found.", detail)])


def conflict(profile_id: str) -> ApiError:
    """The 409 of an identifier that another profile has."""
    detail = "A profile already exists with one of these identifiers."
    meta = {"duplicate_profile_id": profile_id}
    pointer = "/data/attributes"
    return ApiError(409, [error_object(409, "duplicate_profile", "Conflict.", detail, pointer=pointer, meta=meta)])
