"""The configuration: a TOML document of mappings and settings, loaded with every problem, saved with every comment.

::

    config = Config.load("klaviyo.toml")      # raises ConfigError: every problem, with its line
    config.mappings[0] = replace(config.mappings[0], enabled=False)
    config.save()                             # changes that mapping's line and no other byte
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

from actions.config.canonical import same
from actions.config.files import read_text, replace_text
from actions.config.model import VERSION, Mapping
from actions.config.omissions import omit_like
from actions.config.pairing import pair
from actions.config.problems import CommentsWouldBeLost, ConfigError, ConfigProblem
from actions.config.reading import Reading, read
from actions.config.secrets import KEY_IN_FILE, key_lines, key_paths
from actions.config.toml_text import parse
from actions.values import Json

if TYPE_CHECKING:
    from actions.config.source import Source

__all__ = ["CommentsWouldBeLost", "Config", "ConfigError", "ConfigProblem", "Mapping"]


@dataclass
class Config:
    """A configuration. The API key is never part of it.

    `source` is the warehouse whose rows it takes, where it has one. `extra` keeps root keys that this version does not
    know, `warnings` what loading had to say. `path` and `text` are the file it came from and its text, into which it
    is saved.
    """

    mappings: list[Mapping] = field(default_factory=list[Mapping])
    settings: dict[str, Json] = field(default_factory=dict[str, Json])
    version: int = VERSION
    destination: str = "klaviyo"
    extra: dict[str, Json] = field(default_factory=dict[str, Json])
    warnings: list[ConfigProblem] = field(default_factory=list[ConfigProblem], compare=False)
    path: Path | None = field(default=None, compare=False)
    text: str = field(default="", compare=False, repr=False)
    source: Source | None = None

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
        text = read_text(Path(path))
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
            source=reading.source,
            extra=reading.extra,
            warnings=[problem for problem in reading.problems if problem.severity == "warning"],
            text=text,
        )
        return config, reading.problems

    def document(self) -> dict[str, Json]:
        """The configuration as the TOML document that it is written as; a null becomes `NULL`'s directive."""
        from actions.config.writing import without_nulls  # what writes is not needed to read, here as below

        settings = {key: value for key, value in self.settings.items() if key != "api_key"}
        document = {
            "version": self.version,
            "destination": self.destination,
            **self.extra,
            **({"source": self.source.document()} if self.source else {}),
            **({"settings": settings} if settings else {}),
            **({"mapping": [_mapping_document(mapping) for mapping in self.mappings]} if self.mappings else {}),
        }
        return without_nulls(document)

    def dumps(self, *, lose_comments: bool = False) -> str:
        """The text to save: the text it came from with what has changed, or a new one.

        Raises `CommentsWouldBeLost` where comments of a changed part cannot be kept, unless they may be lost, and
        `ConfigError` where TOML cannot say it, parts of the text it came from could not be read, or the text would
        hold an API key.
        """
        text = self._text(lose_comments=lose_comments)
        self._refuse_keys(text)
        return text

    def _text(self, *, lose_comments: bool) -> str:
        reading = read(self.text, str(self.path or ""))
        before = self._from(reading, self.text)[0]
        try:
            if self.text and same(before.document(), self.document()):
                return self.text
            if reading.is_whole:
                text = self._written(before, lose_comments=lose_comments)
                text.encode()
                return text
        except (ValueError, RecursionError) as error:
            message = f"this cannot be written as TOML: {_reason(error)}"
            raise ConfigError([ConfigProblem(message, str(self.path or ""))]) from error
        message = "the file is left as it is, for parts of it cannot be read; mend them first"
        raise ConfigError([ConfigProblem(message, str(self.path or "")), *reading.problems])

    def _refuse_keys(self, text: str) -> None:
        """Raise `ConfigError` where a text to be saved would hold an API key."""
        name = str(self.path or "")
        problems: list[ConfigProblem] = []
        for path, _ in key_paths(self.document()):
            at, fields = (path[1], path[3:4]) if path[:1] == ("mapping",) else (None, ())
            mapping = self.mappings[at].name if isinstance(at, int) else ""
            problems.append(ConfigProblem(KEY_IN_FILE, name, 0, mapping, "".join(map(str, fields))).without_keys())
        problems = problems or [ConfigProblem(KEY_IN_FILE, name, line) for line in key_lines(text)]
        if problems:
            raise ConfigError(problems)

    def _written(self, before: Config, *, lose_comments: bool) -> str:
        """The text of a configuration that has changed since it was `before`."""
        from actions.config.writing import write, write_into

        body = self.text.removeprefix("\ufeff")
        if not body:
            return write(self.document())
        old, new = before.document(), self.document()
        pairs = pair(old.get("mapping", []), new.get("mapping", []))
        document = omit_like(new, old, parse(body), pairs)
        mark = self.text[: len(self.text) - len(body)]
        return mark + write_into(body, document, pairs, lose_comments=lose_comments)

    def save(self, path: str | Path | None = None, *, lose_comments: bool = False) -> None:
        """Write the file, whole or not at all. An unchanged configuration changes no byte.

        Raises `ConfigError` where it cannot be written, `CommentsWouldBeLost` as `dumps`.
        """
        target = Path(path) if path is not None else self.path
        if target is None:
            raise ConfigError([ConfigProblem("the configuration has no file yet; give it a name")])
        text = self.dumps(lose_comments=lose_comments)
        replace_text(target, text)
        self.path, self.text = target, text


def _raise_errors(problems: list[ConfigProblem]) -> None:
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise ConfigError(errors)


def _reason(error: ValueError | RecursionError) -> str:
    if isinstance(error, UnicodeEncodeError):
        return "a text in it holds half of a surrogate pair"
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)


def _mapping_document(mapping: Mapping) -> dict[str, Json]:
    policy = {"on_invalid_phone": "drop"} if mapping.on_invalid_phone == "drop" else {}
    changes: dict[str, Json] = {} if mapping.on is None else {"on": list(mapping.on)}
    return {
        "name": mapping.name,
        "action": mapping.action,
        "enabled": mapping.enabled,
        "trigger": mapping.trigger,
        **policy,
        **changes,
        **mapping.extra,
        "fields": mapping.fields,
    }
