"""A mapping as a whole: compiled, and applied to events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from actions.errors import MappingError, Problem
from actions.mapping.compiler import NOTHING, Compiler, Place, Resolver, is_directive
from actions.mapping.directives import DIRECTIVES
from actions.mapping.reshaping import compile_apply

if TYPE_CHECKING:
    from actions.values import Json

_ROOT_DIRECTIVE = "__segment_internal_directive"
_BOOKKEEPING = ("__segment_internal_sync_mode", "__segment_internal_matching_key")


@dataclass(frozen=True, slots=True, eq=False)  # it holds functions, which are like no others
class CompiledMapping:
    """A mapping ready to be applied to any number of events, from any number of threads."""

    _resolver: Resolver

    def resolve(self, event: Json) -> Json:
        """What the mapping makes of an event: normally an object, `MISSING` if a bare directive finds nothing.

        The result shares parts of the event with it, so change neither in place. Raises `MappingError` with the place
        of the directive that cannot do with this event.
        """
        try:
            return self._resolver(event)
        except RecursionError:
            raise MappingError([Problem("The event is nested too deeply for this mapping.")]) from None


def compile_mapping(mapping: Json) -> CompiledMapping:
    """Compile a mapping. Raises `MappingError` with every problem in it, each with its place as a JSON pointer."""
    compiler = Compiler(DIRECTIVES)
    try:
        resolver = _compile_root(compiler, mapping)
    except RecursionError:
        raise MappingError([Problem("The mapping is nested too deeply.")]) from None
    if compiler.problems:
        raise MappingError(compiler.problems)
    return CompiledMapping(resolver)


def resolve(mapping: Json, event: Json) -> Json:
    """Compile a mapping and apply it to one event; for more than one, keep the compiled mapping."""
    return compile_mapping(mapping).resolve(event)


def _compile_root(compiler: Compiler, mapping: Json) -> Resolver:
    if not isinstance(mapping, dict):
        return compiler.compile(mapping, Place())
    fields = {key: value for key, value in cast("dict[str, Json]", mapping).items() if key not in _BOOKKEEPING}
    if _ROOT_DIRECTIVE not in fields:
        return compiler.compile(fields, Place())
    first = _compile_root_directive(compiler, fields.pop(_ROOT_DIRECTIVE), Place().into(_ROOT_DIRECTIVE))
    rest = compiler.compile(fields, Place())
    return lambda event: rest(first(event))


def _compile_root_directive(compiler: Compiler, directive: Json, place: Place) -> Resolver:
    """Segment runs the `@transform` of the root directive with all other fields as its `mapping`."""
    if not is_directive(directive) or set(directive) - {"@transform", "_metadata"}:
        return compiler.problem(place, "should be an object with the single key @transform.")
    place = place.into("@transform")
    options = compiler.options(directive["@transform"], place, "apply")
    return NOTHING if options is None else compile_apply(compiler, options.get("apply", {}), place.into("apply"))
