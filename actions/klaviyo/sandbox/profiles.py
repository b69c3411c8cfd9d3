"""Profiles: their identifiers, attributes, conflicts and updates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from pydantic_core import from_json, to_json

from actions.coercion import EMAIL
from actions.klaviyo.sandbox.bodies import attributes_of, data_of, unknown_keys
from actions.klaviyo.sandbox.documents import Query, condition, page, resource, single
from actions.klaviyo.sandbox.errors import ApiError, conflict, invalid, not_found, refuse
from actions.klaviyo.sandbox.store import NEXT_CHANGE, Store, new_profile_id, now
from actions.klaviyo.sandbox.subscriptions import subscriptions
from actions.values import Json

IDENTIFIERS = ("email", "phone_number", "external_id")
LARGEST_PROFILE = 100_000

_TEXTS = ("first_name", "last_name", "organization", "locale", "title", "image")
ATTRIBUTES = frozenset((*IDENTIFIERS, *_TEXTS, "location", "properties"))
"""What a profile's writer may say."""
UPSERT_ATTRIBUTES = ATTRIBUTES | {"_kx"}
"""What an import may say."""
EVENT_ATTRIBUTES = UPSERT_ATTRIBUTES | {"anonymous_id", "meta"}
"""What may stand in the profile of an event."""
EVENT_IDENTIFIERS = (*IDENTIFIERS, "anonymous_id", "_kx")
_KEYS = (*IDENTIFIERS, "anonymous_id")
_COORDINATES = ("latitude", "longitude")
_LOCATION = frozenset((*_COORDINATES, "address1", "address2", "city", "country", "region", "zip", "timezone", "ip"))
_MERGED = ("properties", "location")
_E164 = re.compile(r"\+[1-9]\d{1,14}", re.ASCII)
_LONGEST_EMAIL = 100
_EXACT = frozenset(("equals", "any"))
_AROUND = frozenset(("greater-than", "less-than"))
FILTERS = {
    **{name: (name, _EXACT) for name in ("id", *IDENTIFIERS)},
    **{name: (name, _AROUND) for name in ("created", "updated")},
}


def check_attributes(
    attributes: Mapping[str, Any], pointer: str, known: frozenset[str] = ATTRIBUTES
) -> list[dict[str, Any]]:
    """Everything that is wrong with a profile's attributes, as error objects."""
    errors = unknown_keys(attributes, known, "profile", pointer)
    email = attributes.get("email")
    if email is not None and not (isinstance(email, str) and len(email) <= _LONGEST_EMAIL and EMAIL.fullmatch(email)):
        errors.append(invalid("Invalid email address", f"{pointer}/email"))
    phone = attributes.get("phone_number")
    if phone is not None and not (isinstance(phone, str) and _E164.fullmatch(phone)):
        detail = "Invalid phone number format (Example of a valid format: +12345678901)"
        errors.append(invalid(detail, f"{pointer}/phone_number"))
    for key in (*_TEXTS, "external_id", "anonymous_id", "_kx"):
        if key in known and attributes.get(key) is not None and not isinstance(attributes[key], str):
            errors.append(invalid(f"'{key}' must be a string.", f"{pointer}/{key}"))
    for key in _MERGED:
        if attributes.get(key) is not None and not isinstance(attributes[key], dict):
            errors.append(invalid(f"'{key}' must be an object.", f"{pointer}/{key}"))
    if isinstance(attributes.get("location"), dict):
        errors += _location_errors(attributes["location"], f"{pointer}/location")
    return errors


def _location_errors(location: Mapping[str, Any], pointer: str) -> list[dict[str, Any]]:
    errors = unknown_keys(location, _LOCATION, "location", pointer)
    for key, value in location.items():
        allowed = (str, int, float) if key in _COORDINATES else str
        if key in _LOCATION and value is not None and (isinstance(value, bool) or not isinstance(value, allowed)):
            errors.append(invalid(f"'{key}' must be a string.", f"{pointer}/{key}"))
    return errors


def without_bad_phone(attributes: dict[str, Any]) -> dict[str, Any]:
    """The attributes without a phone number that is none, where something else tells who is meant.

    Since 2025 Klaviyo ignores such a number when it creates a profile, records an event or subscribes somebody, and
    says so in the header `X-Klaviyo-Partial-Failure`.
    """
    phone = attributes.get("phone_number")
    others = ("email", "external_id", "anonymous_id", "_kx")
    if not isinstance(phone, str) or _E164.fullmatch(phone) or not any(attributes.get(key) for key in others):
        return attributes
    return {key: value for key, value in attributes.items() if key != "phone_number"}


def checked(attributes: Mapping[str, Any], pointer: str, known: frozenset[str] = ATTRIBUTES) -> dict[str, Any]:
    """A copy of the attributes; refused with all errors where they are wrong."""
    errors = check_attributes(attributes, pointer, known)
    if not errors and len(to_json(attributes)) > LARGEST_PROFILE:
        errors.append(invalid("A profile must not be larger than 100 KB.", pointer))
    if errors:
        raise ApiError(400, errors)
    return dict(attributes)


def find(store: Store, attributes: Mapping[str, Any]) -> str | None:
    """The profile that has one of the identifiers, looked for in this order: e-mail, phone, external id, anonymous."""
    for key in _KEYS:
        value = _identifier(attributes, key)
        if value:
            sql = f"select id from profiles where {key} = ?"
            row = store.db.execute(sql, (value,)).fetchone()
            if row:
                return row["id"]
    return None


def ensure(store: Store, attributes: Mapping[str, Any]) -> str:
    """The id of the profile that has one of the identifiers, which stays as it is; a new one where there is none."""
    return find(store, attributes) or insert(store, attributes)


def save(store: Store, attributes: Mapping[str, Any], *, nulls_clear: bool = True) -> tuple[str, bool]:
    """Create the profile or update the one that has one of its identifiers; its id, and whether it is new.

    An identifier that a third profile has is left with that one.
    """
    profile_id = find(store, attributes)
    if profile_id is None:
        return insert(store, attributes), True
    update(store, profile_id, attributes, nulls_clear=nulls_clear, strict=False)
    return profile_id, False


def insert(store: Store, attributes: Mapping[str, Any]) -> str:
    """A new profile."""
    profile_id, moment = new_profile_id(), now()
    columns = [_identifier(attributes, key) for key in _KEYS]
    stored = {
        key: _merged({}, value) if key in _MERGED else value
        for key, value in attributes.items()
        if value is not None and key in ATTRIBUTES
    }
    store.db.execute(
        f"insert into profiles values (?, ?, ?, ?, ?, ?, '{{}}', ?, ?, {NEXT_CHANGE})",
        (profile_id, *columns, to_json(stored).decode(), moment, moment),
    )
    return profile_id


def update(
    store: Store, profile_id: str, attributes: Mapping[str, Any], *, nulls_clear: bool = True, strict: bool = True
) -> None:
    """Change a profile. Properties are merged by key; null clears a field unless it is to be passed over.

    An identifier that another profile has is a conflict if `strict`, else it stays with that one.
    """
    row = store.db.execute("select * from profiles where id = ?", (profile_id,)).fetchone()
    stored: dict[str, Any] = from_json(row["attributes"])
    identifiers = {key: row[key] for key in _KEYS}
    for key, value in attributes.items():
        if value is None and not nulls_clear:
            continue
        if key in identifiers:
            owner = find(store, {key: value})
            if owner is not None and owner != profile_id:
                if strict:
                    raise conflict(owner)
                continue
            identifiers[key] = _identifier(attributes, key)
        if key not in ATTRIBUTES:
            continue
        if value is None:
            stored.pop(key, None)
        elif key in _MERGED:
            stored[key] = _merged(stored.get(key, {}), value, nulls_clear=nulls_clear)
        else:
            stored[key] = value
    store.db.execute(
        "update profiles set email = ?, phone_number = ?, external_id = ?, anonymous_id = ?, attributes = ?, "
        f"updated = ?, change = {NEXT_CHANGE} where id = ?",
        (*identifiers.values(), to_json(stored).decode(), now(), profile_id),
    )


def _merged(kept: Mapping[str, Json], given: Mapping[str, Json], *, nulls_clear: bool = True) -> dict[str, Json]:
    """The members of both, those given winning; null takes a member away unless it is to be passed over."""
    told = {key: value for key, value in given.items() if value is not None}
    return {**{key: value for key, value in kept.items() if not nulls_clear or key not in given}, **told}


def _identifier(attributes: Mapping[str, Any], key: str) -> str | None:
    """An identifier as it is kept. Klaviyo's own web id (`_kx`) names a person as an anonymous id does."""
    if key == "anonymous_id":
        return attributes.get("anonymous_id") or attributes.get("_kx") or None
    value = attributes.get(key) or None
    return value.lower() if key == "email" and value else value


def delete(store: Store, profile_id: str) -> None:
    """Everything of a person goes, what waits for a confirmation too."""
    confirmations = (
        "delete from confirmations where exists (select 1 from profiles where id = ? "
        "and (email = lower(json_extract(profile, '$.email')) "
        "or phone_number = json_extract(profile, '$.phone_number')))"
    )
    store.db.execute(confirmations, (profile_id,))
    for table in ("members", "events", "job_profiles"):
        store.db.execute(f"delete from {table} where profile_id = ?", (profile_id,))
    store.db.execute("delete from profiles where id = ?", (profile_id,))


def document(query: Query, row: Any) -> dict[str, Any]:
    """A profile's resource."""
    attributes: dict[str, Json] = dict.fromkeys((*IDENTIFIERS, *_TEXTS))
    attributes |= {"last_event_date": None, "location": {}, "properties": {}}
    attributes |= from_json(row["attributes"])
    attributes |= {"created": row["created"], "updated": row["updated"]}
    if "subscriptions" in query.parameters.get("additional-fields[profile]", ""):
        attributes["subscriptions"] = subscriptions(attributes, from_json(row["consent"]))
    return resource(query, "profile", row["id"], "/api/profiles", attributes)


def exists(store: Store, profile_id: str) -> bool:
    """Whether there is such a profile."""
    return store.db.execute("select 1 from profiles where id = ?", (profile_id,)).fetchone() is not None


def row_of(store: Store, profile_id: str) -> Any:
    """A profile's row; a 404 where there is none."""
    row = store.db.execute("select * from profiles where id = ?", (profile_id,)).fetchone()
    if row is None:
        raise not_found(f"A profile with id {profile_id} does not exist.")
    return row


def get_profile(store: Store, query: Query, profile_id: str) -> dict[str, Json]:
    """GET /api/profiles/{id}."""
    return single(query, document(query, row_of(store, profile_id)))


def get_profiles(store: Store, query: Query) -> dict[str, Json]:
    """GET /api/profiles."""
    where = condition(query, FILTERS)

    def fetch(after: str, limit: int) -> list[dict[str, Any]]:
        sql = f"select * from profiles where {where.sql} and id > ? order by id limit ?"
        return [document(query, row) for row in store.db.execute(sql, (*where.values, after, limit))]

    return page(query, (20, 100), fetch)


def create_profile(store: Store, query: Query, body: Json) -> tuple[dict[str, Json], bool]:
    """POST /api/profiles: never updates; a 409 names the profile that has one of the identifiers.

    Gives the document, and whether a phone number was ignored.
    """
    given = attributes_of(data_of(body, "profile"))
    attributes = checked(without_bad_phone(given), "/data/attributes")
    _need_identifier(attributes)
    taken = find(store, attributes)
    if taken:
        raise conflict(taken)
    return get_profile(store, query, insert(store, attributes)), len(attributes) < len(given)


def update_profile(store: Store, query: Query, profile_id: str, body: Json) -> dict[str, Json]:
    """PATCH /api/profiles/{id}."""
    row_of(store, profile_id)
    data = data_of(body, "profile")
    if data.get("id") != profile_id:
        raise refuse("The id of the resource must be the one of the address.", "/data/id")
    attributes = checked(attributes_of(data), "/data/attributes")
    update(store, profile_id, attributes)
    patch_properties(store, profile_id, data.get("meta"))
    return get_profile(store, query, profile_id)


def import_profile(store: Store, query: Query, body: Json) -> tuple[dict[str, Json], bool]:
    """POST /api/profile-import: create or update; the document, and whether the profile is new."""
    data = data_of(body, "profile")
    attributes = checked(attributes_of(data), "/data/attributes", UPSERT_ATTRIBUTES)
    known = data.get("id")
    if isinstance(known, str) and known:
        row_of(store, known)
        update(store, known, attributes)
        profile_id, is_new = known, False
    else:
        _need_identifier(attributes)
        profile_id, is_new = save(store, attributes)
    patch_properties(store, profile_id, data.get("meta"))
    return get_profile(store, query, profile_id), is_new


def _need_identifier(attributes: Mapping[str, Any]) -> None:
    if not any(attributes.get(key) for key in (*IDENTIFIERS, "_kx")):
        raise refuse("One or more identifiers is required", "/data/attributes")


def patch_properties(store: Store, profile_id: str, meta: Json) -> None:
    """`meta.patch_properties`: add to lists (append), take from them (unappend), remove keys (unset)."""
    match meta:
        case {"patch_properties": {} as found}:
            patches = cast("dict[str, Json]", found)
        case _:
            return
    row = row_of(store, profile_id)
    stored: dict[str, Any] = from_json(row["attributes"])
    properties = stored.setdefault("properties", {})
    for key, value in _members(patches, "append"):
        kept = properties.get(key)
        properties[key] = [*(kept if isinstance(kept, list) else [] if kept is None else [kept]), *_listed(value)]
    for key, value in _members(patches, "unappend"):
        kept = properties.get(key)
        if isinstance(kept, list):
            properties[key] = [item for item in cast("list[Json]", kept) if item not in _listed(value)]
    for key in _listed(patches.get("unset", [])):
        properties.pop(key if isinstance(key, str) else None, None)
    sql = f"update profiles set attributes = ?, change = {NEXT_CHANGE} where id = ?"
    store.db.execute(sql, (to_json(stored).decode(), profile_id))


def _members(patches: dict[str, Json], name: str) -> list[tuple[str, Json]]:
    value = patches.get(name)
    return list(cast("dict[str, Json]", value).items()) if isinstance(value, dict) else []


def _listed(value: Json) -> list[Json]:
    return cast("list[Json]", value) if isinstance(value, list) else [value]
