"""What a field is. A payload model declares its fields once; forms, checks, coercion and documentation read them.

::

    class Location(Payload):
        city: str | None = field("City", "Town or city.", allow_null=True)

    class UpsertProfile(Payload):
        email: str | None = field("Email", "The person's address.", format="email", default={"@path": "$.traits.email"})
        location: Location | None = field("Location", "Where the person lives.")

    UpsertProfile.fields()["location"].fields["city"].label   # "City"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import datetime
from functools import cache
from types import MappingProxyType, UnionType
from typing import Any, Literal, TypeAlias, Union, cast, get_args, get_origin

from pydantic import BaseModel, ConfigDict
from pydantic import Field as PydanticField
from pydantic.fields import FieldInfo

from actions.values import MISSING, Json, Missing

FieldType: TypeAlias = Literal["string", "number", "boolean", "datetime", "object"]
_TYPES: dict[Any, FieldType] = {str: "string", float: "number", bool: "boolean", datetime: "datetime"}


@dataclass(frozen=True, slots=True)
class Condition:
    """When a field matters: when the field `key` has (`is`) or has not (`is_not`) the given value."""

    key: str
    operator: Literal["is", "is_not"]
    value: Json


@dataclass(frozen=True, slots=True)
class _Declaration:
    """What `field` adds to pydantic's own notes about a field."""

    default: Json | Missing
    format: Literal["email"] | None
    choices: tuple[str, ...]
    minimum: int | None
    maximum: int | None
    allow_null: bool
    hidden: bool
    dynamic: bool
    depends_on: Condition | None
    drop_blank: bool


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an action's payload, as everybody reads it.

    `default` is the binding an editor starts with (a literal or a directive), never a value put in at run time;
    MISSING where there is none. `minimum` and `maximum` bound a number, or the length of a text in characters.
    `dynamic` means that its choices are read from the account. `fields` are an object's sub-fields; `extra` says
    whether an object keeps keys beyond them. `drop_blank` says that an empty text counts as no value.
    """

    key: str
    label: str
    description: str
    type: FieldType
    multiple: bool = False
    required: bool = False
    default: Json | Missing = MISSING
    format: Literal["email"] | None = None
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    allow_null: bool = False
    hidden: bool = False
    dynamic: bool = False
    depends_on: Condition | None = None
    fields: Mapping[str, Field] = attribute(default_factory=dict[str, "Field"])
    extra: bool = False
    drop_blank: bool = True

    @property
    def type_text(self) -> str:
        """The type as people read it: `string`, `list of objects`, `choice`, `email`."""
        name = "choice" if self.choices else self.format or self.type
        return f"list of {name}s" if self.multiple else name

    def default_binding(self) -> Json | Missing:
        """The binding to start with: the field's own, else an object of its sub-fields' (as Track Event's profile)."""
        if self.default is not MISSING:
            return self.default
        parts = {key: part for key, sub in self.fields.items() if (part := sub.default_binding()) is not MISSING}
        return parts or MISSING


def field(  # noqa: PLR0913 - the options of a field are what there is to say of one, all by keyword
    label: str,
    description: str,
    *,
    default: Json | Missing = MISSING,
    required: bool = False,
    format: Literal["email"] | None = None,  # noqa: A002 - Segment's word for it
    choices: tuple[str, ...] = (),
    minimum: int | None = None,
    maximum: int | None = None,
    allow_null: bool = False,
    hidden: bool = False,
    dynamic: bool = False,
    depends_on: Condition | None = None,
    drop_blank: bool = True,
) -> Any:
    """Declare a field of a `Payload`; the arguments are the attributes of `Field`, its type is the annotation."""
    note = _Declaration(default, format, choices, minimum, maximum, allow_null, hidden, dynamic, depends_on, drop_blank)
    schema: dict[str, Any] = {"format": format} if format else {}
    if choices:
        schema["enum"] = list(choices)
    if default is not MISSING:
        schema["x-default-binding"] = default
    info = PydanticField(
        ... if required else None, title=label, description=description, json_schema_extra=schema or None
    )
    cast("FieldInfo", info).metadata.append(note)
    return info


class Payload(BaseModel):
    """Base of the payload models: one class an action, one attribute a field, declared with `field`."""

    model_config = ConfigDict(strict=True, extra="forbid", defer_build=True)  # `coercion` checks; this only declares

    @classmethod
    def fields(cls) -> Mapping[str, Field]:
        """The declared fields by key, in the order of the declaration."""
        return _fields_of(cls)


@cache
def _fields_of(model: type[Payload]) -> Mapping[str, Field]:
    return MappingProxyType({key: _field_of(key, info) for key, info in model.model_fields.items()})


def _field_of(key: str, info: FieldInfo) -> Field:
    note = next(item for item in info.metadata if isinstance(item, _Declaration))
    annotation = _without_none(info.annotation)
    multiple = get_origin(annotation) is list
    kind = _without_none(get_args(annotation)[0]) if multiple else annotation
    model = kind if isinstance(kind, type) and issubclass(kind, Payload) else None
    return Field(
        key=key,
        label=info.title or key,
        description=info.description or "",
        type=_TYPES.get(kind, "object"),
        multiple=multiple,
        required=info.is_required(),
        default=note.default,
        format=note.format,
        choices=note.choices,
        minimum=note.minimum,
        maximum=note.maximum,
        allow_null=note.allow_null,
        hidden=note.hidden,
        dynamic=note.dynamic,
        depends_on=note.depends_on,
        fields=_fields_of(model) if model else MappingProxyType({}),
        extra=model is None or model.model_config.get("extra") == "allow",
        drop_blank=note.drop_blank,
    )


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) not in (Union, UnionType):
        return annotation
    return next(part for part in get_args(annotation) if part is not type(None))
