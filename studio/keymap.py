"""Keys that people have changed: `keys.toml` in the user's configuration folder, `save = "ctrl+w"` a line."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path


def keymap_path() -> Path:
    """Where the key map is looked for."""
    import platformdirs

    return platformdirs.user_config_path("mapping-studio") / "keys.toml"


def read_keymap(path: Path, known: Collection[str]) -> tuple[dict[str, str], list[str]]:
    """The keys by the names of what they do, and what is wrong with the file. No file is an empty key map."""
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}, []
    except (OSError, ValueError) as error:
        return {}, [f"{path} cannot be read: {error}"]
    keys: dict[str, str] = {}
    problems: list[str] = []
    for name, key in entries.items():
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(sorted(known))}"
            problems.append(f"{path}: there is no {name!r}; {hint}")
        elif not isinstance(key, str) or not key:
            problems.append(f'{path}: {name} must be a key as text, such as {name} = "ctrl+w"')
        else:
            keys[name] = key
    return keys, problems
