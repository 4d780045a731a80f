"""Right rows and one folder, but each order of the month still went through Python for a comparison: look for
`PythonUDF` in the plan. `status != 'cancelled'` is a condition that Spark can read.

fails: no_python
"""

from pyspark.sql import functions as F


def answer(spark, lake):
    counts = F.udf(lambda status: status != "cancelled", "boolean")
    orders = lake.read("silver.orders").where("month = date'2025-12-01'").where(counts("status"))
    return orders.groupBy("channel").agg(F.count("*").alias("orders"), F.sum("amount").alias("revenue"))
