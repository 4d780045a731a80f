"""What is known of an order at the moment of its check-out: its basket, its customer's past, and the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark.sql import Column, DataFrame, WindowSpec

BASKET = (
    "lines", "categories", "basket_price", "dearest", "cheapest", "basket_list", "basket_usual",
    "price_level", "promotion",
)  # fmt: skip
HISTORY = (
    "orders_before", "days_since_previous", "mean_amount_before", "last_amount", "largest_before",
    "coupon_share_before", "lines_before", "paid_to_basket_before",
)  # fmt: skip
TIME = ("hour", "weekday", "month")
NUMBERS = (*BASKET, *HISTORY, *TIME)
NAMES = ("category", "channel", "country")

# What the shop learns only after the check-out, or from the customer's last click in it: never a feature of that order.
AFTER_CHECKOUT: dict[str, tuple[str, ...]] = {
    "silver.orders": ("amount", "items_amount", "discount", "shipping", "coupon", "status", "received_at"),
    "silver.order_items": ("quantity", "discount"),
}
# When a row of each table came to be: what a point-in-time check cuts by. Lines came with their order.
KNOWN_FROM = {"silver.orders": "ordered_at", "silver.products": "launched_at"}
_NOTHING = "unknown"
_MOST_PIECES = 10


def checkout_features(inputs: Mapping[str, DataFrame]) -> DataFrame:
    """One row an order, with what was known when it was placed, and what it came to.

    Orders that were cancelled or sent back later are in it: at the check-out nobody knew.

    Args:
        inputs: silver.orders, silver.order_items, silver.products.

    Returns:
        order_id, user_id, ordered_at, the columns of `NUMBERS` (double) and `NAMES` (string), none of them null, and
        amount (double, EUR), which is the label and no feature.
    """
    orders = inputs["silver.orders"].select(
        "order_id", "user_id", "ordered_at", "channel", "country",
        F.col("amount").cast("double").alias("amount"),
        F.col("coupon").isNotNull().cast("double").alias("has_coupon"),
    )  # fmt: skip
    # Purchasing may not have told of a product yet, and an order counts nonetheless.
    placed = orders.select("order_id", F.to_date("ordered_at").alias("day"))
    lines = inputs["silver.order_items"].join(placed, "order_id")
    lines = priced_lines(lines, inputs["silver.products"])
    baskets = basket_features(lines, category_days(lines))
    rows = orders.join(baskets, "order_id", "left").fillna(0.0, list(BASKET)).fillna(_NOTHING, ["category"])
    return with_history(with_time(rows)).select(
        "order_id", "user_id", "ordered_at", *(F.col(name).cast("double").alias(name) for name in NUMBERS),
        *(F.coalesce(name, F.lit(_NOTHING)).alias(name) for name in NAMES), "amount",
    )  # fmt: skip


def priced_lines(lines: DataFrame, products: DataFrame) -> DataFrame:
    """Lines with their product's category and list price.

    Args:
        lines: order_id, day, line, product_id, quantity, unit_price and discount (EUR).
        products: product_id, category, list_price (EUR).

    Returns:
        order_id, day, line, product_id, category, price and list_price of one piece, level (their ratio in tenths), and
        of the line's first ten pieces gross and taken_off; these two are known after the check-out only.
    """
    known = products.select("product_id", "category", F.col("list_price").cast("double").alias("list_price"))
    price = F.col("unit_price").cast("double")
    # A line of a thousand pieces would be its category's usual for months.
    pieces = F.least("quantity", F.lit(_MOST_PIECES)).cast("double")
    return lines.join(known, "product_id", "left").select(
        "order_id", "day", "line", "product_id",
        F.coalesce("category", F.lit(_NOTHING)).alias("category"),
        price.alias("price"),
        F.coalesce("list_price", price).alias("list_price"),
        F.coalesce(F.round(F.try_divide(price, F.col("list_price")), 1), F.lit(1.0)).alias("level"),
        (pieces * price).alias("gross"),
        (F.coalesce(F.col("discount").cast("double"), F.lit(0.0)) * pieces / F.col("quantity")).alias("taken_off"),
    )  # fmt: skip


def category_days(lines: DataFrame) -> DataFrame:
    """What a category's lines came to before each day.

    Args:
        lines: as `priced_lines` gives them.

    Returns:
        One row a category, price level and day with lines: category, level, day, usual (EUR that a line came to for
        each EUR of its list price, over all days before: at that price level if there were any, else at all levels)
        and promotion (share taken off in the category, on the day before). Null where those days had no line.
    """
    daily = lines.groupBy("category", "level", "day").agg(
        F.sum("list_price").alias("listed"), F.sum("gross").alias("gross"), F.sum("taken_off").alias("taken_off")
    )
    number = F.unix_date("day")
    at_level = Window.partitionBy("category", "level").orderBy(number).rangeBetween(Window.unboundedPreceding, -1)
    in_category = Window.partitionBy("category").orderBy(number)
    at_all, yesterday = (in_category.rangeBetween(since, -1) for since in (Window.unboundedPreceding, -1))
    came_to, listed, off = F.col("gross") - F.col("taken_off"), F.col("listed"), F.col("taken_off")

    def usual(window: WindowSpec) -> Column:
        return F.try_divide(F.sum(came_to).over(window), F.sum(listed).over(window))

    return daily.select(
        "category", "level", "day", F.coalesce(usual(at_level), usual(at_all)).alias("usual"),
        F.try_divide(F.sum(off).over(yesterday), F.sum("gross").over(yesterday)).alias("promotion"),
    )  # fmt: skip


def basket_features(lines: DataFrame, days: DataFrame) -> DataFrame:
    """What lies in each basket, at the price of one piece each: how many of it the customer takes is not known yet.

    Args:
        lines: as `priced_lines` gives them.
        days: as `category_days` gives them.

    Returns:
        order_id, the columns of `BASKET` and category: the dearest line's. EUR; basket_usual is what lines of these
        categories and price levels used to come to, price_level the basket's price relative to its list price,
        promotion the share taken off such products yesterday.
    """
    off = F.coalesce("promotion", F.lit(0.0))
    usual = F.col("list_price") * F.coalesce("usual", F.lit(1.0))
    seen = lines.join(days, ["category", "level", "day"], "left")
    basket = seen.groupBy("order_id").agg(
        F.count("*").alias("lines"), F.size(F.collect_set("category")).alias("categories"),
        F.sum("price").alias("basket_price"), F.max("price").alias("dearest"), F.min("price").alias("cheapest"),
        F.sum("list_price").alias("basket_list"), F.sum(usual).alias("basket_usual"),
        F.sum(F.col("price") * off).alias("_off"),
        F.max_by("category", F.struct("price", -F.col("line"))).alias("category"),
    )  # fmt: skip
    price = F.col("basket_price")
    return basket.select(
        "*", F.coalesce(F.try_divide(price, F.col("basket_list")), F.lit(1.0)).alias("price_level"),
        F.coalesce(F.try_divide(F.col("_off"), price), F.lit(0.0)).alias("promotion"),
    ).drop("_off")  # fmt: skip


def with_history(orders: DataFrame) -> DataFrame:
    """Orders with what their customer had done before; ties in time go by `order_id`.

    Args:
        orders: order_id, user_id, ordered_at, amount, has_coupon, lines, basket_price.

    Returns:
        The same and the columns of `HISTORY`; for a first order all are 0, except days_since_previous: -1.
    """
    of_customer = Window.partitionBy("user_id").orderBy("ordered_at", "order_id")
    before = of_customer.rowsBetween(Window.unboundedPreceding, -1)
    since = F.col("ordered_at").cast("double") - F.lag("ordered_at").over(of_customer).cast("double")

    def past(value: Column, otherwise: float = 0.0) -> Column:
        return F.coalesce(value, F.lit(otherwise))

    paid, baskets = F.sum("amount").over(before), F.sum("basket_price").over(before)
    return orders.select(
        "*",
        F.count("*").over(before).alias("orders_before"),
        past(since / 86_400, -1.0).alias("days_since_previous"),
        past(F.avg("amount").over(before)).alias("mean_amount_before"),
        past(F.lag("amount").over(of_customer)).alias("last_amount"),
        past(F.max("amount").over(before)).alias("largest_before"),
        past(F.avg("has_coupon").over(before)).alias("coupon_share_before"),
        past(F.avg("lines").over(before)).alias("lines_before"),
        past(F.try_divide(paid, baskets)).alias("paid_to_basket_before"),
    )


def with_time(orders: DataFrame) -> DataFrame:
    """Orders with hour (0 to 23), weekday (1 Monday to 7 Sunday) and month (1 to 12) of their moment, UTC."""
    at = F.col("ordered_at")
    return (
        orders.withColumn("hour", F.hour(at))
        .withColumn("weekday", (F.dayofweek(at) + 5) % 7 + 1)
        .withColumn("month", F.month(at))
    )
