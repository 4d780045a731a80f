# %% [markdown]
# # 9.5 Three who know each other
#
# A triangle is three users of whom each two are neighbours. Friends of friends who are friends make a group; a user
# whose neighbours know nothing of each other is a bridge. Looked for without an order, each triangle is found six
# times; with a < b < c it is found once.
#
# **Goal.** Two users are neighbours if one of them follows the other, whichever way; two ways count once. Return
# `user_id` and `triangles`, the number of triangles that the user is a corner of, for users with at least one.

# %%
from pyspark.sql import functions as F


def answer(spark, lake):
    follows = lake.read("silver.follows")
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
answer(spark, lake).show()

# %%
check("9.5", answer)
