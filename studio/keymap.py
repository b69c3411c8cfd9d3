"""Keys that people have changed: `keys.toml` in the user's configuration folder, `save = "ctrl+w"` a line."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from pathlib import Path

_MODIFIERS = ("ctrl", "alt", "shift", "super", "meta")
_TYPED = frozenset(
    {"enter", "tab", "space", "backspace", "delete", "escape", "up", "down", "left", "right", "home", "end"}
)
_NAMED = _TYPED | {"insert", "pageup", "pagedown", *(f"f{number}" for number in range(1, 25))}


def keymap_path() -> Path:
    """Where the key map is looked for."""
    import platformdirs

    return platformdirs.user_config_path("mapping-studio") / "keys.toml"


def read_keymap(path: Path, usual: Mapping[str, str], always: Collection[str] = ()) -> tuple[dict[str, str], list[str]]:
    """The keys by the names of what they do, and what is wrong with the file. No file is an empty key map.

    `usual` are the keys as they are without the file. Those in `always` work in the middle of typing, so that none of
    them can be a key that types.
    """
    try:
        text = path.read_text(encoding="utf-8")
        entries = tomllib.loads(text)
    except FileNotFoundError:
        return {}, []
    except (OSError, ValueError) as error:
        return {}, [f"{path} cannot be read: {error}. The keys are as they are without it."]
    keys: dict[str, str] = {}
    problems: list[str] = []
    taken = {one: name for name, key in usual.items() if name not in entries for one in key.split(",")}
    for name, key in entries.items():
        problem = _problem(name, key, usual, taken, is_always=name in always)
        if problem or not isinstance(key, str):
            problems.append(f"{path}:{_line(text, name)}: {problem}")
            taken |= {one: name for one in usual.get(name, "").split(",") if one}
        else:
            keys[name] = ",".join(_parts(key))
            taken |= dict.fromkeys(_parts(key), name)
    return keys, problems


def _problem(name: str, key: object, usual: Mapping[str, str], taken: Mapping[str, str], *, is_always: bool) -> str:
    if name not in usual:
        near = get_close_matches(name, usual, 1)
        return f"there is no {name!r}; " + (f"did you mean {near[0]!r}?" if near else f"there are {', '.join(usual)}")
    if not isinstance(key, str) or not key.strip():
        return f'{name} must be a key as text, such as {name} = "ctrl+w"'
    for one in _parts(key):
        if not _is_key(one):
            return f"{one!r} is no key; keys are written as ctrl+w, f12, alt+x or left_square_bracket"
        if is_always and (one in _TYPED or len(one) == 1 or (one not in _NAMED and "+" not in one)):
            return f"{name} works while you type, so it cannot be {one!r}; take one with ctrl or alt, or f12"
        if taken.get(one, name) != name:
            return f"{one} is the key of {taken[one]}; take another, or give {taken[one]} another one too"
    return ""


def _parts(key: str) -> list[str]:
    return [one.strip() for one in key.split(",")]


def _is_key(text: str) -> bool:
    *modifiers, last = text.split("+")
    if any(modifier not in _MODIFIERS for modifier in modifiers):
        return False
    if len(last) == 1:
        return last.isprintable() and not last.isspace()
    if last in _NAMED:
        return True
    try:
        unicodedata.lookup(last.replace("_", " "))
    except KeyError:
        return False
    return True


def _line(text: str, name: str) -> int:
    """The line at which a name stands, the first where it cannot be found."""
    found = re.search(rf"^[ \t\[]*[\"']?{re.escape(name)}\b", text, re.MULTILINE)
    return text.count("\n", 0, found.start()) + 1 if found else 1
