"""The account that a key belongs to: Segment's own test of a key is to read it."""

from __future__ import annotations

from actions.destination import DELIVERED, Prepared, Verdict
from actions.flow import Flow, Request
from actions.klaviyo.refusals import verdict
from actions.values import Json


def read_account() -> Flow[tuple[Verdict, Prepared]]:
    """Whether the key is accepted, and the account's `id` and `name`."""
    response = yield Request("GET", "/api/accounts/")
    if not response.ok:
        return verdict(response), Prepared({})
    return DELIVERED, Prepared(_account(response.json))


def _account(document: Json) -> dict[str, Json]:
    match document:
        case {"data": [{"id": account_id, "attributes": {"contact_information": {"organization_name": name}}}, *_]}:
            return {"id": account_id, "name": name}
        case _:
            return {}
