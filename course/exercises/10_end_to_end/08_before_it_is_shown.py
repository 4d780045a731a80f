# %% [markdown]
# # 10.8 Checked before it is shown
#
# Write, audit, publish: a table is written where nobody reads it, checked, and only then put in its place. A check
# says what it looked for and how often it was broken. Beside rules over single rows there are those over all of them:
# a key that is unique, and sums that agree with the source.
#
# **Goal.** Check `candidate(lake)`. Return five rows with `check` and `broken`: `key_unique` (how many pairs of day
# and country have more than one row; a missing country counts as one), `country_present` (rows without a country),
# `revenue_not_negative` (rows below zero), `day_plausible` (rows of days before 2020-01-01, or after 2029-12-31) and
# `sums_agree` (1 if the sum of all revenue differs by more than 0.01 from the sum of `amount` in `silver.orders` that
# are not cancelled, else 0). A check that nothing breaks has a row, too, with 0.

# %%
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
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
answer(spark, lake).show()

# %%
check("10.8", answer)
