"""What a profile's `subscriptions` say, made of the consent that is kept of it; `consent` says how that looks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from actions.values import Json


def subscriptions(attributes: Mapping[str, Any], consent: dict[str, Any]) -> dict[str, Json]:
    """A profile's `subscriptions` as Klaviyo gives them."""
    email = consent.get("email", {})
    suppression = consent.get("suppression", [])
    sms = consent.get("sms", {})
    told = consent.get("sms.transactional", {})
    has_phone = bool(attributes.get("phone_number"))
    return {
        "email": {
            "marketing": {
                "can_receive_email_marketing": bool(attributes.get("email")) and not suppression,
                "consent": email.get("consent", "NEVER_SUBSCRIBED"),
                "consent_timestamp": email.get("timestamp"),
                "last_updated": email.get("timestamp"),
                "method": email.get("method"),
                "method_detail": "",
                "custom_method_detail": email.get("source"),
                "double_optin": None,
                "suppression": suppression,
                "list_suppressions": [],
            }
        },
        "sms": {
            "marketing": {
                "can_receive_sms_marketing": has_phone and sms.get("consent") == "SUBSCRIBED",
                "consent": sms.get("consent", "NEVER_SUBSCRIBED"),
                "consent_timestamp": sms.get("timestamp"),
                "method": sms.get("method"),
                "method_detail": "",
                "last_updated": sms.get("timestamp"),
            },
            "transactional": {
                "can_receive_sms_transactional": has_phone and told.get("consent") == "SUBSCRIBED",
                "consent": told.get("consent", "NEVER_SUBSCRIBED"),
                "consent_timestamp": told.get("timestamp"),
                "method": told.get("method"),
                "method_detail": "",
                "last_updated": told.get("timestamp"),
            },
        },
        "whatsapp": {
            topic: _whatsapp(attributes, consent.get("whatsapp" if topic == "marketing" else f"whatsapp.{topic}", {}))
            for topic in ("marketing", "transactional", "conversational")
        },
    }


def _whatsapp(attributes: Mapping[str, Any], state: Mapping[str, Any]) -> dict[str, Json]:
    """What the profile has agreed to for one kind of WhatsApp message."""
    phone = attributes.get("phone_number")
    return {
        "consent": state.get("consent", "NEVER_SUBSCRIBED"),
        "consent_timestamp": state.get("timestamp"),
        "last_updated": state.get("timestamp"),
        "can_receive": bool(phone) and state.get("consent") == "SUBSCRIBED",
        "phone_number": phone,
    }
