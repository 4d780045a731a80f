# %% [markdown]
# # 6.2 Words to numbers
#
# A model takes numbers. `StringIndexer` is an estimator: `fit` looks which words there are and counts them, and the
# model that comes back gives the most frequent one the number 0, the next one 1, and so on. What it meets later and
# does not know (and null) is an error, unless `handleInvalid` says otherwise: `skip` drops the row, `keep` gives all
# such rows one more number.
#
# **Goal.** Fit an indexer of `coupon` on the orders of `silver.orders` before 1 October 2025, and use it on those from
# then on. No order may be lost: what has no coupon gets the extra number. Return each `coupon` (null is one) with its
# `number` (a double) and how many `orders` of the later time have it.

# %%
from pyspark.ml.feature import StringIndexer
from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders").select("ordered_at", "coupon")
    past = orders.where("ordered_at < timestamp'2025-10-01'")
    later = orders.where("ordered_at >= timestamp'2025-10-01'")
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
answer(spark, lake).show()

# %%
check("6.2", answer)
