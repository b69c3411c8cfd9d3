"""The source of a configuration: a model in a warehouse, whose rows become events (Reverse ETL)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal, NamedTuple, cast

from actions.values import Json, type_name

KINDS = ("duckdb", "postgres")
_KEYS = ("kind", "database", "dsn_env", "model", "model_file", "id")
_LONGEST_MODEL = 65_535
"""Characters of a model's SQL, as at Segment."""
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_PASSWORD = re.compile(r"\bpassword\s*=|://[^/@\s]*:[^/@\s]*@", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where rows come from: `id` is the column of `model` (SQL, or in the file `model_file`) that tells rows apart.

    `database` is a file of DuckDB's, or what names a PostgreSQL database without its password; `dsn_env` is the
    environment variable that has it instead. Neither: DuckDB in memory, for files. Paths are relative to the
    configuration's folder. `extra` keeps keys that this version does not know.
    """

    kind: str = "duckdb"
    database: str = ""
    dsn_env: str = ""
    model: str = ""
    model_file: str = ""
    id: str = ""
    extra: dict[str, Json] = field(default_factory=dict[str, Json])

    def document(self) -> dict[str, Json]:
        """The table as it is written."""
        return {key: getattr(self, key) for key in _KEYS if getattr(self, key)} | self.extra


class SourceProblem(NamedTuple):
    """What is wrong with a source, at a key of it or as a whole."""

    message: str
    path: tuple[str, ...] = ()
    severity: Literal["error", "warning"] = "error"


def read_source(table: Json) -> tuple[Source | None, list[SourceProblem]]:
    """The source that a `[source]` table declares, None where it cannot be used, and all that is wrong with it."""
    if not isinstance(table, dict):
        return None, [SourceProblem(f"[source] must be a table but it is {_a(table)}")]
    document = cast("dict[str, Json]", table)
    problems = list(_problems(document))
    if any(problem.severity == "error" for problem in problems):
        return None, problems
    known = {key: cast("str", value) for key, value in document.items() if key in _KEYS}
    extra = {key: value for key, value in document.items() if key not in _KEYS}
    return Source(**known, extra=extra), problems


def _problems(document: dict[str, Json]) -> Iterator[SourceProblem]:
    for key, value in document.items():
        if key not in _KEYS:
            near = get_close_matches(key, _KEYS, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            yield SourceProblem(f"{key!r} is not known here and is kept as it is{hint}", (key,), "warning")
        elif not isinstance(value, str) or not value.strip():
            found = "empty" if isinstance(value, str) else _a(value)
            yield SourceProblem(f"`{key}` must be a text but it is {found}", (key,))
    kind = document.get("kind", "duckdb")
    if isinstance(kind, str) and kind.strip() and kind not in KINDS:
        near = get_close_matches(kind.lower().replace("postgresql", "postgres"), KINDS, 1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(KINDS)}"
        yield SourceProblem(f"there is no kind of source {kind!r}{hint}", ("kind",))
    yield from _model_problems(document)
    if "id" not in document:
        yield SourceProblem("`id` is missing: the column of the model whose values tell its rows apart")
    yield from _database_problems(document, kind)


def _model_problems(document: dict[str, Json]) -> Iterator[SourceProblem]:
    if "model" in document and "model_file" in document:
        yield SourceProblem("there are both `model` and `model_file`; leave one of them out", ("model_file",))
    elif "model" not in document and "model_file" not in document:
        yield SourceProblem(
            "`model` is missing: the SQL whose rows are synced, such as \"select * from 'people.csv'\"; or `model_file`"
        )
    model = document.get("model")
    if isinstance(model, str) and len(model) > _LONGEST_MODEL:
        yield SourceProblem(
            f"the model has {len(model):,} characters and Segment takes {_LONGEST_MODEL:,}; make it a view", ("model",)
        )


def _database_problems(document: dict[str, Json], kind: Json) -> Iterator[SourceProblem]:
    variable, database = document.get("dsn_env"), document.get("database")
    if "dsn_env" in document and "database" in document:
        yield SourceProblem("there are both `database` and `dsn_env`; leave one of them out", ("dsn_env",))
    if isinstance(variable, str) and variable and not _VARIABLE.fullmatch(variable):
        yield SourceProblem(
            '`dsn_env` is the name of an environment variable, such as "WAREHOUSE_DSN"; set the variable to the rest',
            ("dsn_env",),
        )
    if isinstance(database, str) and _PASSWORD.search(database):
        yield SourceProblem(
            "a password stands here, where others can read it. Put the whole into an environment variable and name "
            "that with `dsn_env`",
            ("database",),
        )
    if kind == "postgres" and "dsn_env" not in document and "database" not in document:
        yield SourceProblem(
            'PostgreSQL needs `dsn_env`, the environment variable that has the address, such as "WAREHOUSE_DSN"'
        )


def _a(value: Json) -> str:
    name = type_name(value)
    return f"{'an' if name[0] in 'ao' else 'a'} {name}"
