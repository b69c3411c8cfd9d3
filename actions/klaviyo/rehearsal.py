"""Klaviyo as it would answer if all went well: for counting what a run would send, without sending it."""

from __future__ import annotations

import re
from typing import cast
from urllib.parse import unquote

from pydantic_core import from_json, to_json

from actions.flow import Request, Response
from actions.values import Json

_ANY = re.compile(r"any\((\w+),(\[.*\])\)", re.DOTALL)
_LIST = re.compile(r"/api/lists/([^/]+)")
_ID = "REHEARSAL"


def rehearse(request: Request) -> Response:
    """The answer to a request that succeeds: everybody who is looked up is there, everybody created is new."""
    path = request.path.rstrip("/")
    if request.method == "GET" and (named := _LIST.fullmatch(path)):
        return _answer(200, {"data": {"type": "list", "id": unquote(named[1])}})
    if request.method == "GET":
        return _answer(200, {"data": _found(request.query.get("filter", ""))})
    if path == "/api/profiles":
        return _answer(201, {"data": {"type": "profile", "id": _ID}})
    if path == "/api/profile-bulk-import-jobs":
        return _answer(202, {"data": {"type": "profile-bulk-import-job", "id": _ID}})
    return Response(202)


def _answer(status: int, body: Json) -> Response:
    return Response(status, {"content-type": "application/json"}, to_json(body))


def _found(asked: str) -> list[Json]:
    """A profile for each value of a look-up."""
    found = _ANY.fullmatch(asked)
    if not found:
        return []
    values = cast("list[Json]", from_json(found[2]))
    return [
        {"type": "profile", "id": f"{_ID}-{found[1]}-{number}", "attributes": {found[1]: value}}
        for number, value in enumerate(values)
    ]
