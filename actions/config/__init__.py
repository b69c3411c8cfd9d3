"""The configuration: a TOML document of mappings and settings, loaded with every problem, saved with every comment.

::

    config = Config.load("klaviyo.toml")      # raises ConfigError: every problem, with its line
    config.mappings[0] = replace(config.mappings[0], enabled=False)
    config.save()                             # changes that mapping's line and no other byte
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from actions.config.model import VERSION, Mapping
from actions.config.problems import CommentsWouldBeLost, ConfigError, ConfigProblem
from actions.config.reading import Reading, decode, read
from actions.config.writing import without_nulls, write, write_into
from actions.values import Json

__all__ = ["CommentsWouldBeLost", "Config", "ConfigError", "ConfigProblem", "Mapping"]


@dataclass
class Config:
    """A configuration. The API key is never part of it.

    `extra` keeps root keys that this version does not know, `warnings` what loading had to say. `path` and `text` are
    the file it came from and its text, into which it is saved.
    """

    mappings: list[Mapping] = field(default_factory=list[Mapping])
    settings: dict[str, Json] = field(default_factory=dict[str, Json])
    version: int = VERSION
    destination: str = "klaviyo"
    extra: dict[str, Json] = field(default_factory=dict[str, Json])
    warnings: list[ConfigProblem] = field(default_factory=list[ConfigProblem], compare=False)
    path: Path | None = field(default=None, compare=False)
    text: str = field(default="", compare=False, repr=False)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a file. Raises `ConfigError` with every error; warnings are kept in `warnings`."""
        config, problems = cls.read(path)
        _raise_errors(problems)
        return config

    @classmethod
    def loads(cls, text: str, name: str = "configuration") -> Self:
        """Read a text. Raises `ConfigError` with every error."""
        config, problems = cls._from(read(text, name), text)
        _raise_errors(problems)
        return config

    @classmethod
    def read(cls, path: str | Path) -> tuple[Self, list[ConfigProblem]]:
        """Read what can be read of a file, and everything that is wrong with it.

        Raises `ConfigError` only where there is no text to read.
        """
        text = decode(Path(path))
        config, problems = cls._from(read(text, str(path)), text)
        config.path = Path(path)
        return config, problems

    @classmethod
    def _from(cls, reading: Reading, text: str) -> tuple[Self, list[ConfigProblem]]:
        config = cls(
            mappings=reading.mappings,
            settings=reading.settings,
            version=reading.document.get("version", VERSION),
            destination=reading.document.get("destination", "klaviyo"),
            extra=reading.extra,
            warnings=[problem for problem in reading.problems if problem.severity == "warning"],
            text=text,
        )
        return config, reading.problems

    def document(self) -> dict[str, Json]:
        """The configuration as the TOML document that it is written as; a null becomes `NULL`'s directive."""
        settings = {key: value for key, value in self.settings.items() if key != "api_key"}
        document = {
            "version": self.version,
            "destination": self.destination,
            **self.extra,
            **({"settings": settings} if settings else {}),
            **({"mapping": [_mapping_document(mapping) for mapping in self.mappings]} if self.mappings else {}),
        }
        return without_nulls(document)

    def _document_like(self, before: dict[str, Json]) -> dict[str, Json]:
        """The document, with defaults written out only where the one before has them written out."""
        document = self.document()
        for key, default in (("version", VERSION), ("destination", "klaviyo")):
            if key not in before and document[key] == default:
                del document[key]
        if "settings" in before:
            document.setdefault("settings", {})
        if "mapping" in before:
            document.setdefault("mapping", [])
        by_name = {mapping.get("name"): mapping for mapping in before.get("mapping", [])}
        for mapping in document.get("mapping", []):
            old = by_name.get(mapping["name"], mapping)
            for key in ("enabled", "fields"):
                if key not in old and mapping[key] in (True, {}):
                    del mapping[key]
            if old.get("on_invalid_phone") == "reject":
                mapping.setdefault("on_invalid_phone", "reject")
        return document

    def dumps(self, *, lose_comments: bool = False) -> str:
        """The text to save: the text it came from with what has changed, or a new one.

        Raises `CommentsWouldBeLost` where comments of a changed part cannot be kept, unless they may be lost.
        """
        body = self.text.removeprefix("\ufeff")
        try:
            if not body:
                return write(self.document())
            before = read(body, "")
            if self._from(before, body)[0] == self:
                return self.text
            mark = self.text[: len(self.text) - len(body)]
            return mark + write_into(body, self._document_like(before.document), lose_comments=lose_comments)
        except ValueError as error:
            raise ConfigError(
                [ConfigProblem(f"this cannot be written as TOML: {error}", str(self.path or ""))]
            ) from error

    def save(self, path: str | Path | None = None, *, lose_comments: bool = False) -> None:
        """Write the file, whole or not at all. An unchanged configuration changes no byte.

        Raises `ConfigError` where it cannot be written, `CommentsWouldBeLost` as `dumps`.
        """
        target = Path(path) if path is not None else self.path
        if target is None:
            raise ConfigError([ConfigProblem("the configuration has no file yet; give it a name")])
        text = self.dumps(lose_comments=lose_comments)
        try:
            _replace(target, text.encode())
        except OSError as error:
            raise ConfigError(
                [ConfigProblem(f"it cannot be written ({error.strerror or error})", str(target))]
            ) from error
        self.path, self.text = target, text


def _raise_errors(problems: list[ConfigProblem]) -> None:
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise ConfigError(errors)


def _mapping_document(mapping: Mapping) -> dict[str, Json]:
    policy = {"on_invalid_phone": "drop"} if mapping.on_invalid_phone == "drop" else {}
    return {
        "name": mapping.name,
        "action": mapping.action,
        "enabled": mapping.enabled,
        "trigger": mapping.trigger,
        **policy,
        **mapping.extra,
        "fields": mapping.fields,
    }


def _replace(target: Path, content: bytes) -> None:
    """Put a file in the place of another at once; its permissions stay, and a link goes on pointing at it."""
    real = target.resolve()
    handle, name = tempfile.mkstemp(prefix=f".{real.name}.", dir=real.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        mode = real.stat().st_mode & 0o7777 if real.exists() else 0o666 & ~_umask()
        temporary.chmod(mode)
        temporary.replace(real)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
