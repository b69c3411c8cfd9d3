"""Who an event is about: the fields that name a person, and the checks that they share."""

from __future__ import annotations

import re
from typing import Any

from actions.destination import InvalidPayload, PayloadDict, Preparation
from actions.fields import Condition, Payload, field
from actions.klaviyo.countries import COUNTRY_CODES
from actions.values import MISSING, Json, Missing

LONGEST_EXTERNAL_ID = 255
PROFILE_IDENTIFIERS = ("external_id", "email", "phone_number")
"""What Klaviyo looks a profile up by, in the order in which we ask."""

_IDENTIFIERS = ("email", "phone_number", "external_id", "anonymous_id")
_E164 = re.compile(r"\+[1-9]\d{1,14}", re.ASCII)

_EMAIL = "The person's e-mail address. An e-mail address, a phone number or an external id is needed."
_PHONE = (
    "The person's phone number, best in E.164 form (+14155552671). A national number needs a country code. "
    "Where the account has no SMS, Klaviyo wants an e-mail address or an external id beside it."
)
_COUNTRY = (
    "The country that a national phone number belongs to, as two letters (ISO 3166-1). "
    "It serves to check and convert the number and is not sent."
)
_EXTERNAL_ID = "Your own id of the person, which ties the profile to your other systems; at most 255 characters."


def email_field(default: Json | Missing = MISSING, *, checked: bool = True) -> Any:
    """The field of a person's e-mail address."""
    return field("Email", _EMAIL, default=default, format="email" if checked else None)


def phone_field(default: Json | Missing = MISSING) -> Any:
    """The field of a person's phone number."""
    return field("Phone Number", _PHONE, default=default)


def country_field() -> Any:
    """The field of the country of a phone number; it matters once there is a number."""
    return field("Country Code", _COUNTRY, choices=COUNTRY_CODES, depends_on=Condition("phone_number", "is_not", ""))


def external_id_field(label: str = "External ID", default: Json | Missing = MISSING) -> Any:
    """The field of the customer's own id of a person."""
    return field(label, _EXTERNAL_ID, default=default, maximum=LONGEST_EXTERNAL_ID)


class Location(Payload):
    """Where a person lives. All texts; an empty one or null clears what Klaviyo has."""

    address1: str | None = field("Address 1", "Street and number.", allow_null=True, drop_blank=False)
    address2: str | None = field("Address 2", "Second line of the address.", allow_null=True, drop_blank=False)
    city: str | None = field("City", "Town or city.", allow_null=True, drop_blank=False)
    region: str | None = field("Region", "State, province or canton.", allow_null=True, drop_blank=False)
    zip: str | None = field("ZIP", "ZIP or postal code.", allow_null=True, drop_blank=False)
    latitude: str | None = field("Latitude", "Degrees north, as text.", allow_null=True, drop_blank=False)
    longitude: str | None = field("Longitude", "Degrees east, as text.", allow_null=True, drop_blank=False)
    country: str | None = field("Country", "Country, by name or code.", allow_null=True, drop_blank=False)


def prepare_person(
    person: PayloadDict, preparation: Preparation, identifiers: tuple[str, ...], needed: str
) -> tuple[PayloadDict, tuple[str, ...]]:
    """The person with the phone number in E.164 form and without the country code, and warnings.

    Raises `InvalidPayload`: with the text `needed` where none of the identifiers is there, or for a phone number that
    is none (which one bad identifier always is at Segment, even beside a good one; a mapping may have it dropped).
    """
    for key in identifiers:
        if person.get(key):
            break
    else:
        raise InvalidPayload(needed)
    external_id = person.get("external_id")
    if external_id and len(external_id) > LONGEST_EXTERNAL_ID:  # an object's free keys were not checked as a field
        raise InvalidPayload(f"Length of external_id must be no more than {LONGEST_EXTERNAL_ID} characters.")
    country = person.get("country_code")
    raw = person.get("phone_number")
    if country is None and (not raw or _E164.fullmatch(raw)):
        return person, ()
    person = {key: value for key, value in person.items() if key != "country_code"}
    if not raw:
        return person, ()
    phone = e164(raw, country)
    if phone:
        person["phone_number"] = phone
        return person, ()
    if preparation.on_invalid_phone == "reject":
        raise InvalidPayload(f"{raw} is not a valid phone number and cannot be converted to E.164 format.")
    del person["phone_number"]
    if not any(person.get(key) for key in identifiers):
        raise InvalidPayload(f"{needed} The phone number {raw} is none and was dropped.")
    return person, (f"The phone number {raw} is none and was left out.",)


def e164(raw: str, country: str | None) -> str | None:
    """The number in E.164 form; None where it is none.

    What has the form of E.164 passes as it is. Other numbers must be valid in the country given, by libphonenumber.
    """
    if _E164.fullmatch(raw):
        return raw
    if not country:
        return None
    import phonenumbers  # a tenth of a second that most numbers do not need

    try:
        number = phonenumbers.parse(raw, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number_for_region(number, country):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def identifiers_of(person: PayloadDict) -> tuple[str, ...]:
    """All that names a person in a payload or a profile. Klaviyo compares e-mail addresses without regard to case."""
    names: list[str] = []
    for key in _IDENTIFIERS:
        value = person.get(key)
        if value and isinstance(value, str):
            names.append(value.lower() if key == "email" else value)
    return tuple(names)
