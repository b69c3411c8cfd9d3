"""Jobs: bulk imports that run and finish and can have errors, suppressions, and the deletion of people."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Mapping
from typing import Any, cast

from pydantic_core import from_json, to_json

from actions.klaviyo.sandbox import consent, lists, profiles
from actions.klaviyo.sandbox.bodies import (
    attributes_of,
    data_of,
    each_resource,
    known_attributes,
    needed_resource,
    needed_rows,
    related_ids,
)
from actions.klaviyo.sandbox.documents import Query, page, resource, single
from actions.klaviyo.sandbox.errors import ApiError, invalid, not_found, refuse
from actions.klaviyo.sandbox.store import Store, iso, new_job_id
from actions.values import Json

IMPORT_MAXIMUM = 10_000
SUPPRESSION_MAXIMUM = 100
SUPPRESSION = "profile-suppression-bulk-create-job"
UNSUPPRESSION = "profile-suppression-bulk-delete-job"
IMPORT = "profile-bulk-import-job"
_ROWS = "/data/attributes/profiles/data"
_EXPIRES = 7 * 24 * 3600


def import_profiles(store: Store, query: Query, body: Json, *, seconds: float) -> dict[str, Json]:
    """POST /api/profile-bulk-import-jobs: the whole body is checked, then a job runs that takes some seconds."""
    data = data_of(body, IMPORT)
    rows = needed_rows(known_attributes(data, "profiles"), "profiles", "/data/attributes", IMPORT_MAXIMUM)
    errors: list[dict[str, Any]] = []
    for index, row in each_resource(rows, "profile", _ROWS):
        pointer = f"{_ROWS}/{index}/attributes"
        attributes = attributes_of(row, f"{_ROWS}/{index}")
        errors += profiles.check_attributes(attributes, pointer, profiles.UPSERT_ATTRIBUTES)
        if len(to_json(attributes)) > profiles.LARGEST_PROFILE:
            errors.append(invalid("A profile must not be larger than 100 KB.", pointer))
        if row.get("id") is not None and not isinstance(row["id"], str):
            errors.append(invalid("'id' must be a string.", f"{_ROWS}/{index}/id"))
        if not any(attributes.get(key) for key in (*profiles.IDENTIFIERS, "_kx")) and not row.get("id"):
            errors.append(invalid("One or more identifiers is required", pointer))
    if errors:
        raise ApiError(400, errors)
    list_ids = related_ids(data, "lists", "list")
    for list_id in list_ids:
        if not lists.exists(store, list_id):
            raise refuse(f"List ID {list_id} does not exist.", "/data")
    job_id = _add_job(store, IMPORT, len(rows), seconds, list_ids=list_ids, rows=rows)
    row = _row(store, IMPORT, job_id)
    return single(query, _document(query, row, row["created"]))


def run_due(store: Store, import_error_share: float, random_numbers: random.Random) -> None:
    """Do the imports whose time has come."""
    due = "select id from jobs where rows is not null and ready <= ? order by rowid"
    for row in store.db.execute(due, (time.time(),)).fetchall():
        with store.transaction():
            job = store.db.execute("select * from jobs where id = ?", (row["id"],)).fetchone()
            if job is not None and job["rows"] is not None:  # another process may have done it meanwhile
                _run(store, job, import_error_share, random_numbers)


def _run(store: Store, job: Any, import_error_share: float, random_numbers: random.Random) -> None:
    imported: list[str] = []
    failed: list[tuple[str, str, str, str, str]] = []
    for row in cast("list[dict[str, Any]]", from_json(job["rows"])):
        attributes, known = row["attributes"], row.get("id")
        detail, pointer = "", "/data/attributes"
        if random_numbers.random() < import_error_share:
            detail = "The profile could not be imported."
        elif attributes.get("phone_number") and not _is_possible(attributes["phone_number"]):
            detail, pointer = "The phone number provided does not exist.", f"{pointer}/phone_number"
        elif known and not profiles.exists(store, known):
            detail, pointer = f"A profile with id {known} does not exist.", "/data/id"
        if detail:
            failed.append((str(uuid.uuid4()), job["id"], detail, pointer, to_json(attributes).decode()))
            continue
        if known:
            profiles.update(store, known, attributes, nulls_clear=False, strict=False)
        else:
            known, _ = profiles.save(store, attributes, nulls_clear=False)
        profiles.patch_properties(store, known, row.get("meta"))
        imported.append(known)
    for list_id in cast("list[str]", from_json(job["list_ids"])):
        lists.join(store, list_id, imported)
    store.db.executemany("insert or ignore into job_profiles values (?, ?)", [(job["id"], it) for it in imported])
    store.db.executemany("insert into job_errors values (?, ?, ?, ?, ?)", failed)
    done = "update jobs set rows = null, completed = ?, failed = ? where id = ?"
    store.db.execute(done, (len(imported), len(failed), job["id"]))


def get_job(store: Store, query: Query, kind: str, job_id: str) -> dict[str, Json]:
    """GET a job of a kind."""
    return single(query, _document(query, _row(store, kind, job_id)))


def get_jobs(store: Store, query: Query, kind: str) -> dict[str, Json]:
    """GET the jobs of a kind."""

    def fetch(after: str, limit: int) -> list[dict[str, Any]]:
        sql = "select * from jobs where kind = ? and id > ? order by id limit ?"
        return [_document(query, row) for row in store.db.execute(sql, (kind, after, limit))]

    return page(query, (20, 100), fetch)


def get_import_errors(store: Store, query: Query, job_id: str) -> dict[str, Json]:
    """GET /api/profile-bulk-import-jobs/{id}/import-errors."""
    _row(store, IMPORT, job_id)

    def fetch(after: str, limit: int) -> list[dict[str, Any]]:
        sql = "select * from job_errors where job_id = ? and id > ? order by id limit ?"
        return [_import_error(query, row) for row in store.db.execute(sql, (job_id, after, limit))]

    return page(query, (20, 100), fetch)


def get_import_profiles(store: Store, query: Query, job_id: str) -> dict[str, Json]:
    """GET /api/profile-bulk-import-jobs/{id}/profiles."""
    _row(store, IMPORT, job_id)

    def fetch(after: str, limit: int) -> list[dict[str, Any]]:
        sql = (
            "select profiles.* from job_profiles join profiles on profiles.id = job_profiles.profile_id "
            "where job_id = ? and profile_id > ? order by profile_id limit ?"
        )
        return [profiles.document(query, row) for row in store.db.execute(sql, (job_id, after, limit))]

    return page(query, (20, 100), fetch)


def get_import_lists(store: Store, query: Query, job_id: str) -> dict[str, Json]:
    """GET /api/profile-bulk-import-jobs/{id}/lists."""
    row = _row(store, IMPORT, job_id)

    def fetch(after: str, limit: int) -> list[dict[str, Any]]:
        sql = "select * from lists where id in (select value from json_each(?)) and id > ? order by id limit ?"
        return [lists.document(query, found) for found in store.db.execute(sql, (row["list_ids"], after, limit))]

    return page(query, (20, 100), fetch)


def change_suppression(store: Store, query: Query, body: Json, kind: str) -> dict[str, Json]:
    """POST /api/profile-suppression-bulk-create-jobs and -delete-jobs, for e-mail addresses or those of a list."""
    data = data_of(body, kind)
    emails = _emails_of_list(store, data) if data.get("relationships") is not None else _emails_of_rows(data)
    changed = (consent.suppress if kind == SUPPRESSION else consent.unsuppress)(store, emails)
    job_id = _add_job(store, kind, len(emails), 0.0)
    counts = (changed, len(emails) - changed, job_id)
    store.db.execute("update jobs set completed = ?, skipped = ? where id = ?", counts)
    return get_job(store, query, kind, job_id)


def _emails_of_list(store: Store, data: Mapping[str, Any]) -> list[str]:
    named = related_ids(data, "list", "list")
    given = data.get("attributes")
    if len(named) != 1 or (isinstance(given, dict) and "profiles" in given):
        raise refuse("Either profiles or one list must be given; the sandbox has no segments.", "/data/relationships")
    if not lists.exists(store, named[0]):
        raise refuse(f"List not found with id {named[0]}", "/data/relationships/list/data/id")
    sql = "select email from members join profiles on id = profile_id where list_id = ? and email is not null"
    return [row["email"] for row in store.db.execute(sql, named)]


def _emails_of_rows(data: Mapping[str, Any]) -> list[str]:
    rows = needed_rows(known_attributes(data, "profiles"), "profiles", "/data/attributes", SUPPRESSION_MAXIMUM)
    emails: list[str] = []
    errors: list[dict[str, Any]] = []
    for index, row in each_resource(rows, "profile", _ROWS):
        pointer = f"{_ROWS}/{index}/attributes"
        attributes = attributes_of(row, f"{_ROWS}/{index}")
        errors += profiles.check_attributes(attributes, pointer, frozenset(("email",)))
        if not attributes.get("email"):
            errors.append(invalid("'email' is a required field.", f"{pointer}/email"))
        else:
            emails.append(attributes["email"])
    if errors:
        raise ApiError(400, errors)
    return emails


def delete_person(store: Store, body: Json) -> None:
    """POST /api/data-privacy-deletion-jobs: exactly one identifier; everything of the person goes."""
    attributes = known_attributes(data_of(body, "data-privacy-deletion-job"), "profile")
    pointer = "/data/attributes/profile/data"
    data = needed_resource(attributes, "profile", "/data/attributes")
    named = attributes_of(data, pointer)
    errors = profiles.check_attributes(named, f"{pointer}/attributes", frozenset(("email", "phone_number")))
    if data.get("id") is not None and not isinstance(data["id"], str):
        errors.append(invalid("'id' must be a string.", f"{pointer}/id"))
    if errors:
        raise ApiError(400, errors)
    given = {key: value for key, value in {**named, "id": data.get("id")}.items() if value}
    if len(given) != 1:
        raise refuse("Exactly one of id, email and phone_number must be given.", f"{pointer}/attributes")
    profile_id = profiles.find(store, named) or data.get("id")
    if not profile_id or not profiles.exists(store, profile_id):
        raise not_found("No profile matches the identifier.")
    profiles.delete(store, profile_id)


def _add_job(
    store: Store,
    kind: str,
    total: int,
    seconds: float,
    *,
    list_ids: list[str] | None = None,
    rows: list[Json] | None = None,
) -> str:
    job_id, created = new_job_id(), time.time()
    store.db.execute(
        "insert into jobs (id, kind, created, ready, total, list_ids, rows) values (?, ?, ?, ?, ?, ?, ?)",
        (
            job_id,
            kind,
            created,
            created + seconds,
            total,
            to_json(list_ids or []).decode(),
            None if rows is None else to_json(rows).decode(),
        ),
    )
    return job_id


def _row(store: Store, kind: str, job_id: str) -> Any:
    row = store.db.execute("select * from jobs where kind = ? and id = ?", (kind, job_id)).fetchone()
    if row is None:
        raise not_found(f"A job with id {job_id} does not exist.")
    return row


def _document(query: Query, row: Any, moment: float | None = None) -> dict[str, Any]:
    """A job's resource as it is at a moment, or now."""
    waiting = row["rows"] is not None
    middle = (row["created"] + row["ready"]) / 2
    status = "complete" if not waiting else "processing" if (moment or time.time()) > middle else "queued"
    attributes: dict[str, Json] = {
        "status": status,
        "created_at": iso(row["created"]),
        "total_count": row["total"],
        "completed_count": row["completed"],
    }
    if row["kind"] == IMPORT:
        attributes["failed_count"] = row["failed"]
        attributes["expires_at"] = iso(row["created"] + _EXPIRES)
        attributes["started_at"] = None if status == "queued" else iso(middle)
    else:
        attributes["skipped_count"] = row["skipped"]
    attributes["completed_at"] = None if waiting else iso(row["ready"])
    return resource(query, row["kind"], row["id"], f"/api/{row['kind']}s", attributes)


def _import_error(query: Query, row: Any) -> dict[str, Any]:
    attributes = {
        "code": "invalid",
        "title": "Invalid input.",
        "detail": row["detail"],
        "source": {"pointer": row["pointer"]},
        "original_payload": from_json(row["payload"]),
    }
    return resource(query, "import-error", row["id"], "/api/import-errors", attributes)


def _is_possible(phone: str) -> bool:
    """Whether such a number can be: checked while the job runs, since Klaviyo takes any that has the form."""
    import phonenumbers  # a tenth of a second that most requests do not need

    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(phone))
    except phonenumbers.NumberParseException:
        return False
