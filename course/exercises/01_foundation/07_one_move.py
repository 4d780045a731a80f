# %% [markdown]
# # 1.7 One move is enough
#
# A `groupBy` with sums and counts needs one shuffle. It is a cheap one: each task first adds up what it has, so that
# only one row a group and task travels (two `HashAggregate` in the plan, an `Exchange` between them).
#
# Others come in without being asked for: `orderBy` moves the rows into ranges to sort them, `repartition` moves them
# because it was told to. A DataFrame has no order of its own; sort at the end of all, where somebody reads the rows.
#
# **Goal.** Return for every `country` of `silver.orders` the number of `orders` and the `revenue` (the sum of
# `amount`) of those that were not `cancelled`. No order is asked for. With one shuffle.

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
check("1.7", answer)
