"""Right rows, but each order went to a Python process and back for a comparison. Look for `EvalPython` in the plan,
and say it with `F.when`.

fails: no_python
"""

from pyspark.sql import functions as F


def answer(spark, lake):
    @F.udf("string")
    def band(amount):
        return "small" if amount < 50 else "medium" if amount < 200 else "large"

    orders = lake.read("silver.orders").select(band("amount").alias("band"))
    return orders.groupBy("band").agg(F.count("*").alias("orders"))
