"""JSON text in colours, quick enough to be done anew at every key."""

from __future__ import annotations

import re

from textual.content import Content, Span

_TOKEN = re.compile(
    r'(?P<key>"(?:[^"\\\n]|\\.)*")(?=\s*:)'
    r'|(?P<text>"(?:[^"\\\n]|\\.)*"?)'
    r"|(?P<number>-?\d[\d.eE+-]*)"
    r"|(?P<constant>true|false|null)"
)
_STYLES = {
    "key": "$text-primary bold",
    "text": "$text-success 90%",
    "number": "$text-warning",
    "constant": "bold $text-success 80%",
}


def coloured(text: str) -> Content:
    """The text with its keys, texts, numbers and constants in their colours, wherever it was cut off."""
    spans = [Span(*found.span(), _STYLES[found.lastgroup or ""]) for found in _TOKEN.finditer(text)]
    return Content(text, spans=spans)
