"""What a field is. A payload declares its fields once; forms, checks, coercion, documentation and models read them.

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
from datetime import datetime
from functools import cache
from types import MappingProxyType, UnionType
from typing import (
    Any,
    ClassVar,
    Literal,
    NamedTuple,
    TypeAlias,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from actions.values import MISSING, Json, Missing

FieldType: TypeAlias = Literal["string", "number", "boolean", "datetime", "object"]
_TYPES: dict[Any, FieldType] = {str: "string", float: "number", bool: "boolean", datetime: "datetime"}


class Condition(NamedTuple):
    """When a field matters: when the field `key` has (`is`) or has not (`is_not`) the given value."""

    key: str
    operator: Literal["is", "is_not"]
    value: Json


class _Declaration(NamedTuple):
    """What `field` says of a field; its type is the annotation."""

    label: str
    description: str
    default: Json | Missing
    required: bool
    format: Literal["email"] | None
    choices: tuple[str, ...]
    minimum: int | None
    maximum: int | None
    allow_null: bool
    hidden: bool
    dynamic: bool
    depends_on: Condition | None
    drop_blank: bool


class Field(NamedTuple):
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
    fields: Mapping[str, Field] = MappingProxyType({})
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
    return _Declaration(
        label,
        description,
        default,
        required,
        format,
        choices,
        minimum,
        maximum,
        allow_null,
        hidden,
        dynamic,
        depends_on,
        drop_blank,
    )


class Payload:
    """Base of the payloads: one class an action, one attribute a field, declared with `field`.

    With `extra="allow"` an object of that class keeps keys beyond its fields.
    """

    extra: ClassVar[Literal["forbid", "allow"]] = "forbid"

    def __init_subclass__(cls, *, extra: Literal["forbid", "allow"] | None = None) -> None:
        cls.extra = extra or cls.extra

    @classmethod
    def fields(cls) -> Mapping[str, Field]:
        """The declared fields by key, in the order of the declaration."""
        return _fields_of(cls)


@cache
def _fields_of(payload: type[Payload]) -> Mapping[str, Field]:
    return MappingProxyType(
        {
            key: _field_of(key, annotation, note)
            for key, annotation in get_type_hints(payload).items()
            if isinstance(note := getattr(payload, key), _Declaration)
        }
    )


def _field_of(key: str, annotation: Any, note: _Declaration) -> Field:
    annotation = without_none(annotation)
    multiple = get_origin(annotation) is list
    kind = without_none(get_args(annotation)[0]) if multiple else annotation
    inner = kind if isinstance(kind, type) and issubclass(kind, Payload) else None
    return Field(
        key=key,
        label=note.label,
        description=note.description,
        type=_TYPES.get(kind, "object"),
        multiple=multiple,
        required=note.required,
        default=note.default,
        format=note.format,
        choices=note.choices,
        minimum=note.minimum,
        maximum=note.maximum,
        allow_null=note.allow_null,
        hidden=note.hidden,
        dynamic=note.dynamic,
        depends_on=note.depends_on,
        fields=_fields_of(inner) if inner else MappingProxyType({}),
        extra=inner is None or inner.extra == "allow",
        drop_blank=note.drop_blank,
    )


def without_none(annotation: Any) -> Any:
    """The type that an annotation allows beside None."""
    if get_origin(annotation) not in (Union, UnionType):
        return annotation
    return next(part for part in get_args(annotation) if part is not type(None))
