"""Features of a live order: what `checkout_features` would say, from the message and a snapshot, without any state."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from emberlake.models.value.features import BASKET, NAMES, NUMBERS, with_time
from emberlake.streams.scoring.snapshot import KNOWN_OF_CUSTOMERS, UNKNOWN, Snapshot

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

# Spark compiles plain expressions and interprets functions over arrays node by node: so many lines of an order are
# written out, and only those behind them are left to `aggregate`.
WRITTEN_OUT = 5


def live_features(orders: DataFrame, snapshot: Snapshot) -> DataFrame:
    """Orders with what was known when they were placed: nothing of quantities, coupon or amount is looked at.

    Equal to `checkout_features` for a customer's first order after the snapshot, on the snapshot's last day or the day
    after; later ones are told the same past, and no promotion.

    Args:
        orders: user_id, ordered_at (UTC), channel, country, lines (array of structs with line, product_id and
            unit_price in EUR), and any others, which are kept.

    Returns:
        The columns that are no feature, and those of `NUMBERS` (double) and `NAMES` (string), none of them null.
    """
    kept = [name for name in orders.columns if name not in (*NUMBERS, *NAMES)]
    rows = with_time(_with_history(_with_basket(orders, snapshot), snapshot))
    return rows.select(
        *kept, *(F.coalesce(F.col(name).cast("double"), F.lit(0.0)).alias(name) for name in NUMBERS),
        *(F.coalesce(name, F.lit(UNKNOWN)).alias(name) for name in NAMES),
    )  # fmt: skip


def _with_basket(orders: DataFrame, snapshot: Snapshot) -> DataFrame:
    """Orders with the columns of `BASKET` and category; null for an order without a whole line."""
    past, lines = _past(snapshot), F.col("lines")
    day, last = F.to_date("ordered_at"), F.lit(snapshot.last_day)
    rows = orders.withColumns({
        "_times": F.when(day > last, F.lit(past.slots)).otherwise(F.lit(0)),
        "_told": F.coalesce(day <= F.date_add(last, 1), F.lit(False)),
        **{f"_line_{n}": F.struct(*_named(_looked_up(F.get(lines, F.lit(n)), past))) for n in range(WRITTEN_OUT)},
    })  # fmt: skip
    first, so_far = [_found(F.col(f"_line_{n}"), past) for n in range(WRITTEN_OUT)], _NOTHING
    for line in first:
        so_far = _add(so_far, line, past)
    rest = F.slice(lines, WRITTEN_OUT + 1, F.size(lines))

    def more(sums: Column, line: Column) -> Column:
        found = _found(F.struct(*_named(_looked_up(line, past))), past)
        return F.struct(*_named(_add({name: sums[name] for name in _NOTHING}, found, past)))

    many, sums = F.size(lines) > WRITTEN_OUT, F.struct(*_named(so_far))
    slots = F.array(*(line["slot"] for line in first))
    of_rest = F.transform(rest, lambda line: _found(F.struct(*_named(_looked_up(line, past))), past)["slot"])
    rows = rows.withColumns({
        "_sums": F.when(many, F.aggregate(rest, sums, more)).otherwise(sums),
        "_slots": F.when(many, F.concat(slots, of_rest)).otherwise(slots),
    })  # fmt: skip
    return rows.withColumns(_basket(F.col("_sums"), F.col("_slots"), past))


@dataclass(frozen=True)
class _Past:
    """What is known of products and categories, as literals.

    Attributes:
        buckets: product ids by their remainder; where each bucket's numbers begin is in `begins`.
        list_price: EUR by product number; null where it is not known.
        slot: of the product's category, by product number.
        usual: what a EUR of list price came to: times x slots x levels; the last level is all levels together.
        promotion: times x slots.
        names: of the categories, by slot.
        slots: how many; both tables hold them twice, first what is known up to the last day, then behind it.
        unknown: the slot of what is in no catalogue.
    """

    buckets: Column
    begins: Column
    list_price: Column
    slot: Column
    usual: Column
    promotion: Column
    names: Column
    slots: int
    levels: int
    unknown: int
    remainders: int


def _looked_up(line: Column, past: _Past) -> dict[str, Column]:
    """A line's price (EUR, null for one that is not whole), back (greater for an earlier line) and product number."""
    product = line["product_id"]
    bucket = F.pmod(product, F.lit(past.remainders)).cast("int")
    place = F.array_position(F.get(past.buckets, bucket), product)
    return {
        "price": F.when(product.isNotNull(), line["unit_price"].cast("double")),
        "back": -line["line"].cast("long"),
        "number": F.when(place > 0, F.get(past.begins, bucket) + place.cast("int") - 1),
    }


def _found(line: Column, past: _Past) -> dict[str, Column]:
    """What a line adds: price, back, listed (EUR), slot and level; price, listed and slot are null for none."""
    price, known = line["price"], F.get(past.list_price, line["number"])
    whole = price.isNotNull()
    # As round() would, but for its detour over decimals: of cents to cents, a tie is one in both.
    tenths, other = F.floor(F.try_divide(price, known) * 10 + 0.5), F.lit(past.levels - 1)
    level = F.when(tenths < 0, other).otherwise(F.least(tenths, other))
    slot = F.coalesce(F.get(past.slot, line["number"]), F.lit(past.unknown))
    return {
        "price": price,
        "back": line["back"],
        "listed": F.when(whole, F.coalesce(known, price)),
        "slot": F.when(whole, slot),
        "level": F.coalesce(level, F.least(F.lit(10), other)).cast("int"),
    }


_NOTHING: dict[str, Any] = dict.fromkeys(("lines", "price", "listed", "usual", "off", "cheapest", "dearest"))


def _add(so_far: dict[str, Any], line: dict[str, Column], past: _Past) -> dict[str, Column]:
    """Sums with one line more: lines, price, listed, usual and off (EUR), the cheapest price, the dearest line."""
    price, at = line["price"], F.col("_times") + line["slot"]
    usual = F.get(past.usual, at * past.levels + line["level"]) * line["listed"]
    off = F.when(F.col("_told"), F.get(past.promotion, at) * price)
    adds = {
        "lines": price.isNotNull().cast("int"),
        "price": price,
        "listed": line["listed"],
        "usual": usual,
        "off": off,
    }
    sums = {name: F.coalesce(value, F.lit(0 if name == "lines" else 0.0)) for name, value in adds.items()}
    dearest = F.struct(*_named({"price": price, "back": line["back"], "slot": line["slot"]}))
    return {
        **{name: value if so_far[name] is None else so_far[name] + value for name, value in sums.items()},
        "cheapest": price if so_far["cheapest"] is None else F.least(so_far["cheapest"], price),
        "dearest": dearest if so_far["dearest"] is None else F.greatest(so_far["dearest"], dearest),
    }


def _basket(sums: Column, slots: Column, past: _Past) -> dict[str, Column]:
    lines = sums["lines"]
    # What is no line has a null for its slot, and all of them are one more value.
    categories = F.size(F.array_distinct(slots)) - (lines < F.size(slots)).cast("int")
    features = {
        "lines": lines,
        "categories": categories,
        "basket_price": sums["price"],
        "dearest": sums["dearest"]["price"],
        "cheapest": sums["cheapest"],
        "basket_list": sums["listed"],
        "basket_usual": sums["usual"],
        "price_level": F.coalesce(F.try_divide(sums["price"], sums["listed"]), F.lit(1.0)),
        "promotion": F.coalesce(F.try_divide(sums["off"], sums["price"]), F.lit(0.0)),
    }
    assert set(features) == set(BASKET)
    return {name: F.when(lines > 0, value) for name, value in features.items()} | {
        "category": F.get(past.names, sums["dearest"]["slot"])
    }


def _with_history(orders: DataFrame, snapshot: Snapshot) -> DataFrame:
    rows = orders.join(F.broadcast(snapshot.customers), "user_id", "left")
    since = (F.col("ordered_at").cast("double") - F.col("last_at").cast("double")) / 86_400
    past = {name: F.coalesce(name, F.lit(0.0)) for name in KNOWN_OF_CUSTOMERS}
    return rows.withColumns({"days_since_previous": F.coalesce(since, F.lit(-1.0)), **past})


def _past(snapshot: Snapshot) -> _Past:
    names = sorted({UNKNOWN} | {each["category"] for each in (*snapshot.products, *snapshot.categories)})
    slots = {name: number for number, name in enumerate(names)}
    usual, promotion = _tables(snapshot, slots)
    # A hash table: Spark looks through a map from its start, which a catalogue of 10,000 would feel.
    buckets: list[list[dict[str, Any]]] = [[] for _ in range(max(len(snapshot.products), 1))]
    for product in snapshot.products:
        buckets[product["product_id"] % len(buckets)].append(product)
    products = [product for bucket in buckets for product in bucket]
    begins = itertools.accumulate((len(bucket) for bucket in buckets[:-1]), initial=0)
    ids = [[product["product_id"] for product in bucket] for bucket in buckets]
    return _Past(
        buckets=_literal(ids, "array<array<bigint>>"),
        begins=_literal(list(begins), "array<int>"),
        list_price=_literal([product["list_price"] for product in products], "array<double>"),
        slot=_literal([slots[product["category"]] for product in products], "array<int>"),
        usual=_literal(usual, "array<double>"),
        promotion=_literal(promotion, "array<double>"),
        names=_literal(names, "array<string>"),
        slots=len(names),
        levels=len(usual) // (2 * len(names)),
        unknown=slots[UNKNOWN],
        remainders=len(buckets),
    )


def _tables(snapshot: Snapshot, slots: dict[str, int]) -> tuple[list[float], list[float]]:
    """`usual` and `promotion` of `_Past`."""
    levels = max((each["level"] for each in snapshot.categories if each["level"] is not None), default=0) + 2
    every = {each["category"]: each for each in snapshot.categories if each["level"] is None}
    at = {(each["category"], each["level"]): each for each in snapshot.categories if each["level"] is not None}
    usual, promotion = [], []
    for end in ("_before", ""):
        for name in slots:
            of_all = every.get(name, {})
            promotion.append(of_all.get(f"promotion{end}") or 0.0)
            otherwise = _first(of_all.get(f"usual{end}"), 1.0)
            usual += [_first(at.get((name, level), {}).get(f"usual{end}"), otherwise) for level in range(levels)]
    return usual, promotion


def _first(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value


def _named(columns: dict[str, Column]) -> list[Column]:
    return [column.alias(name) for name, column in columns.items()]


def _literal(value: Any, kind: str) -> Column:
    """A value as one literal: the optimiser reads the text once."""
    return F.from_json(F.lit(json.dumps(value)), kind)
