"""The operations of Klaviyo's API that the sandbox has: their paths, limits, parameters and functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from actions.klaviyo.limits import EXTRA_LARGE, EXTRA_SMALL, LARGE, LIST_CREATION, MEDIUM, SMALL, Windows
from actions.klaviyo.sandbox import consent, events, jobs, lists, profiles
from actions.klaviyo.sandbox.documents import Query, resource, select_fields
from actions.klaviyo.sandbox.store import Store
from actions.values import Json

_PAGED = frozenset(("page[cursor]", "page[size]"))
_FILTERED = _PAGED | {"filter"}


@dataclass(slots=True)
class Call:
    """A request that has passed the gate: what it asks, and where its state is."""

    store: Store
    query: Query
    parts: dict[str, str]
    body: Json
    job_seconds: float
    phone_ignored: bool = False


Endpoint = Callable[[Call], tuple[int, Json]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of a path: its limits, what it does, and the query parameters it knows beside `fields[...]`."""

    method: str
    path: str
    limits: Windows
    endpoint: Endpoint
    parameters: frozenset[str] = frozenset()


def _created(call: Call) -> tuple[int, Json]:
    document, call.phone_ignored = profiles.create_profile(call.store, call.query, call.body)
    return 201, document


def _imported(call: Call) -> tuple[int, Json]:
    document, is_new = profiles.import_profile(call.store, call.query, call.body)
    return 201 if is_new else 200, document


def _members(call: Call, *, joining: bool) -> tuple[int, Json]:
    lists.change_members(call.store, call.query, call.parts["id"], call.body, joining=joining)
    return 204, None


def _deleted(call: Call) -> tuple[int, Json]:
    jobs.delete_person(call.store, call.body)
    return 202, None


def _done(work: Callable[[Store, Json], bool]) -> Endpoint:
    """An endpoint that answers 202 without a body. `work` tells whether it ignored a phone number."""

    def endpoint(call: Call) -> tuple[int, Json]:
        call.phone_ignored = work(call.store, call.body)
        return 202, None

    return endpoint


def _account(call: Call) -> tuple[int, Json]:
    attributes: dict[str, Json] = {
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
    return 200, {"data": [select_fields(call.query, item)], "links": {"self": f"{call.query.base}/api/accounts"}}


def _suppression(kind: str) -> Endpoint:
    return lambda call: (202, jobs.change_suppression(call.store, call.query, call.body, kind))


def _job_list(kind: str) -> Endpoint:
    return lambda call: (200, jobs.get_jobs(call.store, call.query, kind))


def _job(kind: str) -> Endpoint:
    return lambda call: (200, jobs.get_job(call.store, call.query, kind, call.parts["id"]))


_IMPORTS = "/api/profile-bulk-import-jobs"

OPERATIONS = (
    Operation("GET", "/api/accounts", EXTRA_SMALL, _account),
    Operation("GET", "/api/profiles", LARGE, lambda c: (200, profiles.get_profiles(c.store, c.query)), _FILTERED),
    Operation("POST", "/api/profiles", LARGE, _created),
    Operation(
        "GET", "/api/profiles/{id}", LARGE, lambda c: (200, profiles.get_profile(c.store, c.query, c.parts["id"]))
    ),
    Operation(
        "PATCH",
        "/api/profiles/{id}",
        LARGE,
        lambda c: (200, profiles.update_profile(c.store, c.query, c.parts["id"], c.body)),
    ),
    Operation("POST", "/api/profile-import", LARGE, _imported),
    Operation("GET", "/api/lists", LARGE, lambda c: (200, lists.get_lists(c.store, c.query)), _FILTERED),
    Operation("POST", "/api/lists", LIST_CREATION, lambda c: (201, lists.create_list(c.store, c.query, c.body))),
    Operation("GET", "/api/lists/{id}", LARGE, lambda c: (200, lists.get_list(c.store, c.query, c.parts["id"]))),
    Operation(
        "GET",
        "/api/lists/{id}/profiles",
        LARGE,
        lambda c: (200, lists.get_members(c.store, c.query, c.parts["id"])),
        _FILTERED,
    ),
    Operation("POST", "/api/lists/{id}/relationships/profiles", MEDIUM, lambda c: _members(c, joining=True)),
    Operation("DELETE", "/api/lists/{id}/relationships/profiles", MEDIUM, lambda c: _members(c, joining=False)),
    Operation("POST", "/api/events", EXTRA_LARGE, _done(events.create_event)),
    Operation("GET", "/api/events", EXTRA_LARGE, lambda c: (200, events.get_events(c.store, c.query)), _FILTERED),
    Operation("GET", "/api/metrics", MEDIUM, lambda c: (200, events.get_metrics(c.store, c.query)), _PAGED),
    Operation("POST", "/api/event-bulk-create-jobs", MEDIUM, _done(events.create_events)),
    Operation(
        "POST",
        _IMPORTS,
        MEDIUM,
        lambda c: (202, jobs.import_profiles(c.store, c.query, c.body, seconds=c.job_seconds)),
    ),
    Operation("GET", _IMPORTS, MEDIUM, _job_list(jobs.IMPORT), _PAGED),
    Operation("GET", f"{_IMPORTS}/{{id}}", MEDIUM, _job(jobs.IMPORT)),
    Operation(
        "GET",
        f"{_IMPORTS}/{{id}}/import-errors",
        MEDIUM,
        lambda c: (200, jobs.get_import_errors(c.store, c.query, c.parts["id"])),
        _PAGED,
    ),
    Operation(
        "GET",
        f"{_IMPORTS}/{{id}}/profiles",
        MEDIUM,
        lambda c: (200, jobs.get_import_profiles(c.store, c.query, c.parts["id"])),
        _PAGED,
    ),
    Operation(
        "GET",
        f"{_IMPORTS}/{{id}}/lists",
        MEDIUM,
        lambda c: (200, jobs.get_import_lists(c.store, c.query, c.parts["id"])),
        _PAGED,
    ),
    Operation("POST", "/api/profile-subscription-bulk-create-jobs", LARGE, _done(consent.subscribe)),
    Operation("POST", "/api/profile-subscription-bulk-delete-jobs", LARGE, _done(consent.unsubscribe)),
    Operation("POST", "/api/profile-suppression-bulk-create-jobs", LARGE, _suppression(jobs.SUPPRESSION)),
    Operation("GET", "/api/profile-suppression-bulk-create-jobs", LARGE, _job_list(jobs.SUPPRESSION), _PAGED),
    Operation("GET", "/api/profile-suppression-bulk-create-jobs/{id}", LARGE, _job(jobs.SUPPRESSION)),
    Operation("POST", "/api/profile-suppression-bulk-delete-jobs", LARGE, _suppression(jobs.UNSUPPRESSION)),
    Operation("GET", "/api/profile-suppression-bulk-delete-jobs", LARGE, _job_list(jobs.UNSUPPRESSION), _PAGED),
    Operation("GET", "/api/profile-suppression-bulk-delete-jobs/{id}", LARGE, _job(jobs.UNSUPPRESSION)),
    Operation("POST", "/api/data-privacy-deletion-jobs", SMALL, _deleted),
)
