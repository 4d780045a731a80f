# %% [markdown]
# # 3.7 Recency, frequency, money
#
# RFM describes a customer by three numbers: how long ago the last order is (recency), how many there were (frequency)
# and what they were worth (money). Each becomes a score by its rank: `NTILE(3)` deals the ordered rows into three
# groups of equal size and numbers them 1, 2, 3.
#
# Where several customers have the same number of orders, the border runs through them, and which of them is on which
# side depends on how the rows lie. An order without ties makes the answer the same each time: add a key at the end.
#
# **Goal.** Return for every user with an order that is not `cancelled` in `silver.orders`: `user_id`, `recency`,
# `frequency` and `money`, scores from 1 to 3 by thirds of these users, 3 for the best: ordered lately (by the latest
# `ordered_at`), often, and much (by the sum of `amount`). Between equals the lower `user_id` comes first in ascending
# order.

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
check("3.7", answer)
