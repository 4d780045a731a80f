# %% [markdown]
# # 1.3 An action gives a value
#
# `where`, `select` and `groupBy` are transformations: they return at once, and what they return is a plan. `count()`,
# `first()`, `collect()` and a write are actions: they run the plan, and what comes back is Python's own value. Each
# action runs its plan from the files on, as nothing is kept between two of them.
#
# **Goal.** Return a number between 0 and 1, not rounded: the share of the orders in `silver.orders` whose `status` is
# `cancelled`.

# %%
from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders")
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
answer(spark, lake)

# %%
check("1.3", answer)
