"""Files: read as UTF-8, and replaced whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from actions.config.problems import ConfigError, ConfigProblem


def read_text(path: Path) -> str:
    """A file's text, its line ends as they are. Raises `ConfigError`."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise _refusal("there is no such file; `studio init` writes one to start from", path) from None
    except IsADirectoryError:
        raise _refusal("this is a folder; name a configuration file", path) from None
    except (OSError, ValueError) as error:  # ValueError: a name with a character that no file's name has
        raise _refusal(f"it cannot be read ({_reason(error)})", path) from error
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _refusal("the text is not UTF-8; save it as UTF-8", path, line) from None


def replace_text(path: Path, text: str) -> None:
    """Put a text in the place of a file at once. Its permissions stay, and a link goes on pointing at it.

    Raises `ConfigError`; the file is then as it was.
    """
    try:
        _replace(path.resolve(), text.encode())
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: links that point at each other
        raise _refusal(f"it cannot be written ({_reason(error)})", path) from error


def _replace(target: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(target.stat().st_mode & 0o7777 if target.exists() else 0o666 & ~_umask())
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _refusal(message: str, path: Path, line: int = 0) -> ConfigError:
    return ConfigError([ConfigProblem(message, str(path), line)])


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
