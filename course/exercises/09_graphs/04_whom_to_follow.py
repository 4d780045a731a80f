# %% [markdown]
# # 9.4 Whom to follow next
#
# Who will follow whom next? Those who are two steps apart, and the more ways lead from one to the other the sooner
# (Liben-Nowell and Kleinberg 2007). It is a motif with an edge that must not be there: `(a)-[]->(b); (b)-[]->(c);
# !(a)-[]->(c)`. An absent edge is an anti join.
#
# **Goal.** For every user return the best three others whom they do not follow yet: `user_id`, `candidate_id`,
# `common` (how many of those whom the user follows do follow the candidate) and `place`, 1 for the most in common;
# between equals the lower `candidate_id` comes first. Nobody is recommended to themselves. Users for whom fewer are
# found have fewer rows.

# %%
from pyspark.sql import Window
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
check("9.4", answer)
