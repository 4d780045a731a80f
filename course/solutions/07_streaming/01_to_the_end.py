"""The same filter as in a batch; the checkpoint makes a query of it that can go on."""


def answer(spark, lake):
    events = spark.readStream.format("delta").load(lake.path("silver.events"))
    target, checkpoint = lake.scratch("purchases"), lake.scratch("purchases-checkpoint")
    purchases = events.where("event = 'purchase'").select("event_id", "session_id", "order_id")
    query = (
        purchases.writeStream.format("delta")
        .option("checkpointLocation", checkpoint)
        .trigger(availableNow=True)
        .start(target)
    )
    query.awaitTermination()
    return spark.read.format("delta").load(target)
