"""The model has seen the orders that it foretells: it was made of all of them. Train on those before `SPLIT` only."""

from pyspark.sql import functions as F

SPLIT = "timestamp'2025-10-01 00:00:00'"


def answer(spark, lake):
    old = lake.read("silver.orders")
    model = old.groupBy("user_id").agg(F.avg("amount").cast("double").alias("usual"))
    everybody = old.agg(F.avg("amount").cast("double")).first()[0]
    stream = spark.readStream.format("delta").load(lake.path("silver.orders")).where(f"ordered_at >= {SPLIT}")
    scored = stream.join(F.broadcast(model), "user_id", "left").select(
        "order_id", F.coalesce("usual", F.lit(everybody)).alias("predicted")
    )
    path = lake.scratch("scored")
    query = (
        scored.writeStream.format("delta")
        .option("checkpointLocation", lake.scratch("checkpoint"))
        .trigger(availableNow=True)
        .start(path)
    )
    query.awaitTermination()
    return spark.read.format("delta").load(path)
