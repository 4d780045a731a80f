"""Delete by Delta's own command, then read each version by its number."""

from shutil import rmtree

from delta.tables import DeltaTable
from pyspark.sql import functions as F


def answer(spark, lake):
    path = lake.scratch("orders")
    rmtree(path, ignore_errors=True)
    orders = lake.read("silver.orders").select("order_id", "status", "amount")
    orders.write.format("delta").save(path)
    DeltaTable.forPath(spark, path).delete("status = 'cancelled'")

    def counted(version):
        table = spark.read.format("delta").option("versionAsOf", version).load(path)
        return table.agg(F.count("*").alias("orders")).select(F.lit(version).alias("version"), "orders")

    return counted(0).union(counted(1))
