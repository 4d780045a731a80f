"""The stream has no schema: a file source of a stream does not look into files by itself, since tomorrow's may
differ. Say it with `.schema(orders.schema)`.

fails: error Schema must be specified
"""


def answer(spark, lake):
    orders = lake.read("silver.orders").where("received_at >= timestamp'2025-12-22'")
    orders = orders.selectExpr("order_id", "received_at", "double(amount) AS amount")
    arrivals = lake.slices(orders, "arrivals", by="received_at", days=4)
    target, checkpoint = lake.scratch("landed"), lake.scratch("landed-checkpoint")
    stream = spark.readStream.option("maxFilesPerTrigger", 1).json(arrivals)
    query = stream.writeStream.format("delta").option("checkpointLocation", checkpoint)
    query = query.trigger(availableNow=True).start(target)
    query.awaitTermination()
    rows = spark.read.format("delta").load(target).count()
    return {"batches": len(query.recentProgress), "first": rows, "second": rows}
