# %% [markdown]
# # 5.1 Pairs and their sum
#
# An RDD is a list of Python objects that lies in partitions. It has no columns. What a DataFrame groups by, an RDD
# takes from a pair: `(key, value)`. `reduceByKey` adds up the values of a key inside each partition first, so that one
# value a key and partition is moved, not every pair.
#
# RDDs are for classic Spark only: a session over Spark Connect (Databricks Free Edition among them) has none.
#
# **Goal.** Return a dictionary: each `country` of `silver.orders` with the sum of `amount` of its orders that are not
# `cancelled`. Begin with `.rdd` and end with `collectAsMap()`.

# %%
def answer(spark, lake):
    orders = lake.read("silver.orders").select("country", "status", "amount").rdd
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
print(answer(spark, lake))

# %%
check("5.1", answer)
