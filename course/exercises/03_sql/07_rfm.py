# %% [markdown]
# # 3.7 Recency, frequency, money
#
# RFM describes a customer by three numbers: how long ago the last order is (recency), how many there were (frequency)
# and what they were worth (money). Each becomes a score by its rank: `NTILE(3)` cuts the ordered rows into three groups
# of the same size and numbers them 1, 2, 3. (Where one or two rows are left over, the first groups have one more.)
#
# Where several customers have the same number of orders, the border runs through them, and which of them is on which
# side depends on how the rows lie. An order without ties makes the answer the same each time: add a key at the end.
#
# **Goal.** Return for every user with an order in `silver.orders`: `user_id`, `recency`, `frequency` and `money`,
# scores from 1 to 3 by `NTILE(3)` over all these users, in an order that ends with the best: who ordered lately (by the
# latest `ordered_at`), often (by the number of orders) and much (by the sum of `amount`). Of two users who are equal,
# the one with the lower `user_id` comes first. Orders whose `status` is `cancelled` count nowhere.

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
