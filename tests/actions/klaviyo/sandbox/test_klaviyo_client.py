"""Klaviyo's own client, which knows nothing of us, against the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from klaviyo_api import KlaviyoAPI
from openapi_client.exceptions import ApiException
from sandbox_account import (
    SINGLE,
    bulk_events,
    bulk_import,
    channels,
    deletion,
    event,
    event_attributes,
    members,
    new_list,
    profile,
    served,
    subscribe,
    suppress,
    unsubscribe,
)

from actions.klaviyo.sandbox import Faults, Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with closing(Sandbox()) as opened:
        yield opened


@pytest.fixture
def klaviyo(sandbox: Sandbox) -> Iterator[Any]:
    with served(sandbox) as address:
        yield KlaviyoAPI("pk_test", max_delay=1, max_retries=1, test_host=address)


def cursor(page: Any) -> str:
    """The link to the next page as Klaviyo gives it: the client takes the cursor from links with https only."""
    return page.links.next.replace("http://", "https://")


def create(klaviyo: Any, **attributes: Any) -> str:
    return klaviyo.Profiles.create_profile(profile(attributes)).data.id


def test_it_reads_the_account(klaviyo: Any) -> None:
    [account] = klaviyo.Accounts.get_accounts().data
    assert account.attributes.timezone == "UTC"
    [sparse] = klaviyo.Accounts.get_accounts(fields_account=["timezone"])["data"]
    assert sparse["attributes"] == {"timezone": "UTC"}


def test_it_creates_reads_and_updates_profiles(klaviyo: Any) -> None:
    told = {"email": "ann+x@example.com", "location": {"city": "Paris", "latitude": 48.8}, "properties": {"size": 1}}
    made = klaviyo.Profiles.create_profile(profile(told))
    assert made.data.attributes.location.city == "Paris"
    changed = klaviyo.Profiles.update_profile(made.data.id, profile({"title": "Dr"}, made.data.id))
    assert (changed.data.attributes.title, changed.data.attributes.properties) == ("Dr", {"size": 1})
    read = klaviyo.Profiles.get_profile(made.data.id, additional_fields_profile=["subscriptions"])
    assert read.data.attributes.subscriptions.email.marketing.consent == "NEVER_SUBSCRIBED"
    upserted = klaviyo.Profiles.create_or_update_profile(
        profile({"email": "ANN+X@example.com", "_kx": "k", "locale": "en"})
    )
    assert (upserted.data.id, upserted.data.attributes.locale) == (made.data.id, "en")


def test_it_finds_profiles_page_by_page(klaviyo: Any) -> None:
    for number in range(5):
        create(klaviyo, email=f"p+{number}@example.com", external_id=f'"{number}" & more')
    condition = 'any(email,["p+1@example.com","p+3@example.com","p+4@example.com"])'
    first = klaviyo.Profiles.get_profiles(filter=condition, page_size=2)
    second = klaviyo.Profiles.get_profiles(filter=condition, page_size=2, page_cursor=cursor(first))
    emails = {each.attributes.email for each in (*first.data, *second.data)}
    assert emails == {f"p+{number}@example.com" for number in (1, 3, 4)}
    assert second.links.next is None
    [odd] = klaviyo.Profiles.get_profiles(filter=r'equals(external_id,"\"2\" & more")').data
    assert odd.attributes.email == "p+2@example.com"


def test_it_creates_reads_and_fills_lists(klaviyo: Any, sandbox: Sandbox) -> None:
    made = klaviyo.Lists.create_list(new_list("New", opt_in_process="single_opt_in")).data
    profile_id = create(klaviyo, email="ann@example.com")
    klaviyo.Lists.add_profiles_to_list(made.id, members(profile_id))
    counted = klaviyo.Lists.get_list(made.id, additional_fields_list=["profile_count"])
    assert counted.data.attributes.profile_count == 1
    assert [each.id for each in klaviyo.Lists.get_profiles_for_list(made.id, page_size=5).data] == [profile_id]
    klaviyo.Lists.remove_profiles_from_list(made.id, members(profile_id))
    assert sandbox.members(made.id) == []
    found = klaviyo.Lists.get_lists(filter='equals(name,"New")').data
    assert [each.id for each in found] == [made.id]


def test_it_follows_the_pages_of_lists(klaviyo: Any) -> None:
    for number in range(8):
        klaviyo.Lists.create_list(new_list(f"New {number}"))
    first = klaviyo.Lists.get_lists()
    second = klaviyo.Lists.get_lists(page_cursor=cursor(first))
    assert len({each.id for each in (*first.data, *second.data)}) == 12
    assert second.links.next is None


def test_it_records_events(klaviyo: Any) -> None:
    klaviyo.Events.create_event(event({"email": "ann@example.com"}, unique_id="1", value=9.5))
    rows = ({"external_id": "u"}, [event_attributes(unique_id="1"), event_attributes("Viewed", unique_id="2")])
    klaviyo.Events.bulk_create_events(bulk_events(rows))
    metrics = {each.attributes.name: each.id for each in klaviyo.Metrics.get_metrics().data}
    assert set(metrics) == {"Ordered", "Viewed"}
    found = klaviyo.Events.get_events(filter=f'equals(metric_id,"{metrics["Ordered"]}")', page_size=1)
    assert len(found.data) == 1
    rest = klaviyo.Events.get_events(
        filter=f'equals(metric_id,"{metrics["Ordered"]}")', page_size=1, page_cursor=cursor(found)
    )
    assert len(rest.data) == 1


def test_it_imports_in_bulk_and_follows_the_job(klaviyo: Any) -> None:
    people = ({"email": "ann@example.com"}, {"email": "bad@example.com", "phone_number": "+1234"})
    job = klaviyo.Profiles.bulk_import_profiles(bulk_import(*people, list_ids=(SINGLE,))).data
    assert job.attributes.status == "queued"
    done = klaviyo.Profiles.get_bulk_import_profiles_job(job.id).data.attributes
    assert (done.status, done.completed_count, done.failed_count) == ("complete", 1, 1)
    assert [each.id for each in klaviyo.Profiles.get_bulk_import_profiles_jobs().data] == [job.id]
    [error] = klaviyo.Profiles.get_errors_for_bulk_import_profiles_job(job.id).data
    assert error.attributes.original_payload["email"] == "bad@example.com"
    [imported] = klaviyo.Profiles.get_profiles_for_bulk_import_profiles_job(job.id).data
    assert imported.attributes.email == "ann@example.com"
    [joined] = klaviyo.Profiles.get_list_for_bulk_import_profiles_job(job.id).data
    assert joined.id == SINGLE


def test_it_subscribes_and_unsubscribes(klaviyo: Any, sandbox: Sandbox) -> None:
    person = {"email": "ann@example.com", "phone_number": "+12025550123"}
    klaviyo.Profiles.bulk_subscribe_profiles(subscribe({**person, "subscriptions": channels("email", "sms")}))
    [found] = klaviyo.Profiles.get_profiles(additional_fields_profile=["subscriptions"]).data
    assert found.attributes.subscriptions.sms.marketing.consent == "SUBSCRIBED"
    klaviyo.Profiles.bulk_unsubscribe_profiles(unsubscribe({"email": "ann@example.com"}))
    [found] = klaviyo.Profiles.get_profiles(additional_fields_profile=["subscriptions"]).data
    marketing = found.attributes.subscriptions.email.marketing
    assert (marketing.consent, marketing.suppression[0].reason) == ("UNSUBSCRIBED", "UNSUBSCRIBE")
    assert sandbox.members(SINGLE) == [found.id]


def test_it_suppresses_and_lifts_suppressions(klaviyo: Any) -> None:
    made = klaviyo.Profiles.bulk_suppress_profiles(suppress("ann@example.com")).data
    assert made.attributes.total_count == 1
    assert [each.id for each in klaviyo.Profiles.get_bulk_suppress_profiles_jobs().data] == [made.id]
    lifted = klaviyo.Profiles.bulk_unsuppress_profiles(suppress("ann@example.com", lifting=True)).data
    assert [each.id for each in klaviyo.Profiles.get_bulk_unsuppress_profiles_jobs().data] == [lifted.id]
    assert klaviyo.Profiles.get_bulk_suppress_profiles_job(made.id).data.attributes.status == "complete"
    assert klaviyo.Profiles.get_bulk_unsuppress_profiles_job(lifted.id).data.id == lifted.id


def test_it_deletes_a_person(klaviyo: Any, sandbox: Sandbox) -> None:
    profile_id = create(klaviyo, email="ann@example.com")
    klaviyo.Data_Privacy.request_profile_deletion(deletion({}, profile_id))
    assert sandbox.counts()["profiles"] == 0
    with pytest.raises(ApiException) as refused:
        klaviyo.Data_Privacy.request_profile_deletion(deletion({"email": "ann@example.com"}))
    assert refused.value.status == 404


def test_it_understands_refusals(klaviyo: Any) -> None:
    profile_id = create(klaviyo, email="ann@example.com")
    with pytest.raises(ApiException) as refused:
        create(klaviyo, email="ann@example.com")
    assert refused.value.status == 409
    assert profile_id in str(refused.value.body)


def test_it_waits_as_long_as_it_is_told_when_throttled() -> None:
    with closing(Sandbox(faults=Faults(throttle=0.5, seed=7))) as sandbox, served(sandbox) as address:
        klaviyo: Any = KlaviyoAPI("pk_test", max_delay=1, max_retries=5, test_host=address)
        assert klaviyo.Lists.get_list(SINGLE).data.id == SINGLE
