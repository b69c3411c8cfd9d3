import pytest

from actions.destination import InvalidPayload, Preparation
from actions.klaviyo.countries import COUNTRY_CODES
from actions.klaviyo.person import PROFILE_IDENTIFIERS, e164, prepare_person

REJECT = Preparation()
DROP = Preparation(on_invalid_phone="drop")
NEEDED = "One is required."


@pytest.mark.parametrize(
    ("raw", "country", "expected"),
    [
        ("+14155552671", None, "+14155552671"),
        ("+14155552671", "GB", "+14155552671"),
        ("+19", None, "+19"),
        ("(415) 555-2671", "US", "+14155552671"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("07911 123456", "GB", None),  # Guernsey's range
        ("+44 20 7946 0958", "US", None),
        ("(415) 555-2671", None, None),
        ("+1 415 555 2671", None, None),
        ("+٣٤٥", None, None),
        ("none", "US", None),
    ],
)
def test_a_number_becomes_e164_or_is_none(raw: str, country: str | None, expected: str | None):
    assert e164(raw, country) == expected


def test_the_country_code_is_never_kept():
    person, _ = prepare_person({"email": "a@b.co", "country_code": "US"}, REJECT, PROFILE_IDENTIFIERS, NEEDED)
    assert person == {"email": "a@b.co"}


def test_a_bad_number_rejects_the_person_even_beside_a_good_address():
    with pytest.raises(
        InvalidPayload, match=r"123 is not a valid phone number and cannot be converted to E.164 format"
    ):
        prepare_person({"email": "a@b.co", "phone_number": "123"}, REJECT, PROFILE_IDENTIFIERS, NEEDED)


def test_a_bad_number_is_left_out_with_a_warning_where_the_mapping_says_so():
    person, warnings = prepare_person({"email": "a@b.co", "phone_number": "123"}, DROP, PROFILE_IDENTIFIERS, NEEDED)
    assert person == {"email": "a@b.co"}
    assert len(warnings) == 1


def test_nobody_is_left_when_the_only_number_is_bad():
    with pytest.raises(InvalidPayload, match=NEEDED):
        prepare_person({"phone_number": "123"}, DROP, PROFILE_IDENTIFIERS, NEEDED)


def test_without_an_identifier_there_is_nobody():
    with pytest.raises(InvalidPayload, match=NEEDED):
        prepare_person({"first_name": "Ann", "email": None}, REJECT, PROFILE_IDENTIFIERS, NEEDED)


def test_an_external_id_has_at_most_255_characters():
    prepare_person({"external_id": "x" * 255}, REJECT, PROFILE_IDENTIFIERS, NEEDED)
    with pytest.raises(InvalidPayload, match="no more than 255 characters"):
        prepare_person({"external_id": "x" * 256}, REJECT, PROFILE_IDENTIFIERS, NEEDED)


def test_the_country_codes_are_those_of_iso_3166():
    import phonenumbers

    assert len(set(COUNTRY_CODES)) == 249
    assert set(phonenumbers.SUPPORTED_REGIONS) - set(COUNTRY_CODES) == {"AC", "TA", "XK"}  # no ISO countries
