"""What the shop knows of its customers and products at one moment: the past that live orders are scored with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from emberlake.errors import StreamError
from emberlake.models.value.features import HISTORY, priced_lines

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

READS = ("silver.orders", "silver.order_items", "silver.products")
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Snapshot:
    """The past up to a moment.

    Attributes:
        as_of: orders placed before it are known, UTC.
        last_day: the day of the last of them.
        customers: user_id, `last_at` (timestamp) and the columns of `HISTORY` but days_since_previous.
        products: product_id, category and list_price (EUR, null where it is not known).
        categories: category, level (tenths of the list price; null: all levels) and of the orders before `last_day`
            and up to it what a EUR of list price came to (`usual_before`, `usual`), and for all levels the share taken
            off on the day before `last_day` and on it (`promotion_before`, `promotion`).
    """

    as_of: dt.datetime
    last_day: dt.date
    customers: DataFrame
    products: list[dict[str, Any]]
    categories: list[dict[str, Any]]

    def kept(self, session: SparkSession) -> Snapshot:
        """The same with the customers in memory: a query in Real-Time Mode asks for them at each batch."""
        rows = self.customers.toArrow()
        return replace(self, customers=session.createDataFrame(rows, self.customers.schema))


def take_snapshot(tables: Mapping[str, DataFrame], as_of: dt.datetime | None = None) -> Snapshot:
    """Read the past from the lake.

    Args:
        tables: silver.orders, silver.order_items, silver.products.
        as_of: only orders placed before it, UTC; None: all that the lake has.

    Raises:
        StreamError: if there is no order to know.
    """
    orders = tables["silver.orders"]
    if as_of is not None:
        orders = orders.where(F.col("ordered_at") < F.lit(as_of))
    row = orders.agg(F.max("ordered_at"), F.max(F.to_date("ordered_at"))).first()
    if row is None or row[0] is None:
        raise StreamError("The lake has no order before that moment: nothing is known of any customer.",
                          "Build it first: emberlake build; or give a later as_of.")  # fmt: skip
    placed = orders.select("order_id", F.to_date("ordered_at").alias("day"))
    lines = priced_lines(tables["silver.order_items"].join(placed, "order_id"), tables["silver.products"])
    known = tables["silver.products"].select(
        "product_id", F.coalesce("category", F.lit(UNKNOWN)).alias("category"),
        F.col("list_price").cast("double").alias("list_price"),
    )  # fmt: skip
    return Snapshot(
        as_of=as_of or row[0] + dt.timedelta(microseconds=1),
        last_day=row[1],
        customers=customer_history(orders, tables["silver.order_items"]),
        products=[each.asDict() for each in known.collect()],
        categories=[each.asDict() for each in category_past(lines, row[1]).collect()],
    )


def customer_history(orders: DataFrame, items: DataFrame) -> DataFrame:
    """What each customer has done: what `with_history` would say of an order that comes next.

    Args:
        orders: order_id, user_id, ordered_at (UTC), amount (EUR), coupon.
        items: order_id, unit_price (EUR).

    Returns:
        user_id, last_at (timestamp, UTC), and the columns of `HISTORY` but days_since_previous (double).
    """
    baskets = items.groupBy("order_id").agg(
        F.count("*").cast("double").alias("lines"), F.sum(F.col("unit_price").cast("double")).alias("basket")
    )
    rows = orders.join(baskets, "order_id", "left").fillna(0.0, ["lines", "basket"])
    amount = F.col("amount").cast("double")
    return rows.groupBy("user_id").agg(
        F.max("ordered_at").alias("last_at"),
        F.count("*").cast("double").alias("orders_before"),
        F.avg(amount).alias("mean_amount_before"),
        F.max_by(amount, F.struct("ordered_at", "order_id")).alias("last_amount"),
        F.max(amount).alias("largest_before"),
        F.avg(F.col("coupon").isNotNull().cast("double")).alias("coupon_share_before"),
        F.avg("lines").alias("lines_before"),
        F.coalesce(F.try_divide(F.sum(amount), F.sum("basket")), F.lit(0.0)).alias("paid_to_basket_before"),
    )


def category_past(lines: DataFrame, last_day: dt.date) -> DataFrame:
    """What lines came to, by category and price level: what `category_days` says of `last_day` and of the day after.

    Args:
        lines: as `priced_lines` gives them, up to `last_day`.

    Returns:
        See `Snapshot.categories`.
    """
    earlier = F.col("day") < F.lit(last_day)

    def usual(when: Column | None = None) -> Column:
        came_to, listed = F.col("gross") - F.col("taken_off"), F.col("list_price")
        if when is not None:
            came_to, listed = F.when(when, came_to), F.when(when, listed)
        return F.try_divide(F.sum(came_to), F.sum(listed))

    def promotion(day: dt.date) -> Column:
        on = F.col("day") == F.lit(day)
        return F.try_divide(F.sum(F.when(on, F.col("taken_off"))), F.sum(F.when(on, F.col("gross"))))

    tenths = F.round(F.col("level") * 10).cast("long").alias("level")
    levels = lines.groupBy("category", tenths).agg(usual(earlier).alias("usual_before"), usual().alias("usual"))
    every = lines.groupBy("category").agg(
        usual(earlier).alias("usual_before"), usual().alias("usual"),
        promotion(last_day - dt.timedelta(days=1)).alias("promotion_before"), promotion(last_day).alias("promotion"),
    )  # fmt: skip
    return every.withColumn("level", F.lit(None).cast("long")).unionByName(levels, allowMissingColumns=True)


KNOWN_OF_CUSTOMERS = tuple(name for name in HISTORY if name != "days_since_previous")
