"""A small random shop as Arrow tables by the contract of `tables/`: realistic names, dates and nulls; no engine."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from emberlake.tables import Table, find

FIRST_DAY, DAYS = dt.date(2024, 11, 15), 130
LAST_DAY = FIRST_DAY + dt.timedelta(days=DAYS - 1)
PRODUCTS, USERS, ORDERS = 30, 300, 2500
WORDS: dict[str, tuple[str, ...]] = {
    "country": ("DE", "FR", "IT", "GB", "unknown"),
    "channel": ("web", "app", "store"),
    "category": ("Electronics", "Fashion", "Toys", "Books"),
    "city": ("Berlin", "Lyon", "Rome", "Leeds"),
    "supplier": ("Acme", "Nordwind", "Oltre"),
    "acquired_by": ("search", "social", "mail"),
    "loyalty": ("none", "silver", "gold"),
    "segment": ("champions", "loyal", "at risk", "asleep", "lost"),
    "device": ("mobile", "desktop", "tablet"),
    "method": ("card", "paypal", "invoice"),
    "reason": ("size", "damaged", "late"),
    "state": ("out", "low", "fine", "slow"),
    "abc_class": ("A", "B", "C"),
    "event": ("session_start", "page_view", "search", "add_to_cart", "checkout", "purchase"),
    "query": ("Shoes", "shoes ", "lamp", "tea", "usb cable"),
    "orders.status": ("paid", "shipped", "delivered", "cancelled", "returned"),
    "order_features.status": ("paid", "shipped", "delivered", "returned"),
    "payments.status": ("captured", "captured", "captured", "failed", "refunded"),
    "o_orderstatus": ("F", "O", "P"),
    "o_orderpriority": ("1-URGENT", "2-HIGH", "5-LOW"),
    "c_mktsegment": ("BUILDING", "MACHINERY", "FURNITURE"),
    "n_name": ("FRANCE", "KENYA", "PERU", "CHINA"),
    "r_name": ("EUROPE", "AFRICA"),
}
HIGHEST: dict[str, int] = {
    "rating": 5, "weekday": 7, "hour": 23, "line": 4, "quantity": 4, "product_id": PRODUCTS, "user_id": USERS,
    "order_id": ORDERS, "session_id": 400, "order_number": 9, "o_custkey": 80, "c_nationkey": 4, "n_regionkey": 2,
    "recency_score": 5, "frequency_score": 5, "monetary_score": 5, "days_since_previous": 400, "units": 20,
}  # fmt: skip


def random_shop(seed: int = 7) -> dict[str, pa.Table]:
    """Every gold and silver table that reports read, by `layer.name`."""
    rng = np.random.default_rng(seed)
    days = [FIRST_DAY + dt.timedelta(days=i) for i in range(DAYS)]
    months = sorted({day.replace(day=1) for day in days})
    products, users = list(range(1, PRODUCTS + 1)), list(range(1, USERS + 1))
    keys: dict[str, list[tuple[Any, ...]]] = {
        "daily_sales": _some(rng, 0.8, days, WORDS["country"], WORDS["channel"]),
        "hourly_sales": _some(rng, 0.7, days, range(24)),
        "product_daily": _some(rng, 0.5, days, products),
        "product_performance": _some(rng, 1, products[:-2]),
        "customer_360": _some(rng, 1, users),
        "cohorts": [
            (month, start, gap)
            for (i, start), (j, month) in itertools.product(enumerate(months), enumerate(months))
            if (gap := j - i) == 0 or (gap > 0 and rng.random() < 0.8)
        ],
        "funnel_daily": _some(rng, 0.9, days, WORDS["device"]),
        "stock_daily": [(product, day) for day, product in _some(rng, 0.3, days, products)],
        "inventory_cover": _some(rng, 1, products),
        "basket_products": _some(rng, 1, months, products),
        "basket_pairs": _some(rng, 0.5, months, itertools.combinations(products, 2)),
        "order_features": _some(rng, 1, range(ORDERS)),
        "products": _some(rng, 1, products),
        "prices": _some(rng, 1, products, range(3)),
        "orders": _some(rng, 1, range(ORDERS)),
        "payments": _some(rng, 1, range(ORDERS)),
        "returns": _some(rng, 1, range(300)),
        "events": _some(rng, 1, range(4000)),
        "ratings": _some(rng, 0.1, users, products),
        "tpch_orders": _some(rng, 1, range(600)),
        "tpch_customer": _some(rng, 1, range(1, 101)),
        "tpch_nation": _some(rng, 1, range(1, 5)),
        "tpch_region": _some(rng, 1, range(1, 3)),
    }
    return {f"{find(name).layer}.{name}": _table(rng, find(name), rows) for name, rows in keys.items()}


def _some(rng: np.random.Generator, share: float, *axes: Any) -> list[tuple[Any, ...]]:
    """A random part of the axes' product, in the axes' order."""
    return [
        tuple(itertools.chain.from_iterable(p if isinstance(p, tuple) else (p,) for p in point))
        for point in itertools.product(*axes)
        if share == 1 or rng.random() < share
    ]


def _table(rng: np.random.Generator, table: Table, keys: list[tuple[Any, ...]]) -> pa.Table:
    named = dict(zip(_KEYS.get(table.name, table.key), zip(*keys, strict=True), strict=True))
    columns = {name: list(values) for name, values in named.items() if name not in table.names}
    for column in table.columns:
        if column.name in named:
            columns[column.name] = list(named[column.name])
            continue
        values = [_value(rng, table.name, column.name, column.type) for _ in keys]
        columns[column.name] = values if column.required else [v if rng.random() > 0.06 else None for v in values]
    _MEND.get(table.name, lambda columns: None)(columns)
    schema = pa.schema([pa.field(column.name, arrow_type(column.type)) for column in table.columns])
    return pa.table(columns, schema=schema)


def _value(rng: np.random.Generator, table: str, name: str, kind: str) -> Any:
    if kind == "string":
        words = WORDS.get(f"{table}.{name}") or WORDS.get(name)
        return str(rng.choice(words)) if words else f"{name} {rng.integers(1000)}"
    if kind.startswith("decimal"):
        return Decimal(int(rng.integers(0, 50_000))) / 100
    if kind == "date":
        return FIRST_DAY + dt.timedelta(days=int(rng.integers(DAYS)))
    if kind == "timestamp":
        midnight = dt.datetime.combine(FIRST_DAY, dt.time(), dt.UTC)
        return midnight + dt.timedelta(seconds=int(rng.integers(DAYS * 86_400)))
    if kind == "boolean":
        return bool(rng.random() < 0.3)
    if kind == "double":
        return float(rng.random() * 5)
    return int(rng.integers(1 if name in HIGHEST and name != "hour" else 0, HIGHEST.get(name, 40) + 1))


def _mend_customers(columns: dict[str, list[Any]]) -> None:
    """Dates in order, and none without an order."""
    for i, orders in enumerate(columns["orders"]):
        first, last = sorted(columns[name][i] or dt.datetime(2025, 1, 5, 3, tzinfo=dt.UTC) for name in _FIRST_LAST)
        columns["first_ordered_at"][i], columns["last_ordered_at"][i] = (first, last) if orders else (None, None)
        if not orders:
            columns["segment"][i] = "no orders"
            columns["recency_days"][i] = columns["recency_score"][i] = columns["frequency_score"][i] = None
        else:
            columns["recency_days"][i] = (LAST_DAY - last.date()).days


def _mend_prices(columns: dict[str, list[Any]]) -> None:
    """Three prices a product, one after the other."""
    edges = [dt.datetime(2024, 11, 1, 9, tzinfo=dt.UTC) + dt.timedelta(days=45 * i) for i in range(3)]
    for i, place in enumerate(columns.pop("place")):
        columns["changed_at"][i] = columns["valid_from"][i] = edges[place]
        columns["valid_to"][i] = edges[place + 1] if place < 2 else None


_FIRST_LAST = ("first_ordered_at", "last_ordered_at")
_KEYS = {"cohorts": ("month", "cohort_month", "months_since"), "prices": ("product_id", "place")}
_MEND: dict[str, Callable[[dict[str, list[Any]]], None]] = {"customer_360": _mend_customers, "prices": _mend_prices}


def arrow_type(kind: str) -> pa.DataType:
    """The Arrow type of a contract's Spark SQL type."""
    if kind.startswith("decimal"):
        precision, scale = kind[len("decimal(") : -1].split(",")
        return pa.decimal128(int(precision), int(scale))
    return {
        "long": pa.int64(), "int": pa.int32(), "string": pa.string(), "double": pa.float64(), "boolean": pa.bool_(),
        "date": pa.date32(), "timestamp": pa.timestamp("us", "UTC"),
    }[kind]  # fmt: skip
