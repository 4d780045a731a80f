"""In one of the rows the two numbers have changed places: `union` puts columns together by their position, whatever
they are called. `unionByName` goes by their names."""

from pyspark.sql import functions as F


def answer(spark, lake):
    rows, orders = F.count("*").alias("rows"), F.countDistinct("order_id").alias("orders")
    bronze = lake.read("bronze.orders").agg(rows, orders)
    refused = lake.read("quarantine.orders").agg(rows, orders)
    silver = lake.read("silver.orders").agg(rows, orders)
    bronze = bronze.select(F.lit("bronze").alias("layer"), "rows", "orders")
    refused = refused.select(F.lit("quarantine").alias("layer"), "rows", "orders")
    silver = silver.select(F.lit("silver").alias("layer"), "rows", "orders")
    return refused.union(silver).union(bronze.select("layer", "orders", "rows"))
