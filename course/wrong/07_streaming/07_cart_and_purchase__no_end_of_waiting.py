"""Spark refuses: without a condition on the two times it can never say that a cart has no purchase, since one might
still come. Bound `bought_at` by `occurred_at` on both sides.

fails: error watermark
"""

from pyspark.sql import functions as F


def answer(spark, lake):
    events = spark.readStream.format("delta").load(lake.path("silver.events"))
    carts = events.where("event = 'add_to_cart'").selectExpr("event_id", "session_id", "occurred_at")
    purchases = events.where("event = 'purchase'").selectExpr(
        "event_id AS bought_event", "session_id AS bought_session", "occurred_at AS bought_at"
    )
    joined = carts.withWatermark("occurred_at", "10 minutes").join(
        purchases.withWatermark("bought_at", "10 minutes"), F.expr("session_id = bought_session"), "left"
    )
    query = joined.select("event_id", "bought_event").writeStream.format("delta")
    query = query.option("checkpointLocation", lake.scratch("bought-checkpoint")).trigger(availableNow=True)
    query.start(lake.scratch("bought")).awaitTermination()
    return spark.read.format("delta").load(lake.scratch("bought"))
