"""Each rule as a reason or null, and the first that is not null."""

from pyspark.sql import functions as F


def answer(spark, lake):
    bronze = lake.read("bronze.orders")
    missing = F.expr("order_id is null or user_id is null or ordered_at is null or amount is null")
    late = F.expr("ordered_at < timestamp'1990-01-01' or ordered_at >= timestamp'2090-01-01'")
    rules = {"readable": F.col("_rescued").isNotNull(), "present": missing, "amount_not_negative": F.col("amount") < 0}
    rules["ordered_at_plausible"] = late
    first = F.coalesce(*[F.when(condition, F.lit(name)) for name, condition in rules.items()])
    return bronze.select("_load_id", "_row", first.alias("rule")).where("rule is not null")
