"""Lists and who is on them. Joining a list is no consent."""

from __future__ import annotations

from typing import Any, cast

from actions.klaviyo.sandbox import profiles
from actions.klaviyo.sandbox.bodies import data_of, identifier_of, known_attributes
from actions.klaviyo.sandbox.documents import Query, condition, page, resource, single
from actions.klaviyo.sandbox.errors import not_found, refuse
from actions.klaviyo.sandbox.store import Store, new_short_id, now
from actions.values import Json

MEMBERS_MAXIMUM = 1000

DEFAULT_PROCESS = "double_opt_in"
"""How people join a new list, and how they subscribe without one, as in a new account."""
_PROCESSES = ("single_opt_in", "double_opt_in")
_FILTERS = {
    "id": ("id", frozenset(("equals", "any"))),
    "name": ("name", frozenset(("equals", "any"))),
    "created": ("created", frozenset(("greater-than",))),
    "updated": ("updated", frozenset(("greater-than",))),
}


def exists(store: Store, list_id: str) -> bool:
    """Whether there is such a list."""
    return store.db.execute("select 1 from lists where id = ?", (list_id,)).fetchone() is not None


def ensure(store: Store, list_id: str, name: str | None = None) -> None:
    """Make a list of that id where there is none."""
    moment = now()
    row = (list_id, name or f"List {list_id}", "single_opt_in", moment, moment)
    store.db.execute("insert or ignore into lists values (?, ?, ?, ?, ?)", row)


def opt_in_process(store: Store, list_id: str) -> str:
    """How people join: at once, or when they have confirmed."""
    return store.db.execute("select opt_in_process from lists where id = ?", (list_id,)).fetchone()[0]


def is_member(store: Store, list_id: str, profile_id: str) -> bool:
    """Whether the profile is on the list."""
    found = store.db.execute("select 1 from members where list_id = ? and profile_id = ?", (list_id, profile_id))
    return found.fetchone() is not None


def join(store: Store, list_id: str, profile_ids: list[str]) -> None:
    """Put profiles on a list. That is no change of a profile."""
    moment = now()
    rows = [(list_id, profile_id, moment) for profile_id in profile_ids]
    store.db.executemany("insert or ignore into members values (?, ?, ?)", rows)


def leave(store: Store, list_id: str, profile_ids: list[str]) -> None:
    """Take profiles off a list."""
    rows = [(list_id, profile_id) for profile_id in profile_ids]
    store.db.executemany("delete from members where list_id = ? and profile_id = ?", rows)


def document(query: Query, row: Any) -> dict[str, Any]:
    """A list's resource."""
    attributes = {key: row[key] for key in ("name", "created", "updated", "opt_in_process")}
    return resource(query, "list", row["id"], "/api/lists", attributes)


def get_list(store: Store, query: Query, list_id: str) -> dict[str, Json]:
    """GET /api/lists/{id}."""
    row = store.db.execute("select * from lists where id = ?", (list_id,)).fetchone()
    if row is None:
        raise not_found(f"A list with id {list_id} does not exist.")
    item = document(query, row)
    if "profile_count" in query.parameters.get("additional-fields[list]", ""):
        count = store.db.execute("select count(*) from members where list_id = ?", (list_id,)).fetchone()[0]
        item["attributes"]["profile_count"] = count
    return single(query, item)


def get_lists(store: Store, query: Query) -> dict[str, Json]:
    """GET /api/lists, ten at a time."""
    where = condition(query, _FILTERS)

    def fetch(after: str, limit: int) -> list[dict[str, Any]]:
        sql = f"select * from lists where {where.sql} and id > ? order by id limit ?"
        return [document(query, row) for row in store.db.execute(sql, (*where.values, after, limit))]

    return page(query, (10, 10), fetch)


def get_members(store: Store, query: Query, list_id: str) -> dict[str, Json]:
    """GET /api/lists/{id}/profiles."""
    get_list(store, query, list_id)
    where = condition(query, profiles.FILTERS)

    def fetch(after: str, limit: int) -> list[dict[str, Any]]:
        joined = "select profiles.*, joined from members join profiles on profiles.id = members.profile_id"
        sql = f"{joined} where list_id = ? and {where.sql} and id > ? order by id limit ?"
        rows = store.db.execute(sql, (list_id, *where.values, after, limit))
        return [_member(query, row) for row in rows]

    return page(query, (20, 100), fetch)


def _member(query: Query, row: Any) -> dict[str, Any]:
    item = profiles.document(query, row)
    item["attributes"]["joined_group_at"] = row["joined"]
    return item


def create_list(store: Store, query: Query, body: Json) -> dict[str, Json]:
    """POST /api/lists: names need not be unique."""
    attributes = known_attributes(data_of(body, "list"), "name", "opt_in_process")
    name, process = attributes.get("name"), attributes.get("opt_in_process") or DEFAULT_PROCESS
    if not isinstance(name, str) or not name.strip():
        raise refuse("'name' is a required field.", "/data/attributes/name")
    if process not in _PROCESSES:
        raise refuse(f"'opt_in_process' must be one of {', '.join(_PROCESSES)}.", "/data/attributes/opt_in_process")
    list_id, moment = new_short_id(), now()
    store.db.execute("insert into lists values (?, ?, ?, ?, ?)", (list_id, name, process, moment, moment))
    return get_list(store, query, list_id)


def change_members(store: Store, query: Query, list_id: str, body: Json, *, joining: bool) -> None:
    """POST and DELETE /api/lists/{id}/relationships/profiles."""
    get_list(store, query, list_id)
    given = cast("dict[str, Json]", body).get("data") if isinstance(body, dict) else None
    if not isinstance(given, list):
        raise refuse("The payload provided in the request is invalid.")
    rows = cast("list[Json]", given)
    if len(rows) > MEMBERS_MAXIMUM:
        raise refuse(f"At most {MEMBERS_MAXIMUM} profiles are allowed in one request.", "/data")
    profile_ids = [identifier_of(row, "profile", f"/data/{index}") for index, row in enumerate(rows)]
    if joining:
        unknown = [profile_id for profile_id in profile_ids if not profiles.exists(store, profile_id)]
        if unknown:
            raise refuse(f"Invalid profile IDs: {', '.join(unknown)}", "/data/")
        join(store, list_id, profile_ids)
    else:
        leave(store, list_id, profile_ids)
