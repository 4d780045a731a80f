"""The notebook's gold cells, a function a table: joins, groupBy and windows, as one writes them in a tutorial."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

if TYPE_CHECKING:
    from bench.peers.notebook import Notebook

MONEY = "decimal(22,2)"


def money(column: Column | str) -> Column:
    return F.coalesce(F.sum(column), F.lit(0)).cast(MONEY)


def count_of(name: str) -> Column:
    return F.coalesce(F.col(name), F.lit(0)).cast("long").alias(name)


def money_of(name: str) -> Column:
    return F.coalesce(F.col(name), F.lit(0)).cast(MONEY).alias(name)


def order_features(nb: Notebook) -> DataFrame:
    orders = nb.table("silver.orders").where("status is null or status <> 'cancelled'")
    lines = nb.table("silver.order_items").groupBy("order_id").agg(
        F.count("*").alias("lines"), F.sum("quantity").alias("units"))  # fmt: skip
    w = Window.partitionBy("user_id").orderBy("ordered_at", "order_id")
    before = w.rowsBetween(Window.unboundedPreceding, -1)
    previous = F.lag("ordered_at").over(w)
    gone = F.unix_micros("ordered_at") - F.unix_micros("previous_ordered_at")
    return (
        orders.withColumn("has_coupon", F.col("coupon").isNotNull())
        .withColumn("order_number", F.row_number().over(w))
        .withColumn("previous_ordered_at", previous)
        .withColumn("previous_revenue", F.coalesce(F.sum("amount").over(before), F.lit(0)).cast(MONEY))
        .withColumn("first_ordered_at", F.min("ordered_at").over(Window.partitionBy("user_id")))
        .join(lines, "order_id", "left")
        .withColumn("days_since_previous", F.floor(gone / 86_400_000_000).cast("int"))
        .withColumn("hour", F.hour("ordered_at"))
        .withColumn("weekday", F.weekday("ordered_at") + 1)
        .withColumn("month", F.trunc("ordered_at", "month"))
        .select(
            "order_id", "user_id", "ordered_at", "status", "channel", "country", "amount", "items_amount", "discount",
            "shipping", "has_coupon", "lines", "units", "order_number", "previous_ordered_at", "days_since_previous",
            "previous_revenue", "first_ordered_at", "hour", "weekday", "month",
        )
    )  # fmt: skip


def daily_sales(nb: Notebook) -> DataFrame:
    orders = nb.table("gold.order_features").withColumn("day", F.to_date("ordered_at"))
    orders = orders.fillna("unknown", ["country", "channel"])
    first = F.col("order_number") == 1
    sold = orders.groupBy("day", "country", "channel").agg(
        F.count("*").alias("orders"), F.countDistinct("user_id").alias("buyers"), F.count_if(first).alias("new_buyers"),
        money("amount").alias("revenue"), money(F.when(first, F.col("amount"))).alias("new_revenue"),
        money("discount").alias("discount"), money("shipping").alias("shipping"),
    )  # fmt: skip
    returns = nb.table("silver.returns").where("returned_at is not null").select("order_id", "returned_at", "refund")
    refunds = (
        returns.join(orders.select("order_id", "country", "channel"), "order_id")
        .groupBy(F.to_date("returned_at").alias("day"), "country", "channel")
        .agg(money("refund").alias("refunds"))
    )
    return sold.join(refunds, ["day", "country", "channel"], "full").select(
        "day", "country", "channel", *map(count_of, ("orders", "buyers", "new_buyers")),
        *map(money_of, ("revenue", "new_revenue", "discount", "shipping", "refunds")),
    )  # fmt: skip


def hourly_sales(nb: Notebook) -> DataFrame:
    orders = nb.table("gold.order_features")
    return orders.groupBy(F.to_date("ordered_at").alias("day"), "hour", "weekday").agg(
        F.count("*").alias("orders"), money("amount").alias("revenue"))  # fmt: skip


def product_daily(nb: Notebook) -> DataFrame:
    orders = nb.table("gold.order_features").select("order_id", F.to_date("ordered_at").alias("day"))
    sold = nb.table("silver.order_items").join(orders, "order_id").groupBy("day", "product_id").agg(
        F.countDistinct("order_id").alias("orders"), F.sum("quantity").alias("units"),
        money(F.col("quantity") * F.col("unit_price")).alias("gross"), money("discount").alias("discount"),
    )  # fmt: skip
    returns = nb.table("silver.returns").where("returned_at is not null").join(orders.select("order_id"), "order_id")
    back = returns.groupBy(F.to_date("returned_at").alias("day"), "product_id").agg(
        F.sum("quantity").alias("returned_units"), money("refund").alias("refunds"))  # fmt: skip
    products = nb.table("silver.products").select("product_id", "category", "cost")
    return (
        sold.join(back, ["day", "product_id"], "full")
        .join(products.withColumnRenamed("cost", "piece"), "product_id", "left")
        .select("day", "product_id", "category", *map(count_of, ("orders", "units", "returned_units")),
                *map(money_of, ("gross", "discount", "refunds")), "piece")
        .withColumn("revenue", (F.col("gross") - F.col("discount")).cast(MONEY))
        .withColumn("cost", (F.col("units") * F.col("piece")).cast(MONEY))
        .drop("piece")
    )  # fmt: skip


def product_performance(nb: Notebook) -> DataFrame:
    sales = nb.table("gold.product_daily").groupBy("product_id").agg(
        F.sum("orders").alias("orders"), F.sum("units").alias("units"), money("revenue").alias("revenue"),
        money("cost").alias("cost"), F.sum("returned_units").alias("returned_units"),
        F.min(F.when(F.col("units") > 0, F.col("day"))).alias("first_sold"),
        F.max(F.when(F.col("units") > 0, F.col("day"))).alias("last_sold"),
    )  # fmt: skip
    stars = nb.table("silver.ratings").groupBy("product_id").agg(
        F.count("*").alias("ratings"), F.avg("rating").alias("rating"))  # fmt: skip
    prices = nb.table("silver.prices").where("is_current").select("product_id", "price")
    catalogue = nb.table("silver.products").select("product_id", "name", "category", "supplier", "list_price")
    best = Window.orderBy(F.desc("revenue"), "product_id")
    share = F.sum("revenue").over(best.rowsBetween(Window.unboundedPreceding, -1)) / F.sum("revenue").over(
        best.rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing))  # fmt: skip
    return (
        catalogue.join(sales, "product_id", "full").join(stars, "product_id", "left").join(prices, "product_id", "left")
        .select(
            "product_id", "name", "category", "supplier", F.coalesce("price", "list_price").alias("price"),
            *map(count_of, ("orders", "units", "returned_units", "ratings")), money_of("revenue"), "cost", "rating",
            "first_sold", "last_sold",
        )
        .withColumn("margin", (F.col("revenue") - F.coalesce("cost", F.lit(0))).cast(MONEY))
        .withColumn("return_rate", F.when(F.col("units") > 0, F.col("returned_units") / F.col("units")))
        .withColumn("revenue_rank", F.row_number().over(best))
        .withColumn("share", F.coalesce(share, F.lit(0)))
        .withColumn("abc_class", F.when(F.col("share") < 0.8, "A").when(F.col("share") < 0.95, "B").otherwise("C"))
        .drop("cost", "share")
    )  # fmt: skip


def customer_360(nb: Notebook) -> DataFrame:
    features, users = nb.table("gold.order_features"), nb.table("silver.users")
    # A notebook looks the last day up, and goes on with the value.
    as_of = F.lit(features.agg(F.to_date(F.max("ordered_at")).alias("day")).first()["day"])
    day = F.to_date("ordered_at")
    recent = day > F.date_sub(as_of, 90)
    earlier = (day > F.date_sub(as_of, 180)) & ~recent
    orders = features.groupBy("user_id").agg(
        F.count("*").alias("orders"), money("amount").alias("revenue"), F.min("ordered_at").alias("first_ordered_at"),
        F.max("ordered_at").alias("last_ordered_at"), F.count_if(recent).alias("orders_90d"),
        F.count_if(earlier).alias("orders_before_90d"), money(F.when(recent, F.col("amount"))).alias("revenue_90d"),
        F.count_if("has_coupon").alias("coupon_orders"), money("discount").alias("discount"),
    )  # fmt: skip
    returns = nb.table("silver.returns").select("order_id", "refund").join(
        features.select("order_id", "user_id"), "order_id").groupBy("user_id").agg(
        F.count("*").alias("returns"), money("refund").alias("refunds"))  # fmt: skip
    seen = F.to_date("occurred_at")
    sessions = nb.table("silver.events").where(
        F.col("user_id").isNotNull() & (seen > F.date_sub(as_of, 90)) & (seen <= as_of)
    )
    sessions = sessions.groupBy("user_id").agg(F.countDistinct("session_id").alias("sessions_90d"))
    last = features.groupBy("user_id").agg(F.max_by("country", "order_number").alias("last_country"))
    homes = nb.table("silver.addresses").where("is_current").select(
        "user_id", F.col("country").alias("now_country"), F.col("city").alias("now_city"))  # fmt: skip
    joined = users.join(homes, "user_id", "left").join(orders, "user_id", "full")
    joined = joined.join(returns, "user_id", "left").join(sessions, "user_id", "left").join(last, "user_id", "left")
    moved = F.col("now_country").isNotNull() | F.col("now_city").isNotNull()
    gap = (F.unix_micros("last_ordered_at") - F.unix_micros("first_ordered_at")) / 86_400_000_000
    counts = ("orders", "orders_90d", "orders_before_90d", "coupon_orders", "returns", "sessions_90d")
    rows = joined.select(
        "user_id", F.coalesce("now_country", "country", "last_country").alias("country"),
        F.when(moved, F.col("now_city")).otherwise(F.col("city")).alias("city"), F.col("channel").alias("acquired_by"),
        "loyalty", "birth_year", "signed_up_at", as_of.alias("as_of"), "first_ordered_at", "last_ordered_at",
        *map(count_of, counts), *map(money_of, ("revenue", "revenue_90d", "discount", "refunds")),
        F.when(F.col("orders") > 0, F.col("revenue").cast("double") / F.col("orders")).alias("average_order_value"),
        F.date_diff(as_of, F.to_date("last_ordered_at")).alias("recency_days"),
        F.when(F.col("orders") > 1, gap / (F.col("orders") - 1)).alias("mean_gap_days"),
    )  # fmt: skip
    return scored(rows)


def scored(rows: DataFrame) -> DataFrame:
    """Fifths by ntile, as RFM tutorials have it."""
    buyers, others = rows.where("orders > 0"), rows.where("orders = 0")
    for name, by in (
        ("recency", F.to_date("last_ordered_at")),
        ("frequency", F.col("orders")),
        ("monetary", F.col("revenue")),
    ):
        buyers = buyers.withColumn(f"{name}_score", F.ntile(5).over(Window.orderBy(by)))
        others = others.withColumn(f"{name}_score", F.lit(None).cast("int"))
    segment = F.expr("""
        case when orders = 0 then 'no orders'
             when recency_score >= 4 and frequency_score >= 4 and monetary_score >= 4 then 'champions'
             when recency_score >= 4 and orders = 1 then 'new'
             when recency_score >= 3 and frequency_score >= 3 then 'loyal'
             when recency_score >= 3 then 'promising'
             when frequency_score >= 4 then 'at risk'
             when recency_score = 2 then 'asleep'
             else 'lost' end
    """)
    return buyers.unionByName(others).withColumn("segment", segment)


def cohorts(nb: Notebook) -> DataFrame:
    orders = nb.table("gold.order_features")
    month, cohort = F.trunc(F.to_date("ordered_at"), "month"), F.trunc(F.to_date("first_ordered_at"), "month")
    grouped = orders.groupBy(month.alias("month"), cohort.alias("cohort_month")).agg(
        F.countDistinct("user_id").alias("customers"), F.count("*").alias("orders"), money("amount").alias("revenue"),
    )  # fmt: skip
    return grouped.withColumn("months_since", F.months_between("month", "cohort_month").cast("int"))


def funnel_daily(nb: Notebook) -> DataFrame:
    def any_of(*events: str) -> Column:
        return F.max(F.when(F.col("event").isin(*events), 1).otherwise(0))

    stages = ("viewed", "carted", "checked_out", "purchased")
    visits = nb.table("silver.events").groupBy("session_id").agg(
        F.to_date(F.min("occurred_at")).alias("day"), F.coalesce(F.min("device"), F.lit("unknown")).alias("device"),
        any_of("page_view", "search").alias("viewed"), any_of("add_to_cart").alias("carted"),
        any_of("checkout").alias("checked_out"), any_of("purchase").alias("purchased"),
    )  # fmt: skip
    return visits.groupBy("day", "device").agg(
        F.count("*").alias("sessions"), *[F.sum(name).alias(name) for name in stages]
    )


def stock_daily(nb: Notebook) -> DataFrame:
    received = nb.table("silver.inventory").groupBy("product_id", F.to_date("moved_at").alias("day")).agg(
        F.sum("quantity").alias("received"))  # fmt: skip
    traded = nb.table("gold.product_daily").select(
        "product_id", "day", F.col("units").alias("sold"), F.col("returned_units").alias("returned"))  # fmt: skip
    opening = nb.table("silver.products").select("product_id", "opening_stock")
    so_far = Window.partitionBy("product_id").orderBy("day").rowsBetween(Window.unboundedPreceding, Window.currentRow)
    days = received.join(traded, ["product_id", "day"], "full").select(
        "product_id", "day", *map(count_of, ("received", "sold", "returned")))  # fmt: skip
    change = F.sum(F.col("received") - F.col("sold") + F.col("returned")).over(so_far)
    return (
        days.withColumn("change", change)
        .join(opening, "product_id", "left")
        .withColumn("on_hand", F.coalesce("opening_stock", F.lit(0)) + F.col("change"))
        .drop("change", "opening_stock")
    )


def inventory_cover(nb: Notebook) -> DataFrame:
    stock, features = nb.table("gold.stock_daily"), nb.table("gold.order_features")
    days = stock.select("day").union(features.select(F.to_date("ordered_at")))
    as_of = F.lit(days.agg(F.max("day").alias("day")).first()["day"])
    newest = Window.partitionBy("product_id").orderBy(F.desc("day"))
    now = stock.withColumn("place", F.row_number().over(newest)).where("place = 1").select("product_id", "on_hand")
    pace = stock.groupBy("product_id").agg(
        F.sum(F.when(F.col("day") > F.date_sub(as_of, 28), F.col("sold")).otherwise(0)).alias("units_28d"),
        F.count_if(F.col("on_hand") <= 0).alias("stock_out_days"),
    )  # fmt: skip
    products = nb.table("silver.products").select("product_id", "name", "category", "supplier", "opening_stock")
    rows = products.join(now, "product_id", "full").join(pace, "product_id", "left").select(
        "product_id", "name", "category", "supplier", as_of.alias("as_of"),
        F.coalesce("on_hand", F.col("opening_stock").cast("long")).alias("on_hand"),
        count_of("units_28d"), count_of("stock_out_days"),
    ).where("on_hand is not null")  # fmt: skip
    cover = F.when(F.col("units_28d") > 0, F.col("on_hand") / (F.col("units_28d") / 28))
    state = F.expr("case when on_hand <= 0 then 'out' when cover_days is null or cover_days > 180 then 'slow' "
                   "when cover_days < 14 then 'low' else 'fine' end")  # fmt: skip
    return rows.withColumn("cover_days", cover).withColumn("state", state)


def basket_products(nb: Notebook) -> DataFrame:
    placed = baskets(nb)
    total = placed.groupBy("month").agg(F.countDistinct("order_id").alias("baskets_total"))
    by_product = placed.groupBy("month", "product_id").agg(F.countDistinct("order_id").alias("baskets"))
    return by_product.join(total, "month")


def basket_pairs(nb: Notebook) -> DataFrame:
    left = baskets(nb).withColumnRenamed("product_id", "product_a")
    right = baskets(nb).select("order_id", F.col("product_id").alias("product_b"))
    pairs = left.join(right, "order_id").where("product_a < product_b")
    return pairs.groupBy("month", "product_a", "product_b").agg(F.count("*").alias("baskets"))


def baskets(nb: Notebook) -> DataFrame:
    month = F.trunc(F.to_date("ordered_at"), "month").alias("month")
    orders = nb.table("gold.order_features").select("order_id", month)
    return orders.join(nb.table("silver.order_items").select("order_id", "product_id"), "order_id").distinct()


CELLS: tuple[Callable[[Notebook], DataFrame], ...] = (
    order_features, daily_sales, hourly_sales, product_daily, product_performance, customer_360, cohorts, funnel_daily,
    stock_daily, inventory_cover, basket_products, basket_pairs,
)  # fmt: skip
GOLD_CELLS = {cell.__name__: cell for cell in CELLS}
