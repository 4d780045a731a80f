# %% [markdown]
# # 3.4 A join that multiplies
#
# The grain of a table is what one row stands for. `silver.orders` has an order a row, `silver.payments` an attempt to
# pay one: some orders have several, after a card was refused. A join gives a row for every pair that matches, so an
# order with two attempts comes out twice, with its amount. Sums of it are too high, and nothing in the result says
# so.
#
# Bring both sides to the same grain before you join them, or before you add up.
#
# **Goal.** Return for every `country` (of the order) the number of `orders`, their `revenue` (the sum of the orders'
# `amount`) and the `attempts` to pay them (rows in `silver.payments`), all without orders whose `status` is
# `cancelled`. An order without any attempt counts as an order, with 0 attempts.

# %%
from pyspark.sql import functions as F


def answer(spark, lake):
    lake.read("silver.orders").createOrReplaceTempView("orders")
    lake.read("silver.payments").createOrReplaceTempView("payments")
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk, explain_plan

spark, lake = desk()
answer(spark, lake).show()
explain_plan(answer(spark, lake), run=True)

# %%
check("3.4", answer)
