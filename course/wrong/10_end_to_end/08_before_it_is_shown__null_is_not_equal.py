"""`country_present` finds nothing: `country = null` is null for every row, and a filter keeps what is true. Ask
`country is null`."""

from pyspark.sql import functions as F


def candidate(lake):
    """A table that wants to be published: day, country, revenue. It has its faults."""
    orders = lake.read("silver.orders").where("status <> 'cancelled'")
    country = F.when(F.month("ordered_at") == 2, F.lit(None)).otherwise(F.col("country")).alias("country")
    rows = orders.groupBy(F.to_date("ordered_at").alias("day"), country).agg(F.sum("amount").alias("revenue"))
    again = rows.where("day >= date'2025-11-24' and day < date'2025-11-26'")
    sign = F.when((F.dayofmonth("day") == 13), -1).otherwise(1)
    rows = rows.unionAll(again).unionAll(again)
    return rows.select("day", "country", (F.col("revenue") * sign).cast("decimal(22,2)").alias("revenue"))


def answer(spark, lake):
    rows = candidate(lake)
    keys = rows.groupBy("day", "country").agg(F.count("*").alias("n"))
    orders = lake.read("silver.orders").where("status <> 'cancelled'").agg(F.sum("amount").alias("wanted"))
    total = rows.agg(F.sum("revenue").alias("got")).crossJoin(orders)
    checks = [
        ("key_unique", keys.where("n > 1")),
        ("country_present", rows.where("country = null")),
        ("revenue_not_negative", rows.where("revenue < 0")),
        ("day_plausible", rows.where("day < date'2020-01-01' or day > date'2029-12-31'")),
        ("sums_agree", total.where("abs(got - wanted) > 0.01")),
    ]
    said = [each.agg(F.lit(name).alias("check"), F.count("*").alias("broken")) for name, each in checks]
    return said[0].unionAll(said[1]).unionAll(said[2]).unionAll(said[3]).unionAll(said[4])
