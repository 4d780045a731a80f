"""Features of a live order: what `checkout_features` would say, from the message and a snapshot, without any state."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from emberlake.models.value.features import BASKET, NAMES, NUMBERS, with_time
from emberlake.streams.scoring.snapshot import KNOWN_OF_CUSTOMERS, UNKNOWN, Snapshot

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_TIMES = "usual: double, promotion: double, levels: array<struct<level: bigint, usual: double>>"
_CATEGORY = f"category: string, before: struct<{_TIMES}>, after: struct<{_TIMES}>"


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
    priced = orders.withColumn("_lines", _priced(F.col("lines"), F.col("ordered_at"), snapshot))
    rows = with_time(_with_history(priced.withColumns(_basket(F.col("_lines"))), snapshot))
    return rows.select(
        *kept, *(F.coalesce(F.col(name).cast("double"), F.lit(0.0)).alias(name) for name in NUMBERS),
        *(F.coalesce(name, F.lit(UNKNOWN)).alias(name) for name in NAMES),
    )  # fmt: skip


def _with_history(orders: DataFrame, snapshot: Snapshot) -> DataFrame:
    rows = orders.join(F.broadcast(snapshot.customers), "user_id", "left")
    since = (F.col("ordered_at").cast("double") - F.col("last_at").cast("double")) / 86_400
    past = {name: F.coalesce(name, F.lit(0.0)) for name in KNOWN_OF_CUSTOMERS}
    return rows.withColumns({"days_since_previous": F.coalesce(since, F.lit(-1.0)), **past})


def _priced(lines: Column, at: Column, snapshot: Snapshot) -> Column:
    """Each whole line as price, list_price, usual (EUR), off (share), line and category."""
    products, categories, unknown = _tables(snapshot)
    late = F.to_date(at) > F.lit(snapshot.last_day)
    next_day = F.to_date(at) == F.date_add(F.lit(snapshot.last_day), 1)

    def found(line: Column) -> Column:
        product = _looked_up(products, "product_id", line["product_id"])
        return _struct(price=line["unit_price"].cast("double"), line=line["line"], product=product)

    def placed(line: Column) -> Column:
        price, product = line["price"], line["product"]
        listed = product["list_price"]
        level = F.coalesce(F.round(F.round(F.try_divide(price, listed), 1) * 10).try_cast("long"), F.lit(10))
        category = F.element_at(categories, F.coalesce(product["slot"], F.lit(unknown)))
        return _struct(
            price=price, line=line["line"], list_price=F.coalesce(listed, price), level=level,
            category=category["category"], times=F.when(late, category["after"]).otherwise(category["before"]),
        )  # fmt: skip

    def told(line: Column) -> Column:
        times = line["times"]
        at_level = F.get(F.filter(times["levels"], lambda each: each["level"] == line["level"]), F.lit(0))["usual"]
        off = F.when(~late | next_day, F.coalesce(times["promotion"], F.lit(0.0))).otherwise(F.lit(0.0))
        return _struct(
            price=line["price"], line=line["line"], list_price=line["list_price"], category=line["category"],
            usual=F.coalesce(at_level, times["usual"], F.lit(1.0)) * line["list_price"], off=off,
        )  # fmt: skip

    whole = F.filter(lines, lambda each: each["unit_price"].isNotNull() & each["product_id"].isNotNull())
    return F.transform(F.transform(F.transform(whole, found), placed), told)


def _basket(lines: Column) -> dict[str, Column]:
    def total(value: Any) -> Column:
        return F.aggregate(lines, F.lit(0.0), lambda so_far, each: so_far + value(each))

    def of(name: str) -> Column:
        return F.transform(lines, lambda each: each[name])

    price, listed = total(lambda each: each["price"]), total(lambda each: each["list_price"])
    # The first of equally dear ones.
    by_price = F.transform(
        lines, lambda each: _struct(price=each["price"], line=-each["line"].cast("long"), category=each["category"])
    )
    some = F.size(lines) > 0
    features = {
        "lines": F.size(lines),
        "categories": F.size(F.array_distinct(of("category"))),
        "basket_price": price,
        "dearest": F.array_max(of("price")),
        "cheapest": F.array_min(of("price")),
        "basket_list": listed,
        "basket_usual": total(lambda each: each["usual"]),
        "price_level": F.coalesce(F.try_divide(price, listed), F.lit(1.0)),
        "promotion": F.coalesce(F.try_divide(total(lambda each: each["price"] * each["off"]), price), F.lit(0.0)),
    }
    assert set(features) == set(BASKET)
    return {name: F.when(some, value) for name, value in features.items()} | {
        "category": F.when(some, F.array_max(by_price)["category"])
    }


def _tables(snapshot: Snapshot) -> tuple[Column, Column, int]:
    """The products in buckets, the categories by slot, and the slot of what is in no catalogue; all literals."""
    categories = _categories(snapshot)
    slots = {each["category"]: number for number, each in enumerate(categories, 1)}
    products = [{**each, "slot": slots[each.pop("category")]} for each in map(dict, snapshot.products)]
    return (
        _literal(_buckets(products, "product_id"),
                 "array<array<struct<product_id: bigint, list_price: double, slot: int>>>"),
        _literal(categories, f"array<struct<{_CATEGORY}>>"),
        slots[UNKNOWN],
    )  # fmt: skip


def _categories(snapshot: Snapshot) -> list[dict[str, Any]]:
    names = sorted({UNKNOWN} | {each["category"] for each in (*snapshot.products, *snapshot.categories)})
    made: dict[str, Any] = {
        name: {"category": name, "before": {"levels": []}, "after": {"levels": []}} for name in names
    }
    for row in snapshot.categories:
        for when, end in (("before", "_before"), ("after", "")):
            times: Any = made[row["category"]][when]
            if row["level"] is None:
                times |= {"usual": row[f"usual{end}"], "promotion": row[f"promotion{end}"]}
            else:
                times["levels"].append({"level": row["level"], "usual": row[f"usual{end}"]})
    return list(made.values())


def _buckets(rows: list[dict[str, Any]], key: str) -> list[list[dict[str, Any]]]:
    """A hash table: Spark looks through a map from its start, which a catalogue of 10,000 would feel."""
    made: list[list[dict[str, Any]]] = [[] for _ in range(max(len(rows), 1))]
    for row in rows:
        made[row[key] % len(made)].append(row)
    return made


def _looked_up(buckets: Column, key: str, value: Column) -> Column:
    bucket = F.element_at(buckets, (F.pmod(value, F.size(buckets)) + 1).cast("int"))
    return F.get(F.filter(bucket, lambda each: each[key] == value), F.lit(0))


def _struct(**columns: Column) -> Column:
    return F.struct(*(column.alias(name) for name, column in columns.items()))


def _literal(value: Any, kind: str) -> Column:
    """A value as one literal: the optimiser reads the text once."""
    return F.from_json(F.lit(json.dumps(value)), kind)
