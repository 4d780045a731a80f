# %% [markdown]
# # 4.7 A field that was not there before
#
# One day the export has a column more. A Delta table refuses the append: its schema is a promise to those who read
# it, and a wrong file should not change it. That is schema enforcement. Who wants the column says so at the write,
# `option("mergeSchema", "true")`: the schema gains the column, and the rows that are there already are null in it. No
# file is written anew.
#
# `overwriteSchema` is for a table that is replaced, rows and schema both.
#
# **Goal.** Write the orders of `silver.orders` placed before 1 December 2025, with `order_id` and `amount`, as a
# Delta table to `lake.scratch("orders")`. Append those placed from that day on, with their `channel` as well. Return
# the table: `order_id`, `amount`, `channel` (null for the older ones). The start has both parts; `month` is the first
# day of the order's month.

# %%
from shutil import rmtree

from pyspark.sql import functions as F


def answer(spark, lake):
    path = lake.scratch("orders")
    rmtree(path, ignore_errors=True)
    orders = lake.read("silver.orders")
    first = orders.where("month < date'2025-12-01'").select("order_id", "amount")
    second = orders.where("month >= date'2025-12-01'").select("order_id", "amount", "channel")
    first.write.format("delta").save(path)
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk, explain_plan

spark, lake = desk()
answer(spark, lake).show()
explain_plan(answer(spark, lake), run=True)

# %%
check("4.7", answer)
