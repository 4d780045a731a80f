# %% [markdown]
# # 1.8 Bronze, quarantine, silver
#
# Bronze has everything as it came, each state of an order as a row of its own, nothing thrown away. Silver has one
# row an order, its latest state, typed and checked. A row of bronze that breaks a rule lies in quarantine with the
# reason; that there is a later state of the order is such a reason. So the same order may be in bronze many times, and
# in silver once.
#
# To put results of the same shape below each other there are `union`, which goes by the columns' places, and
# `unionByName`, which goes by their names.
#
# **Goal.** Return one row for each of `bronze.orders`, `quarantine.orders` and `silver.orders`: `layer` (`bronze`,
# `quarantine`, `silver`), `rows` (how many it has) and `orders` (how many different values of `order_id`, null not
# counted).

# %%
from pyspark.sql import functions as F


def answer(spark, lake):
    bronze = lake.read("bronze.orders")
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk, explain_plan

spark, lake = desk()
answer(spark, lake).show()
explain_plan(answer(spark, lake), run=True)

# %%
check("1.8", answer)
