"""The sandbox's endpoints as a web application."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass

from pydantic_core import from_json, to_json
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from actions.klaviyo.sandbox import consent, events, gate, jobs, lists, profiles
from actions.klaviyo.sandbox.documents import Query, resource
from actions.klaviyo.sandbox.errors import ApiError, error_object, not_found, refuse
from actions.klaviyo.sandbox.faults import Faults
from actions.klaviyo.sandbox.limits import (
    EXTRA_LARGE,
    EXTRA_SMALL,
    LARGE,
    MEDIUM,
    SMALL,
    count,
    throttled,
)
from actions.klaviyo.sandbox.store import Store
from actions.values import Json

_MEDIA_TYPE = "application/vnd.api+json"
_BLOCKED = "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"


class ConnectionDropped(Exception):
    """Raised where the connection is to break without an answer."""


@dataclass(slots=True)
class Call:
    """A request that has passed the gate: what it asks, and where its state is."""

    store: Store
    query: Query
    parts: dict[str, str]
    body: Json
    job_seconds: float


Endpoint = Callable[[Call], tuple[int, Json]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of a path: its limits, what it does, and whether it needs a scope to write."""

    method: str
    path: str
    limits: tuple[int, int]
    endpoint: Endpoint


def _created(call: Call) -> tuple[int, Json]:
    return 201, profiles.create_profile(call.store, call.query, call.body)


def _imported(call: Call) -> tuple[int, Json]:
    document, is_new = profiles.import_profile(call.store, call.query, call.body)
    return 201 if is_new else 200, document


def _members(call: Call, *, joining: bool) -> tuple[int, Json]:
    lists.change_members(call.store, call.query, call.parts["id"], call.body, joining=joining)
    return 204, None


def _done(work: Callable[[Store, Json], None]) -> Endpoint:
    """An endpoint that answers 202 without a body."""

    def endpoint(call: Call) -> tuple[int, Json]:
        work(call.store, call.body)
        return 202, None

    return endpoint


def _account(call: Call) -> tuple[int, Json]:
    attributes = {
        "test_account": True,
        "contact_information": {
            "default_sender_name": "Mapping Studio",
            "default_sender_email": "sandbox@example.com",
            "website_url": None,
            "organization_name": "Mapping Studio sandbox",
            "street_address": {},
        },
        "industry": None,
        "timezone": "UTC",
        "preferred_currency": "USD",
        "public_api_key": "SANDBX",
        "locale": "en-US",
    }
    item = resource(call.query, "account", "SANDBX", "/api/accounts", attributes)
    return 200, {"data": [item], "links": {"self": f"{call.query.base}/api/accounts"}}


def _suppression(kind: str) -> Endpoint:
    return lambda call: (202, jobs.change_suppression(call.store, call.query, call.body, kind))


def _job_list(kind: str) -> Endpoint:
    return lambda call: (200, jobs.get_jobs(call.store, call.query, kind))


_SUPPRESS, _UNSUPPRESS = "profile-suppression-bulk-create-job", "profile-suppression-bulk-delete-job"
_IMPORTS = "/api/profile-bulk-import-jobs"

OPERATIONS = (
    Operation("GET", "/api/accounts", EXTRA_SMALL, _account),
    Operation("GET", "/api/profiles", LARGE, lambda c: (200, profiles.get_profiles(c.store, c.query))),
    Operation("POST", "/api/profiles", LARGE, _created),
    Operation("GET", "/api/profiles/{id}", LARGE, lambda c: (200, profiles.get_profile(c.store, c.query, c.parts["id"]))),
    Operation(
        "PATCH",
        "/api/profiles/{id}",
        LARGE,
        lambda c: (200, profiles.update_profile(c.store, c.query, c.parts["id"], c.body)),
    ),
    Operation("POST", "/api/profile-import", LARGE, _imported),
    Operation("GET", "/api/lists", LARGE, lambda c: (200, lists.get_lists(c.store, c.query))),
    Operation("POST", "/api/lists", MEDIUM, lambda c: (201, lists.create_list(c.store, c.query, c.body))),
    Operation("GET", "/api/lists/{id}", LARGE, lambda c: (200, lists.get_list(c.store, c.query, c.parts["id"]))),
    Operation(
        "GET", "/api/lists/{id}/profiles", LARGE, lambda c: (200, lists.get_members(c.store, c.query, c.parts["id"]))
    ),
    Operation("POST", "/api/lists/{id}/relationships/profiles", MEDIUM, lambda c: _members(c, joining=True)),
    Operation("DELETE", "/api/lists/{id}/relationships/profiles", MEDIUM, lambda c: _members(c, joining=False)),
    Operation("POST", "/api/events", EXTRA_LARGE, _done(events.create_event)),
    Operation("GET", "/api/events", EXTRA_LARGE, lambda c: (200, events.get_events(c.store, c.query))),
    Operation("GET", "/api/metrics", MEDIUM, lambda c: (200, events.get_metrics(c.store, c.query))),
    Operation("POST", "/api/event-bulk-create-jobs", MEDIUM, _done(events.create_events)),
    Operation(
        "POST",
        _IMPORTS,
        MEDIUM,
        lambda c: (202, jobs.import_profiles(c.store, c.query, c.body, seconds=c.job_seconds)),
    ),
    Operation("GET", _IMPORTS, MEDIUM, _job_list("profile-bulk-import-job")),
    Operation("GET", f"{_IMPORTS}/{{id}}", MEDIUM, lambda c: (200, jobs.get_import(c.store, c.query, c.parts["id"]))),
    Operation(
        "GET",
        f"{_IMPORTS}/{{id}}/import-errors",
        MEDIUM,
        lambda c: (200, jobs.get_import_errors(c.store, c.query, c.parts["id"])),
    ),
    Operation(
        "GET",
        f"{_IMPORTS}/{{id}}/profiles",
        MEDIUM,
        lambda c: (200, jobs.get_import_profiles(c.store, c.query, c.parts["id"])),
    ),
    Operation(
        "GET", f"{_IMPORTS}/{{id}}/lists", MEDIUM, lambda c: (200, jobs.get_import_lists(c.store, c.query, c.parts["id"]))
    ),
    Operation("POST", "/api/profile-subscription-bulk-create-jobs", LARGE, _done(consent.subscribe)),
    Operation("POST", "/api/profile-subscription-bulk-delete-jobs", LARGE, _done(consent.unsubscribe)),
    Operation("POST", "/api/profile-suppression-bulk-create-jobs", LARGE, _suppression(_SUPPRESS)),
    Operation("GET", "/api/profile-suppression-bulk-create-jobs", LARGE, _job_list(_SUPPRESS)),
    Operation("POST", "/api/profile-suppression-bulk-delete-jobs", LARGE, _suppression(_UNSUPPRESS)),
    Operation("GET", "/api/profile-suppression-bulk-delete-jobs", LARGE, _job_list(_UNSUPPRESS)),
    Operation("POST", "/api/data-privacy-deletion-jobs", SMALL, _done(jobs.delete_person)),
)


@dataclass(slots=True)
class Behaviour:
    """How a sandbox differs from a quiet, endless Klaviyo."""

    limits: bool
    faults: Faults
    job_seconds: float
    any_list: bool


def create_app(store: Store, behaviour: Behaviour) -> Starlette:
    """The application over a store."""
    numbers = random.Random(behaviour.faults.seed)  # noqa: S311 - faults are to be repeatable

    def route(path: str) -> list[Route]:
        operations = {item.method: item for item in OPERATIONS if item.path == path}

        async def handle(request: Request) -> Response:
            return await _respond(request, operations, store, behaviour, numbers)

        return [Route(each, handle, methods=_ALL_METHODS) for each in (path, f"{path}/")]

    routes = [found for path in dict.fromkeys(item.path for item in OPERATIONS) for found in route(path)]

    async def unknown(request: Request) -> Response:
        return _error(not_found(f"There is no endpoint {request.url.path}."))

    return Starlette(routes=[*routes, Route("/{rest:path}", unknown, methods=_ALL_METHODS)])


_ALL_METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"]


async def _respond(
    request: Request,
    operations: dict[str, Operation],
    store: Store,
    behaviour: Behaviour,
    numbers: random.Random,
) -> Response:
    content = await request.body()
    if behaviour.faults.delay:
        await asyncio.sleep(behaviour.faults.delay)
    fault = await _fault(behaviour.faults, numbers)
    if fault is not None:
        return fault
    try:
        operation = operations.get("GET" if request.method == "HEAD" else request.method)
        if operation is None:
            detail = f'Method "{request.method}" not allowed.'
            raise ApiError(405, [error_object(405, "method_not_allowed", "Method not allowed.", detail)])
        gate.check_key(request.headers, writes=operation.method != "GET")
        gate.check_revision(request.headers)
        body = _body(request, operation, content)
        call = Call(store, _query(request), dict(request.path_params), body, behaviour.job_seconds)
        return _perform(call, operation, behaviour, numbers)
    except ApiError as error:
        return _error(error)


def _perform(call: Call, operation: Operation, behaviour: Behaviour, numbers: random.Random) -> Response:
    """Do what is asked, all or nothing. A request that is refused still counts against the limits."""
    headers: dict[str, str] = {}
    store = call.store
    if behaviour.limits:
        headers = count(store, f"{operation.method} {operation.path}", operation.limits)
    with store.transaction():
        jobs.run_due(store, behaviour.faults.import_error, numbers)
        if behaviour.any_list:
            _ensure_lists(call)
        status, document = operation.endpoint(call)
    if document is None:
        return Response(status_code=status, headers=headers)
    return Response(to_json(document), status, headers, _MEDIA_TYPE)


def _ensure_lists(call: Call) -> None:
    """Make the lists that a request names, where there are none."""
    if "/lists/" in call.query.path and call.parts.get("id"):
        lists.ensure(call.store, call.parts["id"])
    match call.body:
        case {"data": {"relationships": {"list": {"data": {"id": str(list_id)}}}}}:
            lists.ensure(call.store, list_id)
        case {"data": {"relationships": {"lists": {"data": [*named]}}}}:
            for item in named:
                if isinstance(item, dict) and isinstance(item.get("id"), str):
                    lists.ensure(call.store, item["id"])
        case _:
            pass


async def _fault(faults: Faults, numbers: random.Random) -> Response | None:
    match faults.pick(numbers):
        case "throttle":
            return _error(throttled(1))
        case "error":
            return _error(ApiError(500, [error_object(500, "error", "A server error occurred.", "Server error.")]))
        case "unavailable":
            detail = "Service temporarily unavailable."
            return _error(ApiError(503, [error_object(503, "service_unavailable", "Unavailable.", detail)]))
        case "html_forbidden":
            return HTMLResponse(_BLOCKED, 403, {"cf-mitigated": "challenge"})
        case "drop":
            raise ConnectionDropped
        case None:
            return None


def _body(request: Request, operation: Operation, content: bytes) -> Json:
    if operation.method == "GET":
        return None
    gate.check_body(request.headers, content)
    try:
        return from_json(content, allow_inf_nan=False)
    except ValueError:
        raise refuse("The payload provided in the request is invalid.") from None


def _query(request: Request) -> Query:
    base = f"{request.url.scheme}://{request.url.netloc}"
    return Query(base, request.url.path.rstrip("/"), dict(request.query_params))


def _error(error: ApiError) -> Response:
    return Response(to_json({"errors": error.errors}), error.status, error.headers, _MEDIA_TYPE)

