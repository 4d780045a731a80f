# %% [markdown]
# # 9.1 Followers and following
#
# A graph in Spark is two tables: vertices with an id, and edges with the two ids that they join. `silver.follows` is
# the edges of the shop's social graph: `follower_id` follows `followee_id`. The number of edges at a vertex is its
# degree; in a directed graph there are two of them.
#
# **Goal.** Return one row for every user of `silver.users`: `user_id`, `followers` (how many follow them) and
# `following` (how many they follow), 0 for none.

# %%
from pyspark.sql import functions as F


def answer(spark, lake):
    users = lake.read("silver.users")
    follows = lake.read("silver.follows")
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
answer(spark, lake).show()

# %%
check("9.1", answer)
