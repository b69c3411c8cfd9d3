"""From the notation to directives: a parser by recursive descent."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final, NoReturn

from actions.values import Json
from studio.formula.functions import FUNCTIONS, Parameter, Signature
from studio.formula.literals import number, strict_json, unquoted
from studio.formula.syntax import (
    DEEPEST,
    LARGEST,
    FormulaError,
    compact_json,
    fits,
    kind_of,
    shortened,
)
from studio.formula.tokens import Token, token_at

_END: Final = "the end"
_VALUE: Final = ("a value", "a path", "a function")
_WORDS: Final[dict[str, Json]] = {"true": True, "false": False, "null": None}


def parse_formula(text: str) -> Json:
    """The directive or literal that a text in the notation stands for. Raises `FormulaError`."""
    trimmed = text.strip()
    if not trimmed:
        raise FormulaError('Nothing is typed. Write "" for an empty text.', 0, ("text", "$.", "="))
    kind = kind_of(trimmed)
    if kind == "text":
        return trimmed
    if kind == "template":
        return {"@template": trimmed}
    start = len(text) - len(text.lstrip())
    if trimmed.startswith("="):
        return _expression(text, start + 1)
    if trimmed.startswith(("{", "[")):
        try:
            return strict_json(trimmed)
        except (ValueError, RecursionError):
            pass  # an object or list with bindings inside, or a mistake that the expression's error explains better
    try:
        return _expression(text, start)
    except FormulaError as error:
        if trimmed.startswith('"') and error.position == start:
            raise  # quotes were meant, and are not finished
        hint = f"If it is meant as text, write {compact_json(trimmed)}." if len(trimmed) <= 60 else "Quote plain text."
        raise FormulaError(f"{error.message} {hint}", error.position, error.expected) from None


def _expression(text: str, start: int) -> Json:
    parser = _Parser(text, start)
    value = parser.expression(1)
    if parser.token.kind != "end":
        parser.unexpected(_END, "??")
    if not fits(value):
        parser.too_large()
    return value


class _Parser:
    """One expression, read token by token. Every method begins at the current token and ends behind what it read."""

    def __init__(self, formula: str, start: int) -> None:
        self.formula = formula
        self.token = token_at(formula, start)
        self.start = start

    def expression(self, depth: int) -> Json:
        """One term, or several with `??` between them: the first that is there."""
        terms = [self.term(depth)]
        while self.at("??"):
            self.advance()
            terms.append(self.term(depth + len(terms)))
        value = terms.pop()
        for left in reversed(terms):
            if not fits(left):
                self.too_large()
            value = {"@if": {"exists": left, "then": _copy(left), "else": value}}
        return value

    def term(self, depth: int) -> Json:
        """A value, a path, a call, a list, an object, or an expression in parentheses."""
        if depth > DEEPEST:
            raise FormulaError(f"This is nested more than {DEEPEST} levels deep. Make it flatter.", self.token.start)
        if self.token.kind == "name":
            return self.word(depth)
        if self.token.kind == "sign" and self.token.text in ("(", "[", "{"):
            return self.bracketed(depth)
        if self.token.kind not in ("path", "text", "number"):
            self.unexpected(*_VALUE)
        token = self.advance()
        if token.kind == "path":
            return {"@path": token.text}
        return unquoted(token) if token.kind == "text" else number(token)

    def bracketed(self, depth: int) -> Json:
        """What stands in brackets: a list, an object, or an expression."""
        bracket = self.advance().text
        if bracket == "[":
            return self.items(depth)
        if bracket == "{":
            return self.members(depth)
        value = self.expression(depth + 1)
        self.expect(")", "The ) of this ( is missing.")
        return value

    def word(self, depth: int) -> Json:
        """true, false, null, or a function called."""
        word = self.advance()
        if word.text in _WORDS:
            return _WORDS[word.text]
        if word.text not in FUNCTIONS:
            self.unknown(word)
        signature = FUNCTIONS[word.text]
        if signature.form == "condition":
            raise FormulaError(f"{word.text}(…) stands only in if(…), as in {signature.example}.", word.start, ("if",))
        return _directive(signature, self.arguments(signature, depth))

    def unknown(self, word: Token) -> NoReturn:
        """Refuse a word that is no function."""
        if word.text.lower() in _WORDS:
            raise FormulaError(f"Write {word.text.lower()} in small letters.", word.start, (word.text.lower(),))
        near = get_close_matches(word.text.lower(), FUNCTIONS, 1)
        if self.at("("):
            hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(FUNCTIONS)}."
            raise FormulaError(
                f"There is no function {shortened(word.text)}. {hint}", word.start, tuple(near or FUNCTIONS)
            )
        hint = f"or did you mean {FUNCTIONS[near[0]]}?" if near else "and paths begin with $."
        message = f"{shortened(word.text)} is no value. Text stands in quotes here, {hint}"
        raise FormulaError(message, word.start, (*_VALUE, *near))

    def arguments(self, signature: Signature, depth: int) -> dict[str, Json]:
        """The arguments of a call by the names of their parameters, those of a `many` parameter in a list."""
        self.expect("(", f"A ( must follow: {signature}.")
        given: dict[str, Json] = {}
        by_name = False
        while not self.at(")"):
            if given:
                self.expect(",", f"The ) of {signature.name}( is missing.", ")")
            name = self.name()
            by_name = by_name or name is not None
            parameter = _named(signature, name, given) if name else self.parameter(signature, given, by_name)
            if parameter.name == "condition":
                given[parameter.name] = self.condition(depth)
            elif parameter.many:
                given.setdefault(parameter.name, []).append(self.expression(depth + 1))
            else:
                given[parameter.name] = self.expression(depth + 1)
        for parameter in signature.parameters:
            if parameter.required and parameter.name not in given:
                raise FormulaError(
                    f"{signature.name} also needs {parameter.name}: {signature}.", self.token.start, (parameter.name,)
                )
        self.advance()
        return given

    def parameter(self, signature: Signature, given: dict[str, Json], by_name: bool) -> Parameter:
        """The parameter that the next argument is for, without a name in front of it."""
        if by_name:
            raise FormulaError("Arguments with a name come last.", self.token.start, _names(signature, given))
        free = (one for one in signature.parameters if not one.named and (one.many or one.name not in given))
        if parameter := next(free, None):
            return parameter
        message = f"{signature.name} takes no more arguments: {signature}."
        raise FormulaError(message, self.token.start, (")", *_names(signature, given)))

    def name(self) -> Token | None:
        """The name in front of an argument, left behind with its colon; None where it has none."""
        ahead = token_at(self.formula, self.token.end)
        if self.token.kind != "name" or ahead.kind != "sign" or ahead.text != ":":
            return None
        name = self.advance()
        self.advance()
        return name

    def condition(self, depth: int) -> Json:
        """The condition of an `if`, as the option it is."""
        word = self.token
        if word.kind != "name" or word.text not in ("exists", "blank"):
            raise FormulaError("if begins with a condition: exists(…) or blank(…).", word.start, ("exists", "blank"))
        self.advance()
        return {word.text: self.arguments(FUNCTIONS[word.text], depth + 1)["value"]}

    def items(self, depth: int) -> list[Json]:
        """The rest of a list."""
        items: list[Json] = []
        while not self.at("]"):
            if items:
                self.expect(",", "The ] of this list is missing.", "]")
            items.append(self.expression(depth + 1))
        self.advance()
        return items

    def members(self, depth: int) -> dict[str, Json]:
        """The rest of an object."""
        members: dict[str, Json] = {}
        while not self.at("}"):
            if members:
                self.expect(",", "The } of this object is missing.", "}")
            token = self.token
            if token.kind not in ("name", "text"):
                self.unexpected("a key", *([] if members else ["}"]))
            key = token.text if token.kind == "name" else unquoted(token)
            if key in members:
                raise FormulaError(f"The key {shortened(key)} stands here twice.", token.start)
            self.advance()
            self.expect(":", f"A : and a value must follow the key {shortened(key)}.")
            members[key] = self.expression(depth + 1)
        self.advance()
        return members

    def too_large(self) -> NoReturn:
        """Refuse what stands for more than a formula may."""
        raise FormulaError(
            f"This stands for more than {LARGEST} values or {DEEPEST} levels; ?? writes its left side twice. "
            "Make it smaller, or write it as JSON.",
            self.start,
        )

    def at(self, sign: str) -> bool:
        """Whether the current token is this sign."""
        return self.token.kind == "sign" and self.token.text == sign

    def advance(self) -> Token:
        """The current token, left behind."""
        token = self.token
        self.token = token_at(self.formula, token.end)
        return token

    def expect(self, sign: str, missing: str, *others: str) -> None:
        """Leave this sign behind. `missing` says what is wrong at the end of the text, `others` what else may stand."""
        if self.at(sign):
            self.advance()
        elif self.token.kind == "end" or (self.token.kind != "bad" and not others):
            raise FormulaError(missing, self.token.start, (sign, *others))
        else:
            self.unexpected(sign, *others)

    def unexpected(self, *expected: str) -> NoReturn:
        """Refuse the current token."""
        token = self.token
        if token.kind == "end":
            message = f"The formula ends too early: {_either(expected)} is missing."
        elif token.kind == "bad" and token.text in "\"'":
            message = f"This text has no end: a {token.text} is missing."
            expected = (token.text,)
        elif token.kind == "bad":
            message = _BAD.get(token.text, f"{token.text!r} means nothing here. Text stands in quotes.")
        elif token.text == "[":
            message = "In the brackets of a path stands an index or a key in quotes: $.products[0], $['a key']."
        elif expected[0] == _END:
            message = f"The formula ends before {shortened(token.text)}. Remove what follows, or join it with ??."
        else:
            message = f"{shortened(token.text)} cannot stand here. Expected: {_either(expected)}."
        raise FormulaError(message, token.start, expected)


_BAD: Final = {
    "$": "A path goes on after the $: $.traits.email, or $['a key'].",
    "?": "Write ?? for “or else”.",
    "=": "A formula begins with a single =, and has no other.",
    ".": "A path begins with $. and a number with a digit.",
}


def _copy(value: Json) -> Json:
    """A value once more, so that no part of a binding stands in two places."""
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


def _names(signature: Signature, given: dict[str, Json]) -> tuple[str, ...]:
    return tuple(one.name for one in signature.parameters if one.named and one.name not in given)


def _named(signature: Signature, token: Token, given: dict[str, Json]) -> Parameter:
    allowed = {one.name: one for one in signature.parameters if not one.many and one.name != "condition"}
    parameter = allowed.get(token.text)
    if parameter is None:
        near = get_close_matches(token.text, allowed, 1)
        hint = f"Did you mean {near[0]}?" if near else f"Write {signature}."
        raise FormulaError(f"{signature.name} has no {shortened(token.text)}. {hint}", token.start, tuple(allowed))
    if parameter.name in given:
        raise FormulaError(f"{parameter.name} is given twice.", token.start)
    return parameter


def _directive(signature: Signature, given: dict[str, Json]) -> Json:
    if signature.form == "value":
        return {signature.directive: given[signature.parameters[0].name]}
    if signature.form == "list":
        return {signature.directive: [given[one.name] for one in signature.parameters if one.name in given]}
    options = {one.option: one.assumed for one in signature.parameters if one.assumed}
    options |= dict(signature.fixed) | given.pop("condition", {})
    options |= {one.option: given[one.name] for one in signature.parameters if one.name in given}
    return {signature.directive: {key: options[key] for key in signature.order if key in options}}


def _either(expected: tuple[str, ...]) -> str:
    *others, last = expected
    return f"{', '.join(others)} or {last}" if others else last
