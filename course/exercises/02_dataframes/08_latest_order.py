# %% [markdown]
# # 2.8 Each customer's latest order
#
# Which row is the latest of its group? An aggregation returns values, not rows: the highest number and the highest
# amount may come from different orders. A window looks at a row's neighbours and leaves the row whole.
#
# **Goal.** For every user with an order return the latest one (by `ordered_at`; between two of the same moment the
# one with the higher `order_id`): `user_id`, `order_id`, `ordered_at` and `amount`. Read the orders once.

# %%
from pyspark.sql import Window
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
check("2.8", answer)
