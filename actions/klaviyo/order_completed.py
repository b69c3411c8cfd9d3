"""Order Completed: record an order, and each of its products as an event of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from pydantic_core import to_json

from actions.destination import DELIVERED, Action, Packed, PayloadDict, Preparation, Prepared, Verdict
from actions.fields import Payload, field
from actions.flow import Flow
from actions.klaviyo.events import (
    BULK_MAXIMUM,
    Event,
    OrderProfile,
    identifiers_of_event,
    pack_events,
    prepare_event,
    properties_field,
    record_events,
    time_field,
    unique_id_field,
    value_field,
)
from actions.klaviyo.left_out import left_out
from actions.klaviyo.refusals import verdict

_ORDER_NAME = "Order Completed"
_PRODUCT_NAME = "Ordered Product"
_PRODUCT_IDS = UUID("6f1c9a1e-7d0b-5c3e-9a53-0b6a8e1f4d27")


class OrderCompleted(Payload):
    """What Order Completed takes."""

    profile: OrderProfile = field(
        "Profile",
        "Who ordered: an e-mail address, a phone number, an external id or an anonymous id, and any attributes.",
        required=True,
    )
    properties: dict[str, Any] = properties_field()
    time: datetime | None = time_field()
    value: float | None = value_field()
    unique_id: str | None = unique_id_field()
    products: list[dict[str, Any]] | None = field(
        "Products", "The order's products; each also becomes an event of its own, with the order's properties."
    )
    event_name: str | None = field("Event Name", "The order's metric at Klaviyo.", default=_ORDER_NAME)
    product_event_name: str | None = field("Product Event Name", "The products' metric.", default=_PRODUCT_NAME)


def _prepare(payload: PayloadDict, preparation: Preparation) -> Prepared:
    return prepare_event(payload, preparation, [_order_name(payload), _product_name(payload)])


def _order_name(payload: PayloadDict) -> str:
    return payload.get("event_name", _ORDER_NAME)


def _product_name(payload: PayloadDict) -> str:
    return payload.get("product_event_name", _PRODUCT_NAME)


def _events(payload: PayloadDict) -> list[Event]:
    """The order's event and its products'. A product's keys go before the order's of the same name.

    A product's id is made of the order's and its position, so that sending an order again doubles nothing.
    """
    order = Event.of(payload, _order_name(payload))
    shared = {key: value for key, value in payload["properties"].items() if key != "products"}
    seed = order.unique_id or to_json([order.metric, order.profile, order.properties, order.time]).decode()
    return [
        order,
        *(
            Event(
                _product_name(payload),
                order.profile,
                {**shared, **product},
                order.time,
                unique_id=str(uuid5(_PRODUCT_IDS, f"{position}:{seed}")),
            )
            for position, product in enumerate(payload.get("products", ()))
        ),
    ]


def _perform(payload: PayloadDict) -> Flow[Verdict]:
    """Send the order, then all of its products: one that fails does not keep the others back.

    What failed for now goes before what failed for good, since sending the order again doubles nothing.
    """
    found = DELIVERED
    for position, event in enumerate(_events(payload)):
        response = yield event.request()
        if response.ok:
            if found.status == "delivered":
                found = found._replace(warnings=found.warnings or left_out(response))
            continue
        refused = verdict(response)
        if position == 0:
            return refused
        if found.status != "retryable":
            found = refused._replace(
                message=f"The order is recorded, but its product number {position} is not. {refused.message}"
            )
        if response.status == 0:  # there is no connection for the others either
            return found
    return found


def _pack(payload: PayloadDict) -> Packed:
    return pack_events(_events(payload))


ORDER_COMPLETED = Action(
    slug="orderCompleted",
    title="Order Completed",
    description="Records an order, and one event for each product in it.",
    needs="who did it (an e-mail address, a phone number, an external id or an anonymous id); the order's properties",
    trigger='type = "track"',
    payload=OrderCompleted,
    prepare=_prepare,
    perform=_perform,
    pack=_pack,
    perform_packed=record_events,
    batch_key=lambda _: (),
    batch_maximum=BULK_MAXIMUM,
    person=identifiers_of_event,
    hints=(
        'Segment\'s own trigger takes every track event for an order: narrow it to event = "Order Completed".',
        "Products and value have no default: bind them to get product events and revenue.",
    ),
)
