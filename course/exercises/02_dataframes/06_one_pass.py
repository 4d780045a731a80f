# %% [markdown]
# # 2.6 One pass instead of two
#
# Each `groupBy` brings the rows of a group together: a shuffle, an `Exchange` in the plan. Two aggregations by the
# same key that are joined afterwards read the table twice and move it twice. An aggregation can have a condition of
# its own, though: `F.sum(F.when(condition, value))`.
#
# **Goal.** For every user with an order return `user_id`, `kept` (the sum of `amount` of orders whose status is
# neither `cancelled` nor `returned`) and `sent_back` (that of the `returned` ones); 0 where there are none. With one
# shuffle.

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
check("2.6", answer)
