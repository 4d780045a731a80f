"""The rows are right, but one micro-batch took all files: the source was not told how many to take at a time. Look
at `maxFilesPerTrigger`."""


def answer(spark, lake):
    orders = lake.read("silver.orders").where("received_at >= timestamp'2025-12-22'")
    orders = orders.selectExpr("order_id", "received_at", "double(amount) AS amount")
    arrivals = lake.slices(orders, "arrivals", by="received_at", days=4)
    target, checkpoint = lake.scratch("landed"), lake.scratch("landed-checkpoint")

    def run():
        stream = spark.readStream.schema(orders.schema).json(arrivals)
        query = stream.writeStream.format("delta").option("checkpointLocation", checkpoint)
        query = query.trigger(availableNow=True).start(target)
        query.awaitTermination()
        batches = sum(progress["numInputRows"] > 0 for progress in query.recentProgress)
        return batches, spark.read.format("delta").load(target).count()

    batches, first = run()
    return {"batches": batches, "first": first, "second": run()[1]}
