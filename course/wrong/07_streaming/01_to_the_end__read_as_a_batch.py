"""A DataFrame that was made by `spark.read` has no `writeStream`: it is a table as it is now, not one that grows.
Begin with `spark.readStream`.

fails: error WRITE_STREAM_NOT_ALLOWED
"""


def answer(spark, lake):
    events = spark.read.format("delta").load(lake.path("silver.events"))
    target, checkpoint = lake.scratch("purchases"), lake.scratch("purchases-checkpoint")
    purchases = events.where("event = 'purchase'").select("event_id", "session_id", "order_id")
    query = purchases.writeStream.format("delta").option("checkpointLocation", checkpoint)
    query.trigger(availableNow=True).start(target).awaitTermination()
    return spark.read.format("delta").load(target)
