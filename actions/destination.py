"""What a destination declares: its settings, its actions, their hooks and presets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from actions.fields import Field, Payload
from actions.flow import Flow, Request, Response
from actions.values import Json, Missing

if TYPE_CHECKING:
    from actions.pacing import LimitOf

PayloadDict: TypeAlias = dict[str, Json]


class Verdict(NamedTuple):
    """What a flow found out about one event: whether Klaviyo (or who it is) took it, and if not, why.

    `job` is the id of the job that goes on with it, where what took it says so.
    """

    status: Literal["delivered", "invalid", "rejected", "retryable"]
    message: str | None = None
    warnings: tuple[str, ...] = ()
    job: str | None = None


DELIVERED = Verdict("delivered")


class InvalidPayload(ValueError):
    """A payload that must not be sent: its text says what is wrong and what to do."""


class Prepared(NamedTuple):
    """A payload ready for a flow, with what had to be said about it."""

    payload: PayloadDict
    warnings: tuple[str, ...] = ()


class Packed(NamedTuple):
    """What bulk requests need of a payload: its rows, each a JSON value, ready to be joined.

    Of the rows of a request with the same identity only the first may be sent, where their persons are the same too;
    `identities` has one a row, or none where that does not matter.
    """

    rows: tuple[bytes, ...]
    identities: tuple[str, ...] = ()


class Preparation(NamedTuple):
    """How a mapping wants payloads prepared: `on_invalid_phone` rejects the event or drops the phone."""

    on_invalid_phone: Literal["reject", "drop"] = "reject"


class Connection(NamedTuple):
    """What became of connecting to a list: the verdict, whose message also says what went well, and the list.

    `is_new` says that the list was created for it.
    """

    verdict: Verdict
    id: str = ""
    name: str = ""
    is_new: bool = False


class Hook(NamedTuple):
    """Something that runs when a mapping is saved, such as creating the list it fills.

    `name` is what it leaves in the mapping, in a word or two, `label` what it does. `inputs` and `outputs` are the
    fields of what it asks and of what the mapping remembers under the hook's key; `perform` does it with inputs.
    """

    key: str
    name: str
    label: str
    description: str
    inputs: type[Payload]
    outputs: type[Payload]
    perform: Callable[[PayloadDict], Flow[Connection]]


@dataclass(frozen=True, slots=True, eq=False)  # declared once, and compared as itself
class Action:
    """One thing that a destination can do with an event. `needs` says in words what it cannot do without.

    `prepare` checks a coerced payload beyond its fields and makes it what the flows take; it raises `InvalidPayload`.
    `perform` sends one payload. `perform_packed` sends many that may share requests: those that have the `batch_key`
    which it is given, each as `pack` makes it (which raises `PydanticSerializationError` for text that JSON cannot
    carry). `batch_maximum` is how many events at most go into one request. `person` gives what names the person of a
    payload, an entry an identifier; `changes_consent` says that it changes who may be written to.
    `audience` gives the audience, a list, that a payload of an Engage action joins or leaves.
    """

    slug: str
    title: str
    description: str
    needs: str
    trigger: str
    payload: type[Payload]
    prepare: Callable[[PayloadDict, Preparation], Prepared]
    perform: Callable[[PayloadDict], Flow[Verdict]]
    pack: Callable[[PayloadDict], Packed]
    perform_packed: Callable[[tuple[Json, ...], Sequence[Packed]], Flow[list[Verdict]]]
    batch_key: Callable[[PayloadDict], tuple[Json, ...]]
    batch_maximum: int
    person: Callable[[PayloadDict], tuple[str, ...]]
    changes_consent: bool = False
    audience: Callable[[PayloadDict], str] | None = None
    hooks: tuple[Hook, ...] = ()
    hints: tuple[str, ...] = ()

    @property
    def fields(self) -> Mapping[str, Field]:
        """The fields of its payload by key."""
        return self.payload.fields()

    def perform_batch(self, payloads: Sequence[PayloadDict]) -> Flow[list[Verdict]]:
        """Send payloads of the same batch key, one at least, in requests that they share; a verdict each."""
        return self.perform_packed(self.batch_key(payloads[0]), [self.pack(payload) for payload in payloads])

    def default_fields(self) -> dict[str, Json]:
        """The bindings an editor starts with, sub-fields' included."""
        bindings = {key: field.default_binding() for key, field in self.fields.items()}
        return {key: binding for key, binding in bindings.items() if not isinstance(binding, Missing)}


class Preset(NamedTuple):
    """An action as Segment offers it ready-made for one kind of event."""

    name: str
    action: str
    event: str


class JobResult(NamedTuple):
    """How a job stands: `done` or not, and of the rows that failed in it what names each person, and why it failed.

    `problem` says why nothing can be known of it (now, where it is not `done`), or, where `is_undone`, why nothing came
    of it.
    """

    done: bool
    failed: tuple[tuple[tuple[str, ...], str], ...] = ()
    problem: str = ""
    is_undone: bool = False


@dataclass(frozen=True, slots=True, eq=False)  # as actions are
class Destination:
    """Where events go: its host, how it is told who we are, and what it can do.

    `headers` makes the headers of every request from the settings (`ValueError` where they are wrong); those named in
    `secret_headers` are never shown. `authenticate` finds out whether the settings are accepted, and by whom.
    `limit_of` says how many requests an account may send, `rehearse` answers a request as if all went well, `follow`
    looks at a job by its id. `create_audience` takes the name of an Engage audience and the id of a list that it is to
    use, if there is one; `verify_audience` finds out whether the account has an audience's list. `home` is where the
    declaration stands (`module:name`): other processes import it.
    """

    name: str
    slug: str
    url: str
    settings: type[Payload]
    actions: Mapping[str, Action]
    presets: tuple[Preset, ...]
    headers: Callable[[Mapping[str, Any]], Mapping[str, str]]
    secret_headers: frozenset[str]
    authenticate: Callable[[], Flow[tuple[Verdict, Prepared]]]
    limit_of: LimitOf
    rehearse: Callable[[Request], Response]
    follow: Callable[[str], Flow[JobResult]]
    create_audience: Callable[[str, str | None], Flow[Connection]]
    verify_audience: Callable[[str], Flow[Verdict]]
    home: str

    def __reduce__(self) -> tuple[Callable[[str], Destination], tuple[str]]:
        return find_destination, (self.home,)


def find_destination(home: str) -> Destination:
    """The destination declared at `module:name`."""
    module, _, name = home.partition(":")
    return getattr(import_module(module), name)
