"""What customers bought and how: the interactions that the factorisation sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from pyspark.sql import Column, DataFrame

# As much as a product: 0.3 found no better lists (docs/decisions/0086).
HABIT_WEIGHT = 1.0
PRICE_LEVELS = 3
# What fellows buy counts as so many purchases of one's own (docs/decisions/0105).
FELLOWS_WEIGHT = 3.0
# A community's share of a category is drawn towards everybody's by so many lines: three orders are no taste.
FELLOWS_PRIOR = 50.0
_IDS = 2**31 - 1


def lines(tables: Mapping[str, DataFrame], until: date | None = None) -> DataFrame:
    """Products that customers bought, a row a line.

    Args:
        tables: silver.order_items, gold.order_features, silver.products.
        until: the first day that is not seen any more (UTC); None: all.

    Returns:
        user_id, product_id, day, channel, has_coupon, category, level (price level in its category, from 0).
    """
    orders = tables["gold.order_features"].select(
        "order_id", "user_id", F.to_date("ordered_at").alias("day"), "channel", "has_coupon"
    )
    if until is not None:
        orders = orders.where(F.col("day") < F.lit(until))
    items = tables["silver.order_items"].select("order_id", "product_id")
    return orders.join(items, "order_id").join(F.broadcast(shelves(tables)), "product_id", "left")


def shelves(tables: Mapping[str, DataFrame]) -> DataFrame:
    """Where a product stands: its category, and whether it is cheap, middling or dear there.

    Args:
        tables: silver.order_items, silver.products.

    Returns:
        product_id, category, level: 0 for the cheapest third of the category, to 2; null where no price is known.
    """
    paid = tables["silver.order_items"].groupBy("product_id").agg(F.avg("unit_price").cast("double").alias("_paid"))
    catalogue = tables["silver.products"].select("product_id", "category", F.col("list_price").cast("double"))
    known = catalogue.join(paid, "product_id", "full").withColumn("_price", F.coalesce("list_price", "_paid"))
    place = F.percent_rank().over(Window.partitionBy("category").orderBy(F.col("_price").asc_nulls_first()))
    level = F.when(F.col("_price").isNotNull(), F.least(F.floor(place * PRICE_LEVELS), F.lit(PRICE_LEVELS - 1)))
    return known.select("product_id", "category", level.cast("int").alias("level"))


def interactions(bought: DataFrame) -> DataFrame:
    """How often each customer bought a product or followed a habit: a category, a price level, a channel, a coupon.

    Habits are items of the factorisation like products: so it learns from one order what kind of customer orders.
    (Features as items of their own: Rendle, "Factorization machines", 2010.)

    Args:
        bought: what `lines` gives.

    Returns:
        user_id (int), item (int; a product's id, or below zero for a habit), weight (double).
    """
    rows = bought.select(F.col("user_id").cast("int"), F.explode(items()).alias("_one"))
    return rows.groupBy("user_id", F.col("_one.item").alias("item")).agg(F.sum("_one.weight").alias("weight"))


def items() -> Column:
    """Of a line that `lines` gives: its product and the habits that it shows, with their weights."""
    level = F.col("level").cast("string")
    habits = [
        _habit("category", F.col("category")),
        _habit("level", level),
        _habit("shelf", F.concat_ws("/", "category", level), F.col("category").isNotNull() & level.isNotNull()),
        _habit("channel", F.col("channel")),
        _habit("coupon", F.col("has_coupon").cast("string")),
    ]
    product = F.struct(F.col("product_id").cast("int").alias("item"), F.lit(1.0).alias("weight"))
    return F.array_compact(F.array(product, *habits))


def _habit(kind: str, value: Column, known: Column | None = None) -> Column:
    """An item below zero, the same for the same habit in every training; null where it is not known."""
    number = -1 - F.pmod(F.xxhash64(F.lit(kind), value), F.lit(_IDS))
    habit = F.struct(number.cast("int").alias("item"), F.lit(HABIT_WEIGHT).alias("weight"))
    return F.when(value.isNotNull() if known is None else known, habit)


def fellows(of: DataFrame, bought: DataFrame) -> DataFrame:
    """What a customer's community buys more of than others do, as one more habit of whoever bought something.

    A category by its lift: its share of the community's lines over its share of all. Communities have other numbers
    each time they are looked for; what they buy has not.

    Args:
        of: user_id, community: of a day that is no later than the last line.
        bought: what `lines` gives.

    Returns:
        user_id (int), item (int, below zero), weight (double).
    """
    of = of.where("community IS NOT NULL").select(F.col("user_id").cast("int"), "community")
    buys = (
        bought.where("category IS NOT NULL")
        .groupBy(F.col("user_id").cast("int"), "category")
        .agg(F.count("*").alias("_lines"))
    )
    theirs = buys.join(of, "user_id").groupBy("community", "category").agg(F.sum("_lines").alias("_theirs"))
    everybodys = buys.groupBy("category").agg(F.sum("_lines").alias("_everybodys"))
    share = F.col("_everybodys") / F.sum("_everybodys").over(Window.partitionBy())
    usual = everybodys.select("category", share.alias("_usual"))
    all_theirs = F.sum("_theirs").over(Window.partitionBy("community"))
    lift = (F.col("_theirs") + FELLOWS_PRIOR * F.col("_usual")) / (all_theirs + FELLOWS_PRIOR) / F.col("_usual")
    lifted = theirs.join(F.broadcast(usual), "category").select("community", "category", lift.alias("_lift"))
    most = lifted.groupBy("community").agg(F.max_by("category", F.struct("_lift", "category")).alias("category"))
    habit = _habit("fellows", F.col("category"))
    buyers = buys.select("user_id").distinct()
    return (
        of.join(F.broadcast(most), "community")
        .join(buyers, "user_id", "left_semi")
        .select("user_id", habit.item.alias("item"), F.lit(FELLOWS_WEIGHT).alias("weight"))
    )


def histories(rows: DataFrame) -> DataFrame:
    """One row a customer: user_id, items, weights, alike ordered.

    Args:
        rows: what `interactions` gives.
    """
    one = F.sort_array(F.collect_list(F.struct("item", "weight")))
    return (
        rows.groupBy("user_id")
        .agg(one.alias("_all"))
        .select("user_id", F.col("_all.item").alias("items"), F.col("_all.weight").alias("weights"))
    )


def looked_at(tables: Mapping[str, DataFrame], until: date | None = None) -> DataFrame:
    """The category that each visitor looked at most: user_id (int), looked.

    Args:
        tables: silver.products, and silver.events where there are any.
    """
    events = tables["silver.events"].where("user_id IS NOT NULL AND product_id IS NOT NULL")
    if until is not None:
        events = events.where(F.to_date("occurred_at") < F.lit(until))
    counted = (
        events.join(F.broadcast(tables["silver.products"].select("product_id", "category")), "product_id")
        .where("category IS NOT NULL")
        .groupBy(F.col("user_id").cast("int"), "category")
        .agg(F.count("*").alias("_times"))
    )
    most = F.max_by("category", F.struct("_times", "category"))
    return counted.groupBy("user_id").agg(most.alias("looked"))
