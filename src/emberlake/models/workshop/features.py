"""TPC-H's orders with their customers, and with a summary of their lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

CUSTOMER = ("c_acctbal", "month")
LINES = ("lines", "quantity", "dearest", "mean_price", "discount", "tax")
SEGMENT = "c_mktsegment"


def order_rows(inputs: Mapping[str, DataFrame]) -> DataFrame:
    """Orders with what the workshop knows of their customer.

    Args:
        inputs: silver.tpch_orders, silver.tpch_customer.

    Returns:
        o_orderkey, o_totalprice (double, USD), c_acctbal (double, USD), c_mktsegment and month (double, 1 to 12); an
        order whose customer is not known has nulls.
    """
    orders = inputs["silver.tpch_orders"].select(
        "o_orderkey",
        "o_custkey",
        F.col("o_totalprice").cast("double").alias("o_totalprice"),
        F.month("o_orderdate").cast("double").alias("month"),
    )
    customers = inputs["silver.tpch_customer"].select(
        "c_custkey", F.col("c_acctbal").cast("double").alias("c_acctbal"), SEGMENT
    )
    # The key that is meant: `o_orderkey = c_custkey` also joins, and gives every order a stranger's balance.
    joined = orders.join(customers, orders["o_custkey"] == customers["c_custkey"], "left")
    return joined.select("o_orderkey", "o_totalprice", *CUSTOMER, SEGMENT)


def line_rows(inputs: Mapping[str, DataFrame]) -> DataFrame:
    """The rows of `order_rows` with a summary of the orders' lines.

    Args:
        inputs: silver.tpch_orders, silver.tpch_customer, silver.tpch_lineitem.

    Returns:
        As `order_rows`, and lines, quantity (pieces), dearest and mean_price (extended price, USD), discount and tax
        (mean shares); nulls for an order without lines.
    """
    price = F.col("l_extendedprice").cast("double")
    lines = inputs["silver.tpch_lineitem"].groupBy("l_orderkey").agg(
        F.count("*").cast("double").alias("lines"),
        F.sum(F.col("l_quantity").cast("double")).alias("quantity"),
        F.max(price).alias("dearest"),
        F.avg(price).alias("mean_price"),
        F.avg(F.col("l_discount").cast("double")).alias("discount"),
        F.avg(F.col("l_tax").cast("double")).alias("tax"),
    )  # fmt: skip
    orders = order_rows(inputs)
    return orders.join(lines, orders["o_orderkey"] == lines["l_orderkey"], "left").drop("l_orderkey")
