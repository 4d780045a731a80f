"""Some orders are there twice: they came as copies with the same `received_at`, and a join with the highest moment
keeps both; so does `rank`, which gives equals the same number. A row number is different for each row."""

from pyspark.sql import functions as F


def good(lake):
    """Rows of bronze that break no rule by themselves; copies and older states are among them."""
    given = "_rescued is null and order_id is not null and user_id is not null and ordered_at is not null"
    plausible = "amount >= 0 and ordered_at >= timestamp'1990-01-01' and ordered_at < timestamp'2090-01-01'"
    return lake.read("bronze.orders").where(f"{given} and {plausible}")


def answer(spark, lake):
    rows = good(lake)
    latest = rows.groupBy("order_id").agg(F.max("received_at").alias("received_at"))
    return rows.join(latest, ["order_id", "received_at"]).select("order_id", "received_at", "status", "amount")
