"""One function for the three layers, and their rows put together by name."""

from pyspark.sql import functions as F


def answer(spark, lake):
    def counted(layer):
        table = lake.read(f"{layer}.orders")
        return table.agg(F.count("*").alias("rows"), F.countDistinct("order_id").alias("orders")).select(
            F.lit(layer).alias("layer"), "rows", "orders"
        )

    return counted("bronze").unionByName(counted("quarantine")).unionByName(counted("silver"))
