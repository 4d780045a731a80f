"""Some rows are there twice, once for each rule that they break. One reason for a row keeps the books checkable:
rows read = accepted + refused. Take the first."""

from pyspark.sql import functions as F


def answer(spark, lake):
    bronze = lake.read("bronze.orders")
    missing = (
        F.col("order_id").isNull() | F.col("user_id").isNull() | F.col("ordered_at").isNull() | F.col("amount").isNull()
    )
    late = F.expr("ordered_at < timestamp'1990-01-01' or ordered_at >= timestamp'2090-01-01'")
    rules = {"readable": F.col("_rescued").isNotNull(), "present": missing, "amount_not_negative": F.col("amount") < 0}
    rules["ordered_at_plausible"] = late
    broken = F.array(*[F.when(condition, F.lit(name)) for name, condition in rules.items()])
    return bronze.select("_load_id", "_row", F.explode(broken).alias("rule")).where("rule is not null")
