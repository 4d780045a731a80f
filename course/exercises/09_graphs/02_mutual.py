# %% [markdown]
# # 9.2 They follow each other
#
# A motif is a small pattern of edges, looked for everywhere in a graph. `(a)-[]->(b); (b)-[]->(a)` is the smallest
# one. Each edge of a pattern is the table of edges once more; names that stand twice are what the join compares.
#
# **Goal.** Return the pairs of users who follow each other, each pair once: `user_a` (the lower number), `user_b`,
# and `since`, the moment from which both follows stood: the later `followed_at` of the two. A follow of oneself, if
# there were one, is no pair.

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
check("9.2", answer)
