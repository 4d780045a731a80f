"""Both versions have all orders: a filter on a DataFrame changes the DataFrame, not the table. What was written
stays until a command of the table changes it."""

from shutil import rmtree

from pyspark.sql import functions as F


def answer(spark, lake):
    path = lake.scratch("orders")
    rmtree(path, ignore_errors=True)
    orders = lake.read("silver.orders").select("order_id", "status", "amount")
    orders.write.format("delta").save(path)
    spark.read.format("delta").load(path).where("status != 'cancelled'")

    def counted(version):
        table = spark.read.format("delta").load(path)
        return table.agg(F.count("*").alias("orders")).select(F.lit(version).alias("version"), "orders")

    return counted(0).union(counted(1))
