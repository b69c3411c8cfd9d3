"""Segment's mapping language: JSON with directives in it, compiled once and applied to every event.

::

    mapping = compile_mapping({"email": {"@path": "$.traits.email"}})
    mapping.resolve({"traits": {"email": "ann@example.com"}})      # {"email": "ann@example.com"}

The results are those of Segment's own engine, with the differences that make it safer: nothing is rendered twice,
`@liquid` is bounded, and a directive that fails on one event fails that event and says where.
"""

from actions.errors import MappingError
from actions.mapping.compiled import CompiledMapping, compile_mapping, resolve
from actions.mapping.paths import compile_path

__all__ = ["CompiledMapping", "MappingError", "compile_mapping", "compile_path", "resolve"]
