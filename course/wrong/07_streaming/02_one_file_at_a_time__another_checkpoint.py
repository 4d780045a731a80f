"""After the second run every order is there twice: it had a checkpoint of its own, knew of nothing, and began anew.
The target does not remember what was read; the checkpoint does."""


def answer(spark, lake):
    orders = lake.read("silver.orders").where("received_at >= timestamp'2025-12-22'")
    orders = orders.selectExpr("order_id", "received_at", "double(amount) AS amount")
    arrivals = lake.slices(orders, "arrivals", by="received_at", days=4)
    target = lake.scratch("landed")

    def run(checkpoint):
        stream = spark.readStream.schema(orders.schema).option("maxFilesPerTrigger", 1).json(arrivals)
        query = stream.writeStream.format("delta").option("checkpointLocation", lake.scratch(checkpoint))
        query = query.trigger(availableNow=True).start(target)
        query.awaitTermination()
        batches = sum(progress["numInputRows"] > 0 for progress in query.recentProgress)
        return batches, spark.read.format("delta").load(target).count()

    batches, first = run("checkpoint-1")
    return {"batches": batches, "first": first, "second": run("checkpoint-2")[1]}
