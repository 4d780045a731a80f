"""A small random silver layer that grows by one kind of news at a time, for tests of what gold makes of it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
from tests.random_shop import arrow_type

from emberlake.tables import find

START = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
SOURCES = (
    "users",
    "addresses",
    "products",
    "prices",
    "orders",
    "order_items",
    "returns",
    "inventory",
    "ratings",
    "events",
)
ANY = {
    "status": ("paid", "shipped", "delivered", "cancelled", "returned"),
    "country": ("DE", "FR", None),
    "channel": ("web", "app", None),
    "event": ("session_start", "page_view", "search", "add_to_cart", "checkout", "purchase"),
    "device": ("mobile", "desktop", None),
    "category": ("Toys", "Books"),
}


class Shop:
    """What silver holds: rows by key, each with the load that brought its latest state."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.rows: dict[str, dict[tuple[Any, ...], dict[str, Any]]] = {source: {} for source in SOURCES}
        self.load = 0

    def put(self, source: str, **values: Any) -> None:
        table = find(f"silver.{source}")
        row = dict.fromkeys(table.names) | values | {"_load_id": f"load-{self.load}"}
        self.rows[source][tuple(row[column] for column in table.key)] = row

    def pick(self, what: str) -> Any:
        return ANY[what][self.rng.integers(len(ANY[what]))]

    def number(self, most: int) -> int:
        return int(self.rng.integers(1, most + 1))

    def at(self, first: int, last: int) -> dt.datetime:
        return START + dt.timedelta(seconds=int(self.rng.integers(first * 86400, last * 86400)))

    # What can happen
    def found(self) -> None:
        """The shop as it opens: half a year."""
        for user in range(1, 150):
            self.put("users", user_id=user, country=self.pick("country"), channel="ad", signed_up_at=START)
        for product in range(1, 12):
            self.put("products", product_id=product, category=self.pick("category"), cost=Decimal(4), opening_stock=20)
            self.put("prices", product_id=product, price=Decimal(9), changed_at=START, is_current=True)
        for order in range(1, 501):
            self.order(order, self.at(0, 180))
        for number in range(1, 60):
            self.put("returns", return_id=number, **self.sent_back())
        for event in range(1, 400):
            self.event(event)

    def order(self, order: int, at: dt.datetime) -> None:
        self.put(
            "orders", order_id=order, user_id=self.number(170), ordered_at=at, status=self.pick("status"),
            country=self.pick("country"), channel=self.pick("channel"), amount=Decimal(self.number(9000)) / 100,
            discount=Decimal(self.number(3)), shipping=Decimal("3.90"), coupon=None if order % 3 else "SAVE",
        )  # fmt: skip
        for line in range(1, self.number(4)):
            self.line(order, line)

    def line(self, order: int, line: int) -> None:
        given = {
            "product_id": self.number(13),
            "quantity": self.number(3),
            "unit_price": Decimal(self.number(999)) / 100,
        }
        self.put("order_items", order_id=order, line=line, discount=Decimal(0), **given)

    def sent_back(self) -> dict[str, Any]:
        given = {"order_id": self.number(500), "product_id": self.number(12), "quantity": 1, "refund": Decimal(5)}
        return {**given, "returned_at": self.at(0, 190)}

    def event(self, event: int, session: int | None = None) -> None:
        session = session or self.number(120)
        user = session if session % 3 else None
        # A visit's events lie around one midnight, so that late ones move the day it began.
        at = START + dt.timedelta(days=session, seconds=int(self.rng.integers(-3000, 3000)))
        given = {"event": self.pick("event"), "device": self.pick("device"), "occurred_at": at}
        self.put("events", event_id=event, session_id=session, user_id=user, **given)

    def arrow(self, source: str) -> pa.Table:
        columns = find(f"silver.{source}").columns
        schema = pa.schema([pa.field(c.name, arrow_type(c.type)) for c in columns])
        return pa.Table.from_pylist(list(self.rows[source].values()), schema=schema)


def new_orders(shop: Shop) -> None:
    for order in range(9001, 9006):
        shop.order(order, shop.at(180, 183))


def late_orders_before_the_first(shop: Shop) -> None:
    for order in range(8001, 8005):
        shop.order(order, START - dt.timedelta(days=order - 8000))


def cancellations_and_news_of_status(shop: Shop) -> None:
    for key in list(shop.rows["orders"])[10:22]:
        shop.put("orders", **shop.rows["orders"][key] | {"status": shop.pick("status")})


def orders_that_change_hands_and_days(shop: Shop) -> None:
    for key in list(shop.rows["orders"])[30:34]:
        shop.put("orders", **shop.rows["orders"][key] | {"user_id": shop.number(170), "ordered_at": shop.at(0, 180)})


def changed_lines(shop: Shop) -> None:
    for order, line in list(shop.rows["order_items"])[40:46]:
        shop.line(order, line)
    shop.line(60, 9)


def lines_of_another_product_only(shop: Shop) -> None:
    key = next(iter(shop.rows["order_items"]))
    row = shop.rows["order_items"][key]
    shop.put("order_items", **row | {"product_id": row["product_id"] % 13 + 1})


def new_returns(shop: Shop) -> None:
    for number in range(7001, 7006):
        shop.put("returns", return_id=number, **shop.sent_back())


def changed_returns(shop: Shop) -> None:
    for key in list(shop.rows["returns"])[:4]:
        shop.put("returns", return_id=key[0], **shop.sent_back())


def new_and_late_events(shop: Shop) -> None:
    for event in range(6001, 6006):
        shop.event(event)


def changed_events(shop: Shop) -> None:
    for key in list(shop.rows["events"])[:4]:
        shop.event(key[0], session=shop.number(120))


def news_of_the_catalogue(shop: Shop) -> None:
    shop.put("products", product_id=3, category="Garden", cost=Decimal(7), opening_stock=3)
    shop.put("prices", product_id=4, price=Decimal(2), changed_at=START + dt.timedelta(1), is_current=True)
    shop.put("ratings", user_id=1, product_id=3, rating=4)


def receipts_and_removals(shop: Shop) -> None:
    for number in range(5001, 5004):
        given = {"product_id": shop.number(13), "kind": "receipt", "quantity": 20}
        shop.put("inventory", movement_id=number, moved_at=shop.at(0, 190), **given)
    shop.put("addresses", user_id=5, city="Lyon", country="FR", changed_at=START, is_current=True)
    shop.put("users", user_id=6, country="US")


HAPPENINGS = (
    new_orders, late_orders_before_the_first, cancellations_and_news_of_status, orders_that_change_hands_and_days,
    changed_lines, lines_of_another_product_only, new_returns, changed_returns, new_and_late_events, changed_events,
    news_of_the_catalogue, receipts_and_removals,
)  # fmt: skip
