"""What Klaviyo took but for a part.

Since 2025 it takes a person whose phone number does not exist or cannot be texted, if something else tells who is
meant, leaves the number out, and says so in the header `X-Klaviyo-Partial-Failure` alone.
"""

from __future__ import annotations

from actions.flow import Response

_HEADER = "x-klaviyo-partial-failure"


def left_out(response: Response, *, of_many: bool = False) -> tuple[str, ...]:
    """The warning of an answer that took something but for a part; none where it took the whole.

    With `of_many`, the request had other rows with a phone number, of which any may be meant.
    """
    part = response.headers.get(_HEADER, "") if response.ok else ""
    if not part:
        return ()
    if part != "phone_number":
        return (f"Klaviyo took it without {part}.",)
    if of_many:
        return ("Klaviyo took this request without a phone number that cannot be texted, perhaps this one.",)
    return ("Klaviyo took it without the phone number, which does not exist or cannot be texted.",)
