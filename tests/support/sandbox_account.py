"""A sandbox to ask, and the bodies that Klaviyo's operations take."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from pydantic_core import to_json

from actions.klaviyo.sandbox import Faults, Sandbox

HEADERS = {
    "Authorization": "Klaviyo-API-Key pk_test",
    "revision": "2026-07-15",
    "Content-Type": "application/vnd.api+json",
}
SINGLE, DOUBLE = "VipCst", "Nws1tr"
"""A list of a new sandbox that people join at once, and one that asks them to confirm."""


class Account:
    """A sandbox with a client that asks it in this process."""

    def __init__(self, sandbox: Sandbox, client: httpx.AsyncClient) -> None:
        self.sandbox = sandbox
        self.client = client

    async def ask(self, method: str, path: str, body: Any = None, **params: str) -> httpx.Response:
        content = None if body is None else to_json(body)
        return await self.client.request(method, path, content=content, params=params or None)

    async def get(self, path: str, **params: str) -> Any:
        response = await self.client.get(path, params=params or None)
        assert response.status_code == 200, response.text
        return response.json()

    async def create(self, **attributes: Any) -> str:
        response = await self.ask("POST", "/api/profiles", profile(attributes))
        assert response.status_code == 201, response.text
        return response.json()["data"]["id"]

    async def attributes(self, profile_id: str) -> dict[str, Any]:
        found = await self.get(f"/api/profiles/{profile_id}", **{"additional-fields[profile]": "subscriptions"})
        return found["data"]["attributes"]

    async def pages(self, path: str, **params: str) -> list[list[dict[str, Any]]]:
        """The resources of all pages, page by page."""
        document = await self.get(path, **params)
        pages = [document["data"]]
        while "next" in document["links"]:
            document = await self.get(document["links"]["next"])
            pages.append(document["data"])
        return pages


@asynccontextmanager
async def open_account(
    path: Path | None = None,
    *,
    limits: bool = False,
    faults: Faults | None = None,
    job_seconds: float = 0.0,
    any_list: bool = False,
) -> AsyncIterator[Account]:
    """An account of its own."""
    opened = Sandbox(path, limits=limits, faults=faults, job_seconds=job_seconds, any_list=any_list)
    with closing(opened) as sandbox:
        transport = sandbox.transport()
        async with httpx.AsyncClient(transport=transport, base_url="https://a.klaviyo.com", headers=HEADERS) as client:
            yield Account(sandbox, client)


@contextmanager
def served(sandbox: Sandbox) -> Iterator[str]:
    """The address of a sandbox that is served over HTTP as `studio sandbox` does."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(sandbox.app, log_level="warning", lifespan="off", ws="none"))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            deadline = time.monotonic() + 10
            while not server.started and time.monotonic() < deadline:
                time.sleep(0.005)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def profile(attributes: dict[str, Any], profile_id: str | None = None, **members: Any) -> dict[str, Any]:
    identity = {"id": profile_id} if profile_id else {}
    return {"data": {"type": "profile", **identity, "attributes": attributes, **members}}


def members(*profile_ids: str) -> dict[str, Any]:
    return {"data": [{"type": "profile", "id": each} for each in profile_ids]}


def event_attributes(metric: str = "Ordered", **attributes: Any) -> dict[str, Any]:
    named = {"data": {"type": "metric", "attributes": {"name": metric}}}
    return {"metric": named, "properties": {"total": 9.5}, **attributes}


def event(person: dict[str, Any], **attributes: Any) -> dict[str, Any]:
    inner = event_attributes(**attributes) | {"profile": profile(person)}
    return {"data": {"type": "event", "attributes": inner}}


def bulk_events(*rows: tuple[dict[str, Any], list[dict[str, Any]]]) -> dict[str, Any]:
    """One request with rows of a person and the attributes of their events."""
    data = [
        {
            "type": "event-bulk-create",
            "attributes": {
                "profile": profile(person),
                "events": {"data": [{"type": "event", "attributes": each} for each in events]},
            },
        }
        for person, events in rows
    ]
    return {"data": {"type": "event-bulk-create-job", "attributes": {"events-bulk-create": {"data": data}}}}


def bulk_import(*people: dict[str, Any], list_ids: tuple[str, ...] = ()) -> dict[str, Any]:
    data: dict[str, Any] = {
        "type": "profile-bulk-import-job",
        "attributes": {"profiles": {"data": [{"type": "profile", "attributes": person} for person in people]}},
    }
    if list_ids:
        data["relationships"] = {"lists": {"data": [{"type": "list", "id": each} for each in list_ids]}}
    return {"data": data}


def channels(*names: str, consent: str = "SUBSCRIBED", **terms: Any) -> dict[str, Any]:
    return {name: {"marketing": {"consent": consent, **terms}} for name in names}


def subscribe(*people: dict[str, Any], list_id: str | None = SINGLE, **attributes: Any) -> dict[str, Any]:
    """People with `subscriptions`; those without are subscribed to e-mail."""
    rows = [{"type": "profile", "attributes": {"subscriptions": channels("email"), **person}} for person in people]
    return _consent_job("profile-subscription-bulk-create-job", rows, list_id, attributes)


def unsubscribe(*people: dict[str, Any], list_id: str | None = None) -> dict[str, Any]:
    rows = [
        {"type": "profile", "attributes": {"subscriptions": channels("email", consent="UNSUBSCRIBED"), **person}}
        for person in people
    ]
    return _consent_job("profile-subscription-bulk-delete-job", rows, list_id, {})


def _consent_job(kind: str, rows: list[Any], list_id: str | None, attributes: dict[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = {"type": kind, "attributes": {"profiles": {"data": rows}, **attributes}}
    if list_id is not None:
        data["relationships"] = {"list": {"data": {"type": "list", "id": list_id}}}
    return {"data": data}


def suppress(*emails: str, lifting: bool = False) -> dict[str, Any]:
    kind = f"profile-suppression-bulk-{'delete' if lifting else 'create'}-job"
    rows = [{"type": "profile", "attributes": {"email": each}} for each in emails]
    return {"data": {"type": kind, "attributes": {"profiles": {"data": rows}}}}


def deletion(attributes: dict[str, Any], profile_id: str | None = None) -> dict[str, Any]:
    return {"data": {"type": "data-privacy-deletion-job", "attributes": {"profile": profile(attributes, profile_id)}}}


def new_list(name: str, **attributes: Any) -> dict[str, Any]:
    return {"data": {"type": "list", "attributes": {"name": name, **attributes}}}


def pointers(response: httpx.Response) -> list[str]:
    return [each["source"]["pointer"] for each in response.json()["errors"]]


SUBSCRIBE = "/api/profile-subscription-bulk-create-jobs"
UNSUBSCRIBE = "/api/profile-subscription-bulk-delete-jobs"
SUPPRESS = "/api/profile-suppression-bulk-create-jobs"
UNSUPPRESS = "/api/profile-suppression-bulk-delete-jobs"
IMPORTS = "/api/profile-bulk-import-jobs"
BULK_EVENTS = "/api/event-bulk-create-jobs"
DELETIONS = "/api/data-privacy-deletion-jobs"
