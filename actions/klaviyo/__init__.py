"""Klaviyo as Segment's "Klaviyo (Actions)" destination has it: `KLAVIYO` and its eight actions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from actions.destination import Connection, Destination, Preset, Verdict
from actions.fields import Payload, field
from actions.flow import Flow
from actions.klaviyo.accounts import read_account
from actions.klaviyo.add_profile_to_list import ADD_PROFILE_TO_LIST
from actions.klaviyo.jobs import follow_import
from actions.klaviyo.limits import limit_of
from actions.klaviyo.order_completed import ORDER_COMPLETED
from actions.klaviyo.rehearsal import rehearse
from actions.klaviyo.remove_profile import REMOVE_PROFILE, REMOVE_PROFILE_FROM_LIST
from actions.klaviyo.subscriptions import SUBSCRIBE_PROFILE, UNSUBSCRIBE_PROFILE
from actions.klaviyo.track_event import TRACK_EVENT
from actions.klaviyo.upsert_profile import UPSERT_PROFILE

REVISION = "2026-07-15"
"""The revision of Klaviyo's API that is asked for unless the settings name another."""


class Settings(Payload):
    """What Klaviyo needs to know of an account."""

    api_key: str = field("API Key", "A private key of the account; it begins with pk_.", required=True)
    revision: str | None = field("Revision", "The dated revision of Klaviyo's API.", default=REVISION)


def _headers(settings: Mapping[str, Any]) -> dict[str, str]:
    key = settings.get("api_key")
    if not isinstance(key, str) or not key or not (key.isascii() and key.isprintable()) or " " in key:
        raise ValueError("The API key is missing or has characters that no key has.")
    return {
        "Authorization": f"Klaviyo-API-Key {key}",
        "Accept": "application/json",
        "Content-Type": "application/json",
        "revision": str(settings.get("revision") or REVISION),
        "User-Agent": "Mapping Studio",
    }


def _create_audience(name: str, list_id: str | None) -> Flow[Connection]:
    from actions.klaviyo.list_connection import connect_list  # previews and events do without

    return connect_list(list_id, name)


def _verify_audience(list_id: str) -> Flow[Verdict]:
    from actions.klaviyo.list_connection import verify_audience

    return verify_audience(list_id)


def _journeys(action: str) -> Preset:
    return Preset("Journeys Step Entered", action, "journeys_step_entered_track")


KLAVIYO = Destination(
    name="Klaviyo",
    slug="klaviyo",
    url="https://a.klaviyo.com",
    settings=Settings,
    actions={
        action.slug: action
        for action in (
            UPSERT_PROFILE,
            TRACK_EVENT,
            ORDER_COMPLETED,
            SUBSCRIBE_PROFILE,
            UNSUBSCRIBE_PROFILE,
            ADD_PROFILE_TO_LIST,
            REMOVE_PROFILE_FROM_LIST,
            REMOVE_PROFILE,
        )
    },
    presets=(
        Preset("Entities Audience Entered", "addProfileToList", "warehouse_audience_entered_track"),
        Preset("Entities Audience Exited", "removeProfileFromList", "warehouse_audience_exited_track"),
        Preset("Associated Entity Added", "addProfileToList", "warehouse_entity_added_track"),
        Preset("Associated Entity Removed", "removeProfileFromList", "warehouse_entity_removed_track"),
        _journeys("addProfileToList"),
        _journeys("trackEvent"),
        _journeys("orderCompleted"),
        _journeys("subscribeProfile"),
        _journeys("unsubscribeProfile"),
    ),
    headers=_headers,
    secret_headers=frozenset({"authorization"}),
    authenticate=read_account,
    limit_of=limit_of,
    rehearse=rehearse,
    follow=follow_import,
    create_audience=_create_audience,
    verify_audience=_verify_audience,
    home="actions.klaviyo:KLAVIYO",
)
