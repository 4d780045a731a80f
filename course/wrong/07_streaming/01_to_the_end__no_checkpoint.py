"""The query did not start: without a folder for its checkpoint it could not go on where it stopped. Name one in the
option `checkpointLocation`.

fails: error checkpointLocation
"""


def answer(spark, lake):
    events = spark.readStream.format("delta").load(lake.path("silver.events"))
    target = lake.scratch("purchases")
    purchases = events.where("event = 'purchase'").select("event_id", "session_id", "order_id")
    purchases.writeStream.format("delta").trigger(availableNow=True).start(target).awaitTermination()
    return spark.read.format("delta").load(target)
