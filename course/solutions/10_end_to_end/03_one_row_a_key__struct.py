"""The highest struct with the version in front is the whole latest row; no sort is needed."""

from pyspark.sql import functions as F


def good(lake):
    """Rows of bronze that break no rule by themselves; copies and older states are among them."""
    given = "_rescued is null and order_id is not null and user_id is not null and ordered_at is not null"
    plausible = "amount >= 0 and ordered_at >= timestamp'1990-01-01' and ordered_at < timestamp'2090-01-01'"
    return lake.read("bronze.orders").where(f"{given} and {plausible}")


def answer(spark, lake):
    latest = F.max(F.struct("received_at", "status", "amount")).alias("latest")
    rows = good(lake).groupBy("order_id").agg(latest)
    return rows.select("order_id", "latest.received_at", "latest.status", "latest.amount")
