"""A function's signature on one line, with the parameter that is being typed always on it."""

from __future__ import annotations

from textual.content import Content

from studio.formula.functions import Signature


def signature_text(signature: Signature, parameter: str | None, width: int) -> Content:
    """As much of the signature as a width takes, around the parameter; `…` stands for what is left out."""
    names = [one.name for one in signature.parameters]
    parts = [str(one) for one in signature.parameters]
    here = names.index(parameter) if parameter in names else 0
    first, last = here, here + 1
    while True:
        if last < len(parts) and len(_around(signature, parts, first, last + 1)) <= width:
            last += 1
        elif first and len(_around(signature, parts, first - 1, last)) <= width:
            first -= 1
        else:
            break
    shown = _around(signature, parts, first, last)
    if parameter not in names:
        return Content(shown)
    start = len(_before(signature, parts, first, here))
    return Content(shown).stylize("bold $text-accent", start, start + len(parts[here]))


def _before(signature: Signature, parts: list[str], first: int, last: int) -> str:
    left = "…, " if first else ""
    return f"{signature.name}({left}{''.join(f'{part}, ' for part in parts[first:last])}"


def _around(signature: Signature, parts: list[str], first: int, last: int) -> str:
    right = ", …" if last < len(parts) else ""
    return f"{_before(signature, parts, first, last).removesuffix(', ')}{right})"
