"""`foreachBatch` hands each micro-batch over as a batch DataFrame, to be written in any way."""


def answer(spark, lake):
    events = spark.readStream.format("delta").load(lake.path("silver.events"))
    target, checkpoint = lake.scratch("purchases"), lake.scratch("purchases-checkpoint")

    def write(batch, number):
        purchases = batch.where("event = 'purchase'").select("event_id", "session_id", "order_id")
        purchases.write.format("delta").mode("append").save(target)

    query = events.writeStream.foreachBatch(write).option("checkpointLocation", checkpoint)
    query.trigger(availableNow=True).start().awaitTermination()
    return spark.read.format("delta").load(target)
