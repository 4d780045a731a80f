# %% [markdown]
# # 3.8 Subtotals, and a null that is none
#
# A report wants the parts, their subtotals and the total. Three queries would read the orders three times. `GROUP BY
# ROLLUP (channel, coupon)` makes all three levels in one: it groups by both, by `channel` alone, and by nothing.
# (`CUBE` makes every combination, `GROUPING SETS` those that are listed.)
#
# In a subtotal the columns that were added up are null. But most orders have no coupon: their own `coupon` is null as
# well. `GROUPING(coupon)` tells the two apart: 1 in a row that is a total over coupons, else 0.
#
# **Goal.** Return from `silver.orders`, without `cancelled` ones, `level`, `channel`, `coupon` and `revenue` (the sum
# of `amount`): a row for each channel and coupon (`level` is `coupon`; orders without a coupon have null there), one
# for each channel (`level` is `channel`, `coupon` null) and one for all (`level` is `all`, both null).

# %%
from pyspark.sql import functions as F


def answer(spark, lake):
    lake.read("silver.orders").createOrReplaceTempView("orders")
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk, explain_plan

spark, lake = desk()
answer(spark, lake).show()
explain_plan(answer(spark, lake), run=True)

# %%
check("3.8", answer)
