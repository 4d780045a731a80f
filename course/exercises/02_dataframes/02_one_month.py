# %% [markdown]
# # 2.2 One month, three columns
#
# The files of `silver.orders` lie in folders, one a month: its partition column is `month` (a date, the first day of
# the month). A filter on it chooses folders before anything is opened: `PartitionFilters` in the plan. Within a file
# the columns lie apart, and only those that are asked for are read: `ReadSchema`.
#
# **Goal.** Return what the orders of November 2025 were worth in each country: `country` and `revenue` (the sum of
# `amount`), without those whose status is `cancelled`. Open the folder of that month only, and read no column that
# you do not need.

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
check("2.2", answer)
