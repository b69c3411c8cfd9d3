"""What stands at the cursor of a formula that is being typed, for completion and help."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias

from studio.formula.functions import FUNCTIONS, Signature
from studio.formula.syntax import kind_of
from studio.formula.tokens import UNFINISHED_PATH, Token, token_at

Kind: TypeAlias = Literal["path", "placeholder", "function", "argument", "text"]

_PLACEHOLDER: Final = re.compile(r"\{\{\{?\s*([^{}]*)\Z")


class Context(NamedTuple):
    """What is being typed.

    `path`, `placeholder` (a path in a template, which has no `$.`) and `function` carry the `prefix` typed so far and
    the offset where it starts. At a `function` with an empty prefix, any value may begin, and so it may at an
    `argument`, which is the same inside a call. `text` is what cannot be completed. Inside a call, `function` and
    `parameter` tell which and where in it, whatever the kind; `parameter` is None where the call takes no more.
    """

    kind: Kind
    prefix: str
    start: int
    function: str | None = None
    parameter: str | None = None


@dataclass(slots=True)
class _Opened:
    """A bracket not yet closed. `argument` counts the commas, `name` is that of the present argument or key."""

    sign: str
    function: str = ""
    argument: int = 0
    name: str = ""


def context_at(text: str, cursor: int) -> Context:
    """What stands at the cursor, an offset into the text. What follows the cursor does not count."""
    typed = text[: max(cursor, 0)]
    offset = len(typed) - len(typed.lstrip())
    if kind_of(typed) != "expression":
        return _in_text(typed, offset)
    if typed[offset] == "=":
        offset += 1
    opened: list[_Opened] = []
    before: Token | None = None
    token = token_at(typed, offset)
    while not _is_last(typed, token):
        _follow(token, before, opened)
        before, token = token, token_at(typed, token.end)
    if token.kind == "sign":
        _follow(token, before, opened)
        before, token = token, token_at(typed, token.end)
    kind, start = _kind(typed, token, before, opened)
    call = next((one for one in reversed(opened) if one.function in FUNCTIONS), None)
    if call is None:
        return Context(kind, typed[start:], start)
    kind = "argument" if kind == "function" and start == len(typed) else kind
    return Context(kind, typed[start:], start, call.function, _parameter(FUNCTIONS[call.function], call))


def _in_text(typed: str, start: int) -> Context:
    if UNFINISHED_PATH.match(typed, start):
        return Context("path", typed[start:], start)
    if placeholder := _PLACEHOLDER.search(typed):
        return Context("placeholder", placeholder[1], placeholder.start(1))
    return Context("text", "", len(typed))


def _follow(token: Token, before: Token | None, opened: list[_Opened]) -> None:
    """Keep count of the brackets, arguments and names that are open behind a token."""
    if token.kind != "sign":
        return
    if token.text in ("(", "[", "{"):
        called = token.text == "(" and before is not None and before.kind == "name"
        opened.append(_Opened(token.text, before.text if called and before else ""))
    elif not opened:
        return
    elif token.text in (")", "]", "}"):
        opened.pop()
    elif token.text == ",":
        opened[-1].argument += 1
        opened[-1].name = ""
    elif token.text == ":" and before is not None:
        opened[-1].name = before.text


def _is_last(typed: str, token: Token) -> bool:
    """Whether a token reaches the end of what is typed, or would if it were finished."""
    return token.kind == "bad" or token.end == len(typed) or UNFINISHED_PATH.match(typed, token.start) is not None


def _kind(typed: str, token: Token, before: Token | None, opened: list[_Opened]) -> tuple[Kind, int]:
    """The kind of the last token, and where its prefix starts."""
    nothing = ("text", len(typed))
    if token.kind == "bad" and token.text in "\"'":
        placeholder = _PLACEHOLDER.search(typed, token.start)
        in_template = opened and opened[-1].function in ("template", "liquid")
        return ("placeholder", placeholder.start(1)) if placeholder and in_template else nothing
    follows_value = before is not None and (before.kind != "sign" or before.text in (")", "]", "}"))
    is_key = opened and opened[-1].sign == "{" and not opened[-1].name
    if follows_value or is_key:
        return nothing
    if UNFINISHED_PATH.match(typed, token.start):
        return "path", token.start
    return ("function", token.start) if token.kind in ("name", "end") else nothing


def _parameter(signature: Signature, call: _Opened) -> str | None:
    if call.name:
        return call.name if any(one.name == call.name for one in signature.parameters) else None
    positional = [one for one in signature.parameters if not one.named]
    if positional and (positional[-1].many or call.argument < len(positional)):
        return positional[min(call.argument, len(positional) - 1)].name
    return next((one.name for one in signature.parameters if one.named), None)
