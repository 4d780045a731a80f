"""The same as SQL's CASE."""

from pyspark.sql import functions as F


def answer(spark, lake):
    band = F.expr("case when amount >= 200 then 'large' when amount >= 50 then 'medium' else 'small' end")
    return lake.read("silver.orders").withColumn("band", band).groupBy("band").agg(F.count("*").alias("orders"))
