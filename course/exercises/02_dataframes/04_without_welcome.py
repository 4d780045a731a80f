# %% [markdown]
# # 2.4 Without the welcome coupon
#
# `coupon` in `silver.orders` is null where none was used, which is most orders. Null means unknown, and a comparison
# with the unknown is neither true nor false: such a row passes no filter.
#
# **Goal.** For every `channel` return `orders` (their number) and `revenue` (the sum of `amount`) of all orders that
# did not use the coupon `WELCOME5`. Orders without a coupon did not use it.

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
check("2.4", answer)
