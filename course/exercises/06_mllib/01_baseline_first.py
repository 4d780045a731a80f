# %% [markdown]
# # 6.1 The baseline first
#
# A figure of a model says nothing alone. Whether an error of 200 EUR is good shows beside the error of somebody who
# knows nothing but the mean. Such a baseline is learnt like a model: from the past only, and judged on what came
# later.
#
# `gold.order_features` has one row an order that was not cancelled. The past is what was `ordered_at` before 1 October
# 2025, the test what came from then on.
#
# **Goal.** Return one row: `baseline`, the mean `amount` of the past (a double); `rmse`, the square root of the mean
# of (amount - baseline) squared over the test; and `rows`, the number of orders in the test.

# %%
from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("gold.order_features")
    past = orders.where("ordered_at < timestamp'2025-10-01'")
    test = orders.where("ordered_at >= timestamp'2025-10-01'")
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
answer(spark, lake).show()

# %%
check("6.1", answer)
