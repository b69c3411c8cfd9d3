"""Pydantic models of the declared payloads: for their JSON schemas, and to hold what coercion makes against them."""

from __future__ import annotations

from functools import cache, reduce
from types import UnionType
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, create_model
from pydantic import Field as PydanticField

from actions.fields import Field, Payload
from actions.values import Missing


@cache
def model_of(payload: type[Payload]) -> type[BaseModel]:
    """The model of a payload: its fields with their types, labels, descriptions and default bindings."""
    annotations = get_type_hints(payload)
    members: dict[str, Any] = {
        key: (_modelled(annotations[key]), _described(field)) for key, field in payload.fields().items()
    }
    config = ConfigDict(strict=True, extra=payload.extra)
    model: type[BaseModel] = create_model(payload.__name__, __config__=config, __doc__=payload.__doc__, **members)
    return model


def _described(field: Field) -> Any:
    schema: dict[str, Any] = {"format": field.format} if field.format else {}
    if field.choices:
        schema["enum"] = list(field.choices)
    if not isinstance(field.default, Missing):
        schema["x-default-binding"] = field.default
    return PydanticField(
        ... if field.required else None,
        title=field.label,
        description=field.description,
        json_schema_extra=schema or None,
    )


def _modelled(annotation: object) -> Any:
    """An annotation with models in the places of payloads."""
    if isinstance(annotation, type) and issubclass(annotation, Payload):
        return model_of(annotation)
    if get_origin(annotation) in (Union, UnionType):
        parts: list[Any] = [_modelled(part) for part in get_args(annotation)]
        return reduce(lambda one, other: one | other, parts)
    if get_origin(annotation) is list:
        item: Any = _modelled(get_args(annotation)[0])
        return list[item]
    return cast("Any", annotation)
