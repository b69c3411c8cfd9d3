"""Bulk imports after their 202: how they stand, and whom they could not import."""

from __future__ import annotations

from typing import Any

from actions.destination import JobResult
from actions.flow import Flow, Request, Response
from actions.klaviyo.pages import as_object, next_page, resources
from actions.klaviyo.person import identifiers_of
from actions.klaviyo.refusals import Refused, accepted, pointer_of, verdict

_IMPORTS = "/api/profile-bulk-import-jobs"
_ENDED = ("complete", "cancelled")
_PAGE = "100"
_CANCELLED = "Klaviyo cancelled the import before it was done. It can be sent again."


def job_of(response: Response) -> str | None:
    """The id of the job that an answer tells of; None where it tells of none."""
    job_id = as_object(as_object(response.json).get("data")).get("id")
    return job_id if isinstance(job_id, str) and job_id else None


def follow_import(job_id: str) -> Flow[JobResult]:
    """How an import stands; once it has ended, with everybody whom it could not import.

    One that cannot be looked at for good, for want of a scope say, counts as done, as it is without following.
    """
    try:
        return (yield from _look(job_id))
    except Refused as refusal:
        refused = verdict(refusal.response)
        problem = f"Klaviyo took it, but its import {job_id} cannot be followed: {refused.message}"
        return JobResult(refused.status != "retryable", problem=problem)


def _look(job_id: str) -> Flow[JobResult]:
    response = accepted((yield Request("GET", f"{_IMPORTS}/{job_id}")))
    attributes = as_object(as_object(as_object(response.json).get("data")).get("attributes"))
    if attributes.get("status") not in _ENDED:
        return JobResult(done=False)
    if attributes["status"] == "cancelled":
        return JobResult(True, problem=_CANCELLED, is_undone=True)
    failed: list[tuple[tuple[str, ...], str]] = []
    request: Request | None = Request("GET", f"{_IMPORTS}/{job_id}/import-errors", query={"page[size]": _PAGE})
    while attributes.get("failed_count") and request is not None:
        page = accepted((yield request))
        failed += [_failure(as_object(each.get("attributes"))) for each in resources(page)]
        request = next_page(page)
    return JobResult(True, tuple(failed))


def _failure(error: dict[str, Any]) -> tuple[tuple[str, ...], str]:
    original = as_object(error.get("original_payload"))
    profile = as_object(as_object(original.get("data")).get("attributes")) or as_object(original.get("attributes"))
    detail = error.get("detail") or error.get("title") or "it gave no reason"
    place = f" (at {pointer_of(error)})" if pointer_of(error) else ""
    return identifiers_of(profile or original), f"Klaviyo could not import it: {str(detail).rstrip('.')}{place}."
