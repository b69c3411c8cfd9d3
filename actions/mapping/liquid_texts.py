"""LiquidJS's filters on text: editing, HTML, URLs and codes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import html
import re
import unicodedata
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote_to_bytes

from actions.mapping.liquid_numbers import whole
from actions.mapping.liquid_values import LiquidError, bounded, is_truthy, stringify
from actions.mapping.templates import BLANKS
from actions.values import MISSING, Json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SPACES = re.compile(f"[{BLANKS}]+")
_BAD_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_ENTITY = re.compile("&(?:amp|lt|gt|#34|#39);")
_CJK = re.compile("[\u4e00-\u9fff\uf900-\ufaff\u3400-\u4dbf\u3040-\u30ff\uac00-\ud7af]")
_RAW_BLOCKS = (("<script", "</script>"), ("<style", "</style>"), ("<!--", "-->"), ("<", ">"))


def _append(value: Json, *suffix: Json) -> Json:
    return stringify(value) + _only_text("append", suffix)


def _prepend(value: Json, *prefix: Json) -> Json:
    return _only_text("prepend", prefix) + stringify(value)


def _only_text(name: str, arguments: tuple[Json, ...]) -> str:
    if len(arguments) != 1:
        raise LiquidError(f"{name} takes one argument")
    return stringify(arguments[0])


def _capitalize(value: Json) -> Json:
    given = stringify(value)
    return given[:1].upper() + given[1:].lower()


def _downcase(value: Json) -> Json:
    return stringify(value).lower()


def _upcase(value: Json) -> Json:
    return stringify(value).upper()


def _strip(value: Json, characters: Json = MISSING) -> Json:
    return stringify(value).strip(_to_strip(characters))


def _lstrip(value: Json, characters: Json = MISSING) -> Json:
    return stringify(value).lstrip(_to_strip(characters))


def _rstrip(value: Json, characters: Json = MISSING) -> Json:
    return stringify(value).rstrip(_to_strip(characters))


def _to_strip(characters: Json) -> str:
    return "".join(dict.fromkeys(stringify(characters))) or BLANKS


def _strip_newlines(value: Json) -> Json:
    return stringify(value).replace("\r\n", "").replace("\n", "")


def _normalize_whitespace(value: Json) -> Json:
    return _SPACES.sub(" ", stringify(value))


def _squish(value: Json) -> Json:
    return _SPACES.sub(" ", stringify(value)).strip(BLANKS)


def _remove(value: Json, unwanted: Json = MISSING) -> Json:
    given = stringify(value)
    return given.replace(wanted, "") if (wanted := stringify(unwanted)) else given


def _remove_first(value: Json, unwanted: Json = MISSING) -> Json:
    return stringify(value).replace(stringify(unwanted), "", 1)


def _remove_last(value: Json, unwanted: Json = MISSING) -> Json:
    return _replace_last(value, unwanted, "")


def _replace(value: Json, pattern: Json = MISSING, replacement: Json = MISSING) -> Json:
    given, old, new = stringify(value), stringify(pattern), stringify(replacement)
    count = given.count(old) if old else len(given)
    bounded(len(given) + count * (len(new) - len(old)))
    return given.replace(old, new) if old else new.join(given)


def _replace_first(value: Json, pattern: Json = MISSING, replacement: Json = MISSING) -> Json:
    return stringify(value).replace(stringify(pattern), stringify(replacement), 1)


def _replace_last(value: Json, pattern: Json = MISSING, replacement: Json = MISSING) -> Json:
    given, old = stringify(value), stringify(pattern)
    # found backwards from the end, because `rfind` takes quadratic time on texts made for it
    end = len(given) - given[::-1].find(old[::-1])
    return given if end > len(given) else given[: end - len(old)] + stringify(replacement) + given[end:]


def _truncate(value: Json, length: Json = MISSING, ellipsis: Json = MISSING) -> Json:
    given = stringify(value)
    most = 50 if length is MISSING else whole(length)
    tail = "..." if ellipsis is MISSING else stringify(ellipsis)
    return value if len(given) <= most else given[: max(most - len(tail), 0)] + tail


def _truncatewords(value: Json, count: Json = MISSING, ellipsis: Json = MISSING) -> Json:
    words = _SPACES.split(stringify(value).lstrip(BLANKS))
    most = 15 if count is MISSING else max(whole(count), 1)
    tail = "..." if ellipsis is MISSING else stringify(ellipsis)
    return " ".join(words[:most]) + (tail if len(words) >= most else "")


def _number_of_words(value: Json, mode: Json = MISSING) -> Json:
    given = stringify(value).strip(BLANKS)
    if mode in ("cjk", "auto"):
        single = len(_CJK.findall(given))
        if single or mode == "cjk":
            return single + len(_CJK.sub(" ", given).split())
    return len(_SPACES.split(given)) if given else 0


def _split(value: Json, separator: Json = MISSING) -> Json:
    given, between = stringify(value), stringify(separator)
    parts = given.split(between) if between else list(given)
    while parts and not parts[-1]:
        parts.pop()
    return parts


def _slugify(value: Json, mode: Json = "default", cased: Json = False) -> Json:
    given = stringify(value)
    kept = {"raw": None, "ascii": "", "pretty": "._~!$&'()+,;=@", "default": "", "latin": ""}
    if isinstance(mode, str) and mode in kept:
        if mode == "latin":
            given = _without_accents(given)
        given = "".join(character if _in_slug(character, mode, kept[mode]) else "\0" for character in given)
        given = re.sub("\0+", "-", given)
        given = re.sub(r"^-|-\Z", "", given)
    return given if is_truthy(cased) else given.lower()


def _in_slug(character: str, mode: str, others: str | None) -> bool:
    if others is None:
        return character not in BLANKS
    if mode == "ascii":
        return character.isascii() and character.isalnum()
    category = unicodedata.category(character)
    return category[0] in "LM" or category == "Nd" or character in others


def _without_accents(given: str) -> str:
    given = given.translate(str.maketrans({"æ": "ae", "ø": "o", "ð": "d", "ß": "ss", "œ": "oe", "þ": "th", "ẞ": "SS"}))
    given = given.translate(str.maketrans({"Œ": "OE", "Þ": "TH"}))
    return "".join(
        unicodedata.normalize("NFD", character)[0] if "à" <= character <= "ÿ" else character for character in given
    )


# HTML, URLs and codes


def _escape(value: Json) -> Json:
    return html.escape(stringify(value)).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")


def _escape_once(value: Json) -> Json:
    return _escape(_ENTITY.sub(lambda entity: html.unescape(entity[0]), stringify(value)))


def _strip_html(value: Json) -> Json:
    given, kept, at = stringify(value), list[str](), 0
    blocks = dict(_RAW_BLOCKS)
    while (start := given.find("<", at)) >= 0:
        kept.append(given[at:start])
        at = start
        for opener in [opener for opener in blocks if given.startswith(opener, start)]:
            end = given.find(blocks[opener], start + len(opener))
            if end >= 0:
                at = end + len(blocks[opener])
                break
            del blocks[opener]  # it is closed nowhere behind this either, so never search again
        if at == start:
            break
    return "".join(kept) + given[at:]


def _url_encode(value: Json) -> Json:
    return quote(stringify(value), safe="-_.!~*'()").replace("%20", "+")


def _cgi_escape(value: Json) -> Json:
    return quote(stringify(value), safe="-_.~").replace("%20", "+")


def _uri_escape(value: Json) -> Json:
    return quote(stringify(value), safe=";,/?:@&=+$-_.!~*'()#[]")


def _url_decode(value: Json) -> Json:
    given = stringify(value).replace("+", " ")
    try:
        if _BAD_ESCAPE.search(given):
            raise LiquidError("url_decode: the text is not URL-encoded")
        return unquote_to_bytes(given).decode()
    except UnicodeError as error:
        raise LiquidError("url_decode: the text is not URL-encoded") from error


def _base64_encode(value: Json) -> Json:
    return base64.b64encode(stringify(value).encode()).decode()


def _base64_decode(value: Json) -> Json:
    given = re.sub("[\t\n\f\r ]", "", stringify(value))
    digits = given.rstrip("=")
    if not _BASE64.fullmatch(given) or len(digits) % 4 == 1:
        raise LiquidError("base64_decode: the text is not base64")
    try:
        return base64.b64decode(digits + "=" * (-len(digits) % 4)).decode(errors="replace")
    except binascii.Error as error:
        raise LiquidError("base64_decode: the text is not base64") from error


def _sha256(value: Json) -> Json:
    return hashlib.sha256(stringify(value).encode()).hexdigest()


def _hmac_sha256(value: Json, key: Json = MISSING) -> Json:
    return hmac.new(stringify(key).encode(), stringify(value).encode(), hashlib.sha256).hexdigest()


FILTERS: Final[Mapping[str, Callable[..., Json]]] = {
    "append": _append,
    "base64_decode": _base64_decode,
    "base64_encode": _base64_encode,
    "capitalize": _capitalize,
    "cgi_escape": _cgi_escape,
    "downcase": _downcase,
    "escape": _escape,
    "escape_once": _escape_once,
    "hmac_sha256": _hmac_sha256,
    "lstrip": _lstrip,
    "normalize_whitespace": _normalize_whitespace,
    "number_of_words": _number_of_words,
    "prepend": _prepend,
    "remove": _remove,
    "remove_first": _remove_first,
    "remove_last": _remove_last,
    "replace": _replace,
    "replace_first": _replace_first,
    "replace_last": _replace_last,
    "rstrip": _rstrip,
    "sha256": _sha256,
    "slugify": _slugify,
    "split": _split,
    "squish": _squish,
    "strip": _strip,
    "strip_html": _strip_html,
    "strip_newlines": _strip_newlines,
    "truncate": _truncate,
    "truncatewords": _truncatewords,
    "upcase": _upcase,
    "uri_escape": _uri_escape,
    "url_decode": _url_decode,
    "url_encode": _url_encode,
    "xml_escape": _escape,
}
"""The filters by name."""
