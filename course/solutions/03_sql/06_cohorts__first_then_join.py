"""The first months as a table of their own, joined to the months in which each customer ordered."""

from pyspark.sql import functions as F


def answer(spark, lake):
    kept = lake.read("silver.orders").where("status != 'cancelled'").select("user_id", "month").distinct()
    first = kept.groupBy("user_id").agg(F.min("month").alias("cohort_month"))
    years = F.year("month") - F.year("cohort_month")
    since = (12 * years + F.month("month") - F.month("cohort_month")).alias("months_since")
    return kept.join(first, "user_id").groupBy("cohort_month", since).agg(F.count("*").alias("customers"))
