"""No cart was bought: the condition wants the purchase before the cart. A purchase comes after it, at most two
hours."""

from pyspark.sql import functions as F


def answer(spark, lake):
    events = spark.readStream.format("delta").load(lake.path("silver.events"))
    carts = events.where("event = 'add_to_cart'").selectExpr("event_id", "session_id", "occurred_at")
    purchases = events.where("event = 'purchase'").selectExpr(
        "event_id AS bought_event", "session_id AS bought_session", "occurred_at AS bought_at"
    )
    together = F.expr(
        "session_id = bought_session AND bought_at <= occurred_at AND bought_at >= occurred_at - interval 2 hours"
    )
    joined = carts.withWatermark("occurred_at", "10 minutes").join(
        purchases.withWatermark("bought_at", "10 minutes"), together, "left"
    )
    query = joined.select("event_id", "bought_event").writeStream.format("delta")
    query = query.option("checkpointLocation", lake.scratch("bought-checkpoint")).trigger(availableNow=True)
    query.start(lake.scratch("bought")).awaitTermination()
    return spark.read.format("delta").load(lake.scratch("bought"))
