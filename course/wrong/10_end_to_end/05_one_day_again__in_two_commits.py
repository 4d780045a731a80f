"""The rows are right, but it took two commits: between the delete and the append readers saw a table without the day,
and a job that fails there leaves it so. `replaceWhere` removes and writes in one commit.

fails: commits 2:
"""

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
    spark.sql(f"DELETE FROM delta.`{path}` WHERE day = date'{DAY}'").collect()
    sales(lake).where(f"day = date'{DAY}'").write.format("delta").mode("append").save(path)
    return spark.read.format("delta").load(path)
