"""Rows without a value are not refused: `amount < 0` is null where the amount is missing, and a condition that is
null is not met. Ask for what is missing by `isNull`, before the comparisons."""

from pyspark.sql import functions as F


def answer(spark, lake):
    bronze = lake.read("bronze.orders")
    in_time = F.expr("ordered_at >= timestamp'1990-01-01' and ordered_at < timestamp'2090-01-01'")
    rule = (
        F.when(F.col("_rescued").isNotNull(), "readable")
        .when(F.col("amount") < 0, "amount_not_negative")
        .when(~in_time, "ordered_at_plausible")
    )
    return bronze.select("_load_id", "_row", rule.alias("rule")).where("rule is not null")
