"""Spark refuses: a right join keeps the rows of the table, and which of them have no match is known only when the
stream has ended. Keep the stream's side: `left`, with the stream on the left.

fails: error RightOuter
"""


def answer(spark, lake):
    orders = lake.read("silver.orders").where("received_at >= timestamp'2025-12-22'")
    orders = orders.selectExpr("order_id", "user_id", "received_at", "double(amount) AS amount")
    arrivals = lake.slices(orders, "arrivals", by="received_at", days=5)
    stream = spark.readStream.schema(orders.schema).option("maxFilesPerTrigger", 1).json(arrivals)
    users = lake.read("silver.users").select("user_id", "loyalty")
    query = stream.join(users, "user_id", "right").select("order_id", "amount", "loyalty").writeStream.format("delta")
    query = query.option("checkpointLocation", lake.scratch("tiers-checkpoint")).trigger(availableNow=True)
    query.start(lake.scratch("tiers")).awaitTermination()
    return spark.read.format("delta").load(lake.scratch("tiers"))
