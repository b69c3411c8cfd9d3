"""Connecting to a list: one that the account has, or one that comes to be.

A mapping does it when it is saved (Segment's hook `retlOnMappingSave`), an Engage audience when it is created. At
Klaviyo names need not be unique, so a list is created only where the account has none of its name: whoever asks twice,
or asks again because an answer was lost, gets the list of the first time.
"""

from __future__ import annotations

from actions.destination import DELIVERED, Connection, Verdict
from actions.flow import Flow, Response
from actions.klaviyo.lists import KlaviyoList, create_list, find_lists, get_list, list_in
from actions.klaviyo.refusals import Refused, accepted, verdict

_NAMELESS = "Missing audience name value. Name a list to create, or give the id of one that the account has."
_NOT_OWNED = "Unable to verify ownership over audience. Segment Audience ID doesn't match The Klaviyo List Id."
_TOO_MANY_TO_NAME = 5


def connect_list(list_id: str | None, name: str | None) -> Flow[Connection]:
    """The list of an id, else the list of a name, which is created where there is none."""
    try:
        if list_id and list_id.strip():
            return (yield from _existing(list_id.strip()))
        if name and name.strip():
            return (yield from _named(name.strip()))
    except Refused as refusal:
        return Connection(verdict(refusal.response))
    return Connection(Verdict("invalid", _NAMELESS))


def verify_audience(list_id: str) -> Flow[Verdict]:
    """Whether the account has the list of an audience: delivered, or what is wrong, beginning with Segment's words."""
    response = yield get_list(list_id)
    if response.ok:
        found = list_in(response)
        if found is not None and found.id == list_id:
            return DELIVERED
        return Verdict("rejected", f"{_NOT_OWNED} Klaviyo's answer for the list {list_id} is another one.")
    refused = verdict(response)
    if response.status != 404:
        return refused
    advice = "Connect the audience to this account anew, or give it a list that the account has."
    return Verdict("rejected", f"{_NOT_OWNED} The account has no list {list_id}. {advice}")


def _existing(list_id: str) -> Flow[Connection]:
    response = yield get_list(list_id)
    if response.status == 404:
        told = f"The account has no list with the id {list_id}. {verdict(response).message}"
        return Connection(Verdict("rejected", told))
    found = list_in(accepted(response))
    if found is None or found.id != list_id:
        return Connection(Verdict("rejected", f"Klaviyo's answer for the list {list_id} is another one."))
    return _using(found)


def _named(name: str) -> Flow[Connection]:
    found = yield from find_lists(name)
    if found:
        return _one_of(found)
    response = yield create_list(name)
    made = list_in(response) if response.ok else None
    if made is None:
        if not response.ok and not _may_have_worked(response):
            raise Refused(response)
        found = yield from find_lists(name)
        if len(found) != 1:
            return Connection(_unanswered(name, response)) if not found else _one_of(found)
        made = found[0]
    told = f"List '{made.name}' (id: {made.id}) created successfully!"
    return Connection(Verdict("delivered", told), made.id, made.name, is_new=True)


def _using(found: KlaviyoList) -> Connection:
    return Connection(Verdict("delivered", f"Using existing list '{found.name}' (id: {found.id})"), *found)


def _one_of(found: list[KlaviyoList]) -> Connection:
    """The list of a name; where there are several, somebody has to say which."""
    if len(found) == 1:
        return _using(found[0])
    ids = ", ".join(each.id for each in found[:_TOO_MANY_TO_NAME])
    more = f" and {len(found) - _TOO_MANY_TO_NAME} more" if len(found) > _TOO_MANY_TO_NAME else ""
    told = (
        f"The account has {len(found)} lists called '{found[0].name}' ({ids}{more}). Give the id of the one you mean."
    )
    return Connection(Verdict("invalid", told))


def _may_have_worked(response: Response) -> bool:
    """Whether something may have come of a request although no good answer came."""
    return response.status in (0, 408) or response.status >= 500


def _unanswered(name: str, response: Response) -> Verdict:
    told = f"It is not known whether the list '{name}' was created. {verdict(response).message}"
    return Verdict("retryable", f"{told} Trying again looks for it first, so it is not created twice.")
