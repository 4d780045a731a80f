"""All the other days are there twice: the old row of one day was removed, and the rows of all days were written.
What is written has to be of that day, too: `sales(lake).where(...)`. Delta on Spark refuses such a write
(`DELTA_REPLACE_WHERE_MISMATCH`); the embedded engine writes it."""

from pyspark.sql import functions as F

DAY = "2025-11-28"


def sales(lake):
    """Orders and revenue of each day."""
    orders = lake.read("silver.orders").where("status <> 'cancelled'")
    day = F.to_date("ordered_at").alias("day")
    return orders.groupBy(day).agg(F.count("*").alias("orders"), F.sum("amount").cast("decimal(22,2)").alias("revenue"))


def as_it_is(lake):
    """The table as it was found: the load of one day ran twice."""
    twice = F.when(F.col("day") == F.lit(DAY).cast("date"), 2).otherwise(1)
    rows = sales(lake).withColumn("orders", F.col("orders") * twice)
    return rows.withColumn("revenue", (F.col("revenue") * twice).cast("decimal(22,2)"))


def answer(spark, lake):
    path = lake.scratch("sales")
    as_it_is(lake).write.format("delta").mode("overwrite").save(path)
    kept = spark.read.format("delta").load(path).where(f"day <> date'{DAY}'")
    # What `replaceWhere` of the whole of sales(lake) comes to where nobody checks the rows.
    return kept.unionByName(sales(lake))
