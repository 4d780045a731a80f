"""What a line's product cost by the price history when it was ordered: a stream joined with a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def priced_lines(orders: DataFrame, prices: DataFrame) -> DataFrame:
    """Lines of orders with the price that held at the order's time.

    The table has no watermark and no state: Spark reads its newest version in each micro-batch, so a line gets what the
    history knew when the line came, and a change booked afterwards does not reach back.

    Time: each micro-batch reads the history's four columns; products are few, so the history is sent to every task.

    Args:
        orders: order events, each once: order_id, ordered_at (UTC), lines.
        prices: silver.prices: product_id, price (EUR), valid_from, valid_to (UTC, exclusive; null: still holds).

    Returns:
        The columns of gold.live_lines, price null where the history has none for that moment.
    """
    lines = orders.select("order_id", "ordered_at", F.explode("lines").alias("_line")).select(
        "order_id", "_line.line", "_line.product_id", "ordered_at", "_line.quantity", "_line.unit_price"
    )
    # A line with a hole is refused on its way to silver; here it must not stop the stream.
    whole = lines.dropna(subset=["line", "product_id", "quantity", "unit_price"])
    history = prices.select(F.col("product_id").alias("_product"), "price", "valid_from", "valid_to")
    held = (F.col("ordered_at") >= F.col("valid_from")) & (
        F.col("valid_to").isNull() | (F.col("ordered_at") < F.col("valid_to"))
    )
    joined = whole.join(F.broadcast(history), (F.col("product_id") == F.col("_product")) & held, "left")
    return joined.drop("_product", "valid_from", "valid_to")
