"""What each action sends, and what follows on what came back."""

from typing import Any

import pytest
from scripted import answer, play, refusal

from actions.destination import PayloadDict, Verdict
from actions.flow import Request, Response
from actions.klaviyo import KLAVIYO
from actions.klaviyo.profiles import look_up

CONFLICT = answer(409, {"errors": [{"code": "duplicate_profile", "meta": {"duplicate_profile_id": "P9"}}]})
CREATED = answer(201, {"data": {"type": "profile", "id": "P1"}})


def perform(slug: str, payload: PayloadDict, responses: Any) -> tuple[list[Request], Any]:
    return play(KLAVIYO.actions[slug].perform(payload), responses)


def perform_batch(slug: str, payloads: list[PayloadDict], responses: Any) -> tuple[list[Request], Any]:
    return play(KLAVIYO.actions[slug].perform_batch(payloads), responses)


def lines(requests: list[Request]) -> list[str]:
    return [f"{request.method} {request.path.rstrip('/')}" for request in requests]


def profiles_found(*profiles: dict[str, Any], following: str | None = None) -> Response:
    data = [
        {"type": "profile", "id": profile["id"], "attributes": {k: v for k, v in profile.items() if k != "id"}}
        for profile in profiles
    ]
    return answer(200, {"data": data, "links": {"next": following} if following else {}})


class TestUpsertProfile:
    def test_a_new_person_is_created_and_joins_the_list(self):
        requests, verdict = perform("upsertProfile", {"email": "a@b.co", "list_id": "L1"}, [CREATED, answer(204)])
        assert lines(requests) == ["POST /api/profiles", "POST /api/lists/L1/relationships/profiles"]
        assert requests[1].json == {"data": [{"type": "profile", "id": "P1"}]}
        assert verdict.status == "delivered"

    def test_a_known_person_is_updated(self):
        requests, verdict = perform("upsertProfile", {"email": "a@b.co", "first_name": "A"}, [CONFLICT, answer(200)])
        assert lines(requests) == ["POST /api/profiles", "PATCH /api/profiles/P9"]
        assert requests[1].json["data"] == {
            "type": "profile",
            "id": "P9",
            "attributes": {"email": "a@b.co", "first_name": "A"},
        }
        assert verdict.status == "delivered"

    def test_a_conflict_without_an_id_is_final(self):
        requests, verdict = perform("upsertProfile", {"email": "a@b.co"}, [refusal(status=409, detail="taken")])
        assert len(requests) == 1
        assert verdict.status == "rejected"

    def test_a_conflict_in_the_list_call_is_no_conflict_of_profiles(self):
        requests, verdict = perform("upsertProfile", {"email": "a@b.co", "list_id": "L"}, [CREATED, CONFLICT])
        assert len(requests) == 2
        assert verdict.status == "rejected"

    def test_an_answer_without_an_id_is_enough_without_a_list_but_not_for_one(self):
        assert perform("upsertProfile", {"email": "a@b.co"}, [answer(201)])[1].status == "delivered"
        requests, verdict = perform("upsertProfile", {"email": "a@b.co", "list_id": "L"}, [answer(201)])
        assert len(requests) == 1
        assert verdict.status == "retryable"

    def test_an_id_in_a_path_is_encoded(self):
        requests, _ = perform("upsertProfile", {"email": "a@b.co", "list_id": "../x?y"}, [CREATED])
        assert requests[1].path == "/api/lists/..%2Fx%3Fy/relationships/profiles/"

    def test_a_batch_is_one_import_with_its_list(self):
        requests, verdicts = perform_batch(
            "upsertProfile", [{"email": "a@b.co", "list_id": "L"}, {"email": "b@b.co", "list_id": "L"}], []
        )
        assert lines(requests) == ["POST /api/profile-bulk-import-jobs"]
        job = requests[0].json["data"]
        assert job["relationships"] == {"lists": {"data": [{"type": "list", "id": "L"}]}}
        assert [row["attributes"] for row in job["attributes"]["profiles"]["data"]] == [
            {"email": "a@b.co"},
            {"email": "b@b.co"},
        ]
        assert [verdict.status for verdict in verdicts] == ["delivered", "delivered"]


class TestAddProfileToList:
    def test_a_failed_creation_is_the_outcome_and_nothing_follows(self):
        requests, verdict = perform("addProfileToList", {"email": "a@b.co", "list_id": "L"}, [refusal(status=429)])
        assert len(requests) == 1
        assert verdict.status == "retryable"

    def test_a_known_person_joins_without_an_update(self):
        requests, _ = perform("addProfileToList", {"email": "a@b.co", "list_id": "L"}, [CONFLICT, answer(204)])
        assert lines(requests) == ["POST /api/profiles", "POST /api/lists/L/relationships/profiles"]
        assert requests[1].json == {"data": [{"type": "profile", "id": "P9"}]}


class TestRemoveProfile:
    def test_each_identifier_is_looked_up_then_all_found_leave_the_list(self):
        payload = {"email": "a+1@b.co", "external_id": "u1", "phone_number": "+14155552671", "list_id": "L"}
        requests, verdict = perform(
            "removeProfile",
            payload,
            [
                profiles_found({"id": "P1", "external_id": "u1"}),
                profiles_found({"id": "P2", "email": "A+1@b.co"}),
                profiles_found({"id": "P1", "phone_number": "+14155552671"}),
                answer(204),
            ],
        )
        assert [request.query.get("filter") for request in requests] == [
            'any(external_id,["u1"])',
            'any(email,["a+1@b.co"])',
            'any(phone_number,["+14155552671"])',
            None,
        ]
        assert requests[3].json == {"data": [{"type": "profile", "id": "P1"}, {"type": "profile", "id": "P2"}]}
        assert verdict.status == "delivered"

    def test_a_person_that_klaviyo_does_not_know_is_invalid_alone_and_in_a_batch(self):
        requests, verdict = perform("removeProfile", {"email": "a@b.co", "list_id": "L"}, [profiles_found()])
        assert len(requests) == 1
        assert verdict == Verdict("invalid", "No profiles found for the provided identifiers.")
        _, verdicts = perform_batch(
            "removeProfile",
            [{"email": "a@b.co", "list_id": "L"}, {"email": "b@b.co", "list_id": "L"}],
            [profiles_found({"id": "P2", "email": "b@b.co"}), answer(204)],
        )
        assert [verdict.status for verdict in verdicts] == ["invalid", "delivered"]

    def test_a_batch_is_looked_up_by_hundreds_and_all_pages_are_read(self):
        payloads: list[PayloadDict] = [{"email": f"u{index}@b.co", "list_id": "L"} for index in range(250)]

        def klaviyo(request: Request) -> Response:
            if request.method == "DELETE":
                return answer(204)
            if "page[cursor]" in request.query:
                return profiles_found({"id": "last", "email": "u249@b.co"})
            wanted = request.query["filter"].removeprefix("any(email,[").removesuffix("])").replace('"', "").split(",")
            assert len(wanted) <= 100
            found = [{"id": email, "email": email} for email in wanted if email != "u249@b.co"]
            following = "https://elsewhere.example/api/profiles?page%5Bcursor%5D=abc" if "u249@b.co" in wanted else None
            return profiles_found(*found, following=following)

        requests, verdicts = perform_batch("removeProfile", payloads, klaviyo)
        assert {verdict.status for verdict in verdicts} == {"delivered"}
        removed = [
            member["id"] for request in requests if request.method == "DELETE" for member in request.json["data"]
        ]
        assert len(removed) == 250
        assert requests[3].path == "/api/profiles"

    def test_an_identifier_cannot_break_out_of_the_filter(self):
        [(_, flow)] = look_up("external_id", ['x"],["y\\'])
        requests, _ = play(flow, [profiles_found()])
        assert requests[0].query["filter"] == r'any(external_id,["x\"],[\"y\\"])'

    def test_a_failed_look_up_is_the_outcome_of_those_it_was_for(self):
        payloads: list[PayloadDict] = [{"email": "a@b.co", "list_id": "L"}, {"external_id": "u", "list_id": "L"}]
        _, verdicts = perform_batch(
            "removeProfile",
            payloads,
            [profiles_found({"id": "P", "external_id": "u"}), refusal(status=503), answer(204)],
        )
        assert [verdict.status for verdict in verdicts] == ["retryable", "delivered"]

    def test_after_a_failed_look_up_nothing_more_is_asked_for_that_event(self):
        payload = {"external_id": "u", "email": "a@b.co", "phone_number": "+14155552671", "list_id": "L"}
        requests, verdict = perform("removeProfile", payload, [answer(429)])
        assert lines(requests) == ["GET /api/profiles"]
        assert verdict.status == "retryable"

    def test_endless_pages_end(self):
        endless = profiles_found(following="https://a.klaviyo.com/api/profiles?page%5Bcursor%5D=same")
        requests, verdict = perform("removeProfile", {"email": "a@b.co", "list_id": "L"}, lambda _: endless)
        assert len(requests) < 100
        assert verdict.status == "invalid"


class TestEvents:
    EVENT: PayloadDict = {"profile": {"email": "a@b.co"}, "metric_name": "M", "properties": {}}

    def test_a_repeated_id_goes_once_and_shares_the_first_ones_fate(self):
        payloads = [{**self.EVENT, "unique_id": "m1"}] * 2 + [{**self.EVENT, "unique_id": "m2"}]
        requests, verdicts = perform_batch("trackEvent", payloads, [])
        assert len(requests[0].json["data"]["attributes"]["events-bulk-create"]["data"]) == 2
        assert [len(verdict.warnings) for verdict in verdicts] == [0, 1, 0]

    def test_the_same_id_of_another_person_is_another_event(self):
        payloads = [
            {**self.EVENT, "unique_id": "m1"},
            {**self.EVENT, "unique_id": "m1", "profile": {"email": "b@b.co"}},
        ]
        requests, verdicts = perform_batch("trackEvent", payloads, [])
        assert len(requests[0].json["data"]["attributes"]["events-bulk-create"]["data"]) == 2
        assert not any(verdict.warnings for verdict in verdicts)


class TestOrderCompleted:
    ORDER: PayloadDict = {
        "profile": {"email": "a@b.co"},
        "properties": {"order_id": "o1", "name": "order", "products": [1]},
        "products": [{"name": "p1"}, {"sku": "s2"}],
        "unique_id": "m1",
        "value": 5,
    }

    def test_products_follow_with_ids_that_a_retry_repeats(self):
        first, _ = perform("orderCompleted", self.ORDER, [])
        again, _ = perform("orderCompleted", self.ORDER, [])
        ids = [request.json["data"]["attributes"]["unique_id"] for request in first]
        assert ids == [request.json["data"]["attributes"]["unique_id"] for request in again]
        assert len(set(ids)) == 3

    def test_ids_repeat_without_a_unique_id_too(self):
        order = {key: value for key, value in self.ORDER.items() if key != "unique_id"}
        first, _ = perform("orderCompleted", order, [])
        again, _ = perform("orderCompleted", order, [])
        assert [request.json for request in first] == [request.json for request in again]

    def test_a_products_keys_go_before_the_orders(self):
        requests, _ = perform("orderCompleted", self.ORDER, [])
        assert [request.json["data"]["attributes"]["properties"] for request in requests[1:]] == [
            {"order_id": "o1", "name": "p1"},
            {"order_id": "o1", "name": "order", "sku": "s2"},
        ]
        assert "value" not in requests[1].json["data"]["attributes"]

    def test_without_the_order_no_products_go(self):
        requests, verdict = perform("orderCompleted", self.ORDER, [refusal()])
        assert len(requests) == 1
        assert verdict.status == "rejected"

    def test_a_refused_product_does_not_keep_the_others_back(self):
        requests, verdict = perform("orderCompleted", self.ORDER, [answer(202), refusal(), answer(202)])
        assert len(requests) == 3
        assert verdict.status == "rejected"
        assert "The order is recorded, but its product number 1 is not." in (verdict.message or "")

    def test_a_product_that_may_be_taken_later_makes_the_order_retryable(self):
        requests, verdict = perform("orderCompleted", self.ORDER, [answer(202), answer(500), refusal()])
        assert len(requests) == 3
        assert verdict.status == "retryable"

    def test_without_a_connection_the_other_products_wait(self):
        requests, verdict = perform("orderCompleted", self.ORDER, [answer(202), Response(0, failure="it broke")])
        assert len(requests) == 2
        assert verdict.status == "retryable"

    def test_a_batch_has_orders_and_products_in_one_request(self):
        requests, verdicts = perform_batch("orderCompleted", [self.ORDER, {**self.ORDER, "unique_id": "m2"}], [])
        assert len(requests) == 1
        assert len(requests[0].json["data"]["attributes"]["events-bulk-create"]["data"]) == 6
        assert [verdict.status for verdict in verdicts] == ["delivered", "delivered"]


class TestSubscriptions:
    def test_consented_at_goes_only_with_a_historical_import(self):
        payload = {"email": "a@b.co", "consented_at": "2024-05-06T07:08:09.000Z"}
        requests, _ = perform("subscribeProfile", payload, [])
        assert "consented_at" not in str(requests[0].json)
        requests, _ = perform("subscribeProfile", {**payload, "historical_import": True}, [])
        [profile] = requests[0].json["data"]["attributes"]["profiles"]["data"]
        assert profile["attributes"]["subscriptions"]["email"]["marketing"] == {
            "consent": "SUBSCRIBED",
            "consented_at": "2024-05-06T07:08:09.000Z",
        }

    def test_text_messages_are_ended_whole(self):
        requests, _ = perform("unsubscribeProfile", {"phone_number": "+14155552671"}, [])
        [profile] = requests[0].json["data"]["attributes"]["profiles"]["data"]
        consent = {"consent": "UNSUBSCRIBED"}
        assert profile["attributes"]["subscriptions"] == {"sms": {"marketing": consent, "transactional": consent}}

    def test_a_thousand_are_subscribed_and_a_hundred_unsubscribed_in_a_request(self):
        payloads: list[PayloadDict] = [{"email": f"u{index}@b.co"} for index in range(1001)]
        assert len(perform_batch("subscribeProfile", payloads, [])[0]) == 2
        assert len(perform_batch("unsubscribeProfile", payloads, [])[0]) == 11


class TestWhatKlaviyoLeavesOut:
    """A phone number that is none is left out with 2xx, and only a header says so."""

    PARTLY = Response(202, {"x-klaviyo-partial-failure": "phone_number"})
    PERSON: PayloadDict = {"email": "a@b.co", "phone_number": "+19"}

    @pytest.mark.parametrize(
        ("slug", "payload"),
        [
            ("upsertProfile", PERSON),
            ("subscribeProfile", PERSON),
            ("unsubscribeProfile", PERSON),
            ("addProfileToList", PERSON | {"list_id": "L"}),
            ("trackEvent", {"profile": PERSON, "metric_name": "M", "properties": {}}),
            ("orderCompleted", {"profile": PERSON, "properties": {}, "products": [{}]}),
        ],
    )
    def test_it_is_a_warning_of_the_event(self, slug: str, payload: PayloadDict):
        created = Response(201, {"x-klaviyo-partial-failure": "phone_number"}, CREATED.content)
        for verdict in (perform(slug, payload, lambda _: created)[1], perform_batch(slug, [payload], [created])[1][0]):
            assert verdict.status == "delivered"
            assert verdict.warnings == (
                "Klaviyo took it without the phone number, which does not exist or cannot be texted.",
            )

    def test_of_many_it_may_be_anybody_who_has_one(self):
        people: list[PayloadDict] = [self.PERSON, {"email": "b@b.co"}, {"email": "c@b.co", "phone_number": "+18"}]
        _, verdicts = perform_batch("subscribeProfile", people, [self.PARTLY])
        assert [bool(verdict.warnings) for verdict in verdicts] == [True, False, True]
        assert "perhaps this one" in verdicts[0].warnings[0]

    def test_a_whole_success_has_no_warning(self):
        _, verdict = perform("upsertProfile", self.PERSON, [CREATED])
        assert verdict.warnings == ()
