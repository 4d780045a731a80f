# %% [markdown]
# # 2.1 Orders since November
#
# `silver.orders` has one row an order, with the moment it was placed (`ordered_at`, a timestamp in UTC).
#
# A Parquet file says for each column which values it holds at least and at most. A reader that is told of a filter
# can skip what cannot match; one that is not told reads every row. Whether it is told shows in the plan:
# `PushedFilters`.
#
# **Goal.** Return the orders placed on or after 1 November 2025 (UTC), whatever their status, with the columns
# `order_id` and `amount`. Filter by `ordered_at`, so that the reader of the files is told of the comparison.

# %%
from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders")
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk, explain_plan

spark, lake = desk()
answer(spark, lake).show()
explain_plan(answer(spark, lake), run=True)

# %%
check("2.1", answer)
