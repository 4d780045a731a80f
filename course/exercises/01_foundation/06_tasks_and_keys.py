# %% [markdown]
# # 1.6 Rows of one key, in one place
#
# A DataFrame's rows lie in partitions. A task works on one partition, on one core, and sees no other. To group or to
# join by a key, all rows of a key have to come into one partition: a shuffle. Every row goes to the partition that
# the hash of its key says, so that equal keys meet whatever task they came from. In the plan it is `Exchange
# hashpartitioning(user_id, 4)`.
#
# Partitions of a hash are not equally large: a key with many rows has them all in one place.
#
# **Goal.** Shuffle `silver.orders` into 4 partitions by `user_id`, and return one row a partition: `part` (its number
# from `F.spark_partition_id()`, 0 to 3), `users` (how many different users: `F.countDistinct`) and `orders` (how many
# rows).

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
check("1.6", answer)
