from typing import Any

from actions.flow import Exchange, Request, Response
from studio.exchange_changes import changes, last_of_kind


def exchange(body: Any, status: int = 201, path: str = "/api/profiles/") -> Exchange:
    return Exchange(Request.of("POST", path, body), Response(status), 0.0, 0.0, f"https://klaviyo.example{path}")


def profile(**attributes: Any) -> Any:
    return {"data": {"type": "profile", "attributes": attributes}}


def test_what_is_different_is_told_value_by_value():
    before = exchange(profile(email="a@b.co", title="x", location={"city": "Bern"}))
    now = exchange(profile(email="a@b.co", location={"city": "Basel"}, image="u"), status=409)
    assert changes(before, now) == [
        "status: 201 → 409",
        'title: "x" → nothing',
        'location.city: "Bern" → "Basel"',
        'image: nothing → "u"',
    ]


def test_the_same_again_has_no_changes():
    assert changes(exchange(profile(email="a@b.co")), exchange(profile(email="a@b.co"))) == []


def test_many_changes_are_counted():
    before, now = (exchange(profile(**{f"k{index}": value for index in range(30)})) for value in (1, 2))
    assert changes(before, now)[-1] == "and 18 more"


def test_the_last_of_its_kind_has_the_same_method_and_address():
    first, second, other = exchange({}), exchange({"a": 1}), exchange({}, path="/api/events/")
    assert last_of_kind(exchange({}), [first, second, other]) is second
    assert last_of_kind(exchange({}, path="/api/lists/"), [first, second, other]) is None
