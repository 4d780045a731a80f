# %% [markdown]
# # 3.5 The mean of three months
#
# A window function computes a value for each row from the rows around it, and keeps the row. Three parts say which
# rows these are: PARTITION BY (of the same group), ORDER BY (in this order), and the frame: from where to where.
# Without an ORDER BY the frame is the whole partition. With one and without a frame it is everything from the
# beginning to here, rows that are equal in that order included. So `SUM(x) OVER (ORDER BY month)` is a running total,
# and `AVG` a running mean.
#
# A window over all rows without PARTITION BY brings them into one task: aggregate first.
#
# **Goal.** Return one row for each `month` of `silver.orders`, without `cancelled` orders: `month`, `revenue` (the
# sum of `amount`), `before` (the revenue of the month before, null for the first) and `smooth` (the mean of the
# revenues of this month and the two before it; of those that there are, for the first two). No month is without
# orders.

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
check("3.5", answer)
