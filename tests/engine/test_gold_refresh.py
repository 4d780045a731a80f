"""A refresh gives the same tables as a full build, row for row, whatever the new loads hold."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.random_shop import arrow_type

from emberlake.lake.gold import MARTS, build_all, refresh
from emberlake.lake.lake import Lake
from emberlake.settings import read_settings
from emberlake.tables import GOLD, find

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


@pytest.fixture
def lakes(engine, tmp_path):
    """A lake that is refreshed, and one that is built in full each time."""
    opened = [Lake(engine.session, read_settings(root=tmp_path / name)) for name in ("refreshed", "whole")]
    yield opened
    for lake in opened:
        lake.close()


def take_in(lake: Lake, shop: Shop, sources: tuple[str, ...]) -> None:
    for source in sources:
        if rows := shop.arrow(source):
            lake.overwrite(f"silver.{source}", lake.session.createDataFrame(rows))


def loads_of(shop: Shop) -> dict[str, list[str]]:
    name = f"load-{shop.load}"
    new = {source: any(row["_load_id"] == name for row in rows.values()) for source, rows in shop.rows.items()}
    return {source: [name] for source, any_new in new.items() if any_new}


def contents(lake: Lake, name: str) -> list[tuple[Any, ...]]:
    rows = lake.delta(f"gold.{name}").to_pyarrow_table().select(GOLD[name].names)
    return sorted(zip(*[rows[column].to_pylist() for column in rows.column_names], strict=True), key=repr)


def assert_same_gold(ours: Lake, whole: Lake) -> None:
    for mart in MARTS:
        got, want = contents(ours, mart.name), contents(whole, mart.name)
        assert want, f"{mart.name} is empty: the shop of this test is too small"
        wrong = [row for row in got if row not in want][:3], [row for row in want if row not in got][:3]
        assert got == want, (
            f"{mart.name}: {len(got)} rows instead of {len(want)}; too many {wrong[0]}, missing {wrong[1]}"
        )


def opened(lakes: list[Lake], seed: int) -> Shop:
    shop = Shop(seed)
    shop.found()
    for lake in lakes:
        take_in(lake, shop, SOURCES)
    build_all(lakes[0])
    lakes[0].ledger.record_build("gold", lakes[0].versions())
    return shop


def refreshed(lakes: list[Lake], shop: Shop, deletes: bool = False) -> str:
    loads = loads_of(shop)
    for lake in lakes:
        take_in(lake, shop, tuple(loads))
    how = refresh(lakes[0], loads, deletes)
    lakes[0].ledger.record_build("gold", lakes[0].versions())
    build_all(lakes[1])
    return how


@pytest.mark.only("sail")
def test_each_kind_of_news_alone_gives_what_a_full_build_gives(engine, lakes):
    shop = opened(lakes, seed=1)
    for happening in HAPPENINGS:
        shop.load += 1
        happening(shop)
        assert refreshed(lakes, shop) == "refreshed", happening.__name__
        try:
            assert_same_gold(*lakes)
        except AssertionError as e:
            raise AssertionError(f"after {happening.__name__}: {e}") from e


def test_mixed_news_gives_what_a_full_build_gives(engine, lakes):
    shop = opened(lakes, seed=2)
    # On Spark one round, and no other test of this file, because a write of a table costs a second there.
    for _ in range(3 if engine.name == "sail" else 1):
        shop.load += 1
        for at in shop.rng.choice(len(HAPPENINGS), size=6, replace=False):
            HAPPENINGS[at](shop)
        refreshed(lakes, shop)
        assert_same_gold(*lakes)


@pytest.mark.only("sail")
def test_the_comparison_sees_a_refresh_that_missed_a_day(engine, lakes):
    shop = opened(lakes, seed=4)
    build_all(lakes[1])
    daily = lakes[0].read("gold.daily_sales")
    first = contents(lakes[0], "daily_sales")[0][0]
    lakes[0].replace_where("gold.daily_sales", daily.where("1 = 0"), f"day = date'{first}'")
    with pytest.raises(AssertionError, match="daily_sales"):
        assert_same_gold(*lakes)
    assert shop.load == 0


@pytest.mark.only("sail")
def test_deletes_build_everything_anew(engine, lakes):
    shop = opened(lakes, seed=5)
    shop.load += 1
    new_orders(shop)
    del shop.rows["orders"][(100,)]
    assert refreshed(lakes, shop, deletes=True) == "full"
    assert_same_gold(*lakes)


@pytest.mark.only("sail")
def test_news_of_most_customers_builds_everything_anew(engine, lakes):
    shop = opened(lakes, seed=6)
    shop.load += 1
    for order in range(9001, 9200):
        shop.order(order, shop.at(180, 183))
    assert refreshed(lakes, shop) == "full"
    assert_same_gold(*lakes)


@pytest.mark.only("sail")
def test_a_refresh_writes_only_what_it_must(engine, lakes):
    shop = opened(lakes, seed=7)
    lake = lakes[0]
    before = lake.versions()
    shop.load += 1
    shop.put("ratings", user_id=2, product_id=3, rating=1)
    take_in(lake, shop, ("ratings",))
    refresh(lake, loads_of(shop), deletes=False)
    moved = {
        name for name, version in lake.versions().items() if version != before.get(name) and name.startswith("gold")
    }
    assert moved == {"gold.product_performance"}


@pytest.mark.only("sail")
def test_nothing_staged_stays_behind(engine, lakes):
    shop = opened(lakes, seed=8)
    left: Path = lakes[0].path("staging.users")
    left.mkdir(parents=True)  # as a kill would leave it
    shop.load += 1
    new_orders(shop)
    refreshed(lakes, shop)
    assert not left.parent.exists()
    assert_same_gold(*lakes)
