"""Klaviyo's refusals, told so that somebody can do something about them.

Only status and structure are read: Klaviyo may change the wording of `detail` within a revision.
"""

from __future__ import annotations

import re
from typing import Any, cast

from actions.destination import DELIVERED, Verdict
from actions.flow import Flow, Response, is_retryable
from actions.klaviyo.left_out import left_out
from actions.values import Json

ROW = re.compile(r"/data/attributes/(?:profiles|events-bulk-create)/data/(\d+)(?=/|$)", re.ASCII)
"""The pointer to a row of a bulk request, by its number there, and the beginning of all pointers into it."""

_SHOWN_ERRORS = 3
_SHOWN_DETAIL = 1000
"""Characters of what an error says: a broken answer may be megabytes, and every event of a batch keeps its message."""


class Refused(Exception):
    """Raised inside a flow by a response that ends it."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


def accepted(response: Response) -> Response:
    """The response, if it is a 2xx; raises `Refused` otherwise."""
    if not response.ok:
        raise Refused(response)
    return response


def judged(flow: Flow[None]) -> Flow[Verdict]:
    """The flow with its end told as a verdict: delivered, with what was left out, or what the refusal means."""
    warnings: list[str] = []
    try:
        request = next(flow)
        while True:
            response = yield request
            warnings += left_out(response)
            request = flow.send(response)
    except StopIteration:
        return DELIVERED._replace(warnings=tuple(dict.fromkeys(warnings))) if warnings else DELIVERED
    except Refused as refusal:
        return verdict(refusal.response)
    finally:
        flow.close()


def verdict(response: Response, errors: list[Json] | None = None) -> Verdict:
    """What a refusal means, from the response or from those of its errors that concern one event."""
    status = "retryable" if is_retryable(response.status) else "rejected"
    return Verdict(status, _message(response, errors_of(response) if errors is None else errors))


def errors_of(response: Response) -> list[dict[str, Any]]:
    """The error objects of Klaviyo's JSON:API error document; none where the body is something else."""
    document = response.json
    errors: Json = cast("Json", document).get("errors") if isinstance(document, dict) else None
    if not isinstance(errors, list):
        return []
    return [cast("dict[str, Any]", error) for error in cast("list[Json]", errors) if isinstance(error, dict)]


def pointer_of(error: Json) -> str:
    """Where in the body an error stands, as a JSON pointer; empty where it does not say."""
    source: Json = error.get("source")
    pointer = cast("Json", source).get("pointer") if isinstance(source, dict) else None
    return pointer if isinstance(pointer, str) else ""


def _message(response: Response, errors: list[Json]) -> str:
    status = response.status
    said = _said(errors)
    match status:
        case 0:
            return (
                f"Klaviyo was not reached: {response.failure}. Check the network and the proxy, and "
                "status.klaviyo.com; it can be sent again."
            )
        case 401:
            return (
                f"Klaviyo does not accept the API key (401). {said}Check that the private key is complete and active."
            )
        case 403 if not errors:
            return (
                "A guard in front of Klaviyo turned this machine away (403, not Klaviyo's own answer). Often a shared "
                "address is blocked: send from another one, or ask Klaviyo's support to allow it."
            )
        case 403:
            return (
                f"The API key may not do this (403). {said}Add the missing scope to the key, or use a key that has it."
            )
        case 404:
            return (
                f"Klaviyo does not know what was named (404). {said}"
                "Check the ids, and that `revision` is one that exists."
            )
        case 410:
            return (
                f"Klaviyo has retired this revision of its API (410). {said}"
                "Set `revision` under [settings] to a current one, such as 2026-07-15."
            )
        case 413:
            return f"The request is larger than Klaviyo takes, 5 MB in all and 100 KB a profile (413). {said}".rstrip()
        case 429:
            wait = response.retry_after
            when = "for now" if wait is None else f"for {wait:.0f} second{'' if round(wait) == 1 else 's'}"
            return (
                f"Klaviyo takes no more requests of this kind {when}: the account's limit is reached (429). "
                "Sending in batches needs far fewer requests: turn on Batch Data to Klaviyo."
            )
        case _ if is_retryable(status):
            return f"Klaviyo had a problem of its own ({status}). {said}It can be sent again."
        case _:
            return f"Klaviyo refused it ({status}). {said or 'It gave no reason.'}".rstrip()


def _said(errors: list[Json]) -> str:
    """What Klaviyo says, with the places it points at, as sentences ending in a blank.

    A row's number in its request is nobody's concern, and without it the same reasons read the same.
    """
    sentences: list[str] = []
    for error in errors[:_SHOWN_ERRORS]:
        detail = error.get("detail") or error.get("title")
        if isinstance(detail, str) and detail:
            place = ROW.sub("", pointer_of(error)[:_SHOWN_DETAIL]).strip("/")
            place = f" (at /{place})" if place not in ("", "data") else ""
            text = detail.rstrip(".") if len(detail) <= _SHOWN_DETAIL else f"{detail[:_SHOWN_DETAIL]}…"
            sentences.append(f"Klaviyo says: {text}{place}. ")
    if len(errors) > _SHOWN_ERRORS:
        sentences.append(f"And {len(errors) - _SHOWN_ERRORS} more. ")
    return "".join(sentences)
