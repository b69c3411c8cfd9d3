"""The sandbox's operations as a web application."""

from __future__ import annotations

import asyncio
import json
import random
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from pydantic_core import from_json, to_json
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from actions.klaviyo.sandbox import gate, jobs, lists
from actions.klaviyo.sandbox.documents import Query
from actions.klaviyo.sandbox.dropping import Dropped
from actions.klaviyo.sandbox.errors import ApiError, bad_parameter, error_object, not_found, refuse
from actions.klaviyo.sandbox.faults import Faults
from actions.klaviyo.sandbox.limits import count, throttled
from actions.klaviyo.sandbox.operations import OPERATIONS, Call, Operation
from actions.klaviyo.sandbox.store import Store
from actions.values import Json

_MEDIA_TYPE = "application/vnd.api+json"
_METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"]
_BLOCKED = "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"
_HUGE_NUMBER = re.compile(rb"\d[eE]\+?\d{3}|\d{300}")


@dataclass(slots=True)
class Behaviour:
    """How a sandbox differs from a quiet, endless Klaviyo."""

    limits: bool
    faults: Faults
    job_seconds: float
    any_list: bool
    numbers: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.numbers = random.Random(self.faults.seed)  # noqa: S311 - faults are to be repeatable


def create_app(store: Store, behaviour: Behaviour) -> Starlette:
    """The application over a store."""

    def routes(path: str) -> list[Route]:
        operations = {item.method: item for item in OPERATIONS if item.path == path}

        async def handle(request: Request) -> Response:
            return await _respond(request, operations, store, behaviour)

        return [Route(each, handle, methods=_METHODS) for each in (path, f"{path}/")]

    paths = dict.fromkeys(item.path for item in OPERATIONS)
    app = Starlette(
        routes=[route for path in paths for route in routes(path)], exception_handlers={HTTPException: _no_such}
    )
    app.router.redirect_slashes = False
    return app


def catch_up(store: Store, behaviour: Behaviour) -> None:
    """Do the imports whose time has come."""
    jobs.run_due(store, behaviour.faults.import_error, behaviour.numbers)


async def _no_such(request: Request, reason: Exception) -> Response:
    if isinstance(reason, HTTPException) and reason.status_code == 405:
        return _error(_wrong_method(request))
    return _error(not_found(f"There is no endpoint {request.url.path}."))


async def _respond(
    request: Request, operations: Mapping[str, Operation], store: Store, behaviour: Behaviour
) -> Response:
    try:
        content = await _content(request)
    except ClientDisconnect:
        return Response(status_code=400)  # which nobody reads
    if behaviour.faults.delay:
        await asyncio.sleep(behaviour.faults.delay)
    fault = _fault(behaviour)
    if fault is not None:
        return fault
    try:
        operation = operations.get("GET" if request.method == "HEAD" else request.method)
        if operation is None:
            raise _wrong_method(request)
        gate.check_key(request.headers, writes=operation.method != "GET")
        gate.check_revision(request.headers)
        call = Call(store, _query(request, operation), dict(request.path_params), None, behaviour.job_seconds)
        call.body = _body(request, operation, content)
        return _perform(call, operation, behaviour)
    except ApiError as error:
        return _error(error)
    except sqlite3.Error as error:  # another process holds the file for long, the disk is full, the file is damaged
        detail = f"The sandbox's file cannot be used now: {error}."
        return _error(ApiError(503, [error_object(503, "service_unavailable", "Unavailable.", detail)]))


async def _content(request: Request) -> bytes:
    """The body, and of one that is too large only so much that this can be told."""
    content = bytearray()
    async for chunk in request.stream():
        if len(content) <= gate.LARGEST_BODY:
            content += chunk
    return bytes(content)


def _perform(call: Call, operation: Operation, behaviour: Behaviour) -> Response:
    """Do what is asked, all or nothing. A request that is refused still counts against the limits.

    Nothing in here waits, so the requests of one process never meet inside a transaction.
    """
    store = call.store
    headers = count(store, f"{operation.method} {operation.path}", operation.limits) if behaviour.limits else {}
    catch_up(store, behaviour)
    with store.transaction():
        if behaviour.any_list:
            _ensure_lists(call)
        status, document = operation.endpoint(call)
    catch_up(store, behaviour)
    if call.phone_ignored:
        headers["x-klaviyo-partial-failure"] = "phone_number"
    if document is None:
        return Response(status_code=status, headers=headers)
    return Response(to_json(document), status, headers, _MEDIA_TYPE)


def _ensure_lists(call: Call) -> None:
    """Make the lists that a request names, where there are none."""
    if call.query.path.startswith("/api/lists/"):
        lists.ensure(call.store, call.parts["id"])
    match call.body:
        case {"data": {"relationships": {"list": {"data": {"id": str(list_id)}}}}}:
            lists.ensure(call.store, list_id)
        case {"data": {"relationships": {"lists": {"data": [*named]}}}}:
            for list_id in [item["id"] for item in named if _has_id(item)]:
                lists.ensure(call.store, list_id)
        case _:
            pass


def _has_id(item: Json) -> bool:
    return isinstance(item, dict) and isinstance(cast("dict[str, Json]", item).get("id"), str)


def _fault(behaviour: Behaviour) -> Response | None:
    match behaviour.faults.pick(behaviour.numbers):
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
            return Dropped()
        case None:
            return None


def _body(request: Request, operation: Operation, content: bytes) -> Json:
    if operation.method == "GET":
        return None
    gate.check_body(request.headers, content)
    try:
        body = from_json(content, allow_inf_nan=False)
        if _HUGE_NUMBER.search(content):
            json.dumps(body, allow_nan=False)  # 1e999 is read as an infinity, which JSON cannot say
    except ValueError:
        raise refuse("The payload provided in the request is invalid.") from None
    return body


def _query(request: Request, operation: Operation) -> Query:
    parameters = dict(request.query_params)
    for name in parameters:
        if name not in operation.parameters and not name.startswith(("fields[", "additional-fields[")):
            raise bad_parameter(f"'{name}' is not an allowed parameter for this resource.", name)
    base = f"{request.url.scheme}://{request.url.netloc}"
    return Query(base, request.url.path.rstrip("/"), parameters)


def _wrong_method(request: Request) -> ApiError:
    detail = f'Method "{request.method}" not allowed.'
    return ApiError(405, [error_object(405, "method_not_allowed", "Method not allowed.", detail)])


def _error(error: ApiError) -> Response:
    return Response(to_json({"errors": error.errors}), error.status, error.headers, _MEDIA_TYPE)
