# %% [markdown]
# # 1.2 A column made of columns
#
# A DataFrame never changes. `withColumn` returns another one that has the column; the first is as it was, and if
# nobody keeps the second, it is gone. Nothing is copied by this: both are descriptions.
#
# An expression of columns is computed row by row, and is null where one of its parts is null. In a `select` it gets its
# name by `alias`: `(F.col("a") + F.col("b")).alias("sum")`.
#
# **Goal.** Return for every order of `silver.orders`: `order_id`, `goods` (`items_amount` less `discount`) and
# `free_shipping` (true where `shipping` is 0, false where it is not).

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
check("1.2", answer)
