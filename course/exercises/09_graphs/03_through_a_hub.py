# %% [markdown]
# # 9.3 How many paths run through here
#
# A path of two steps is one edge and another that goes on from its end: a join of the edges with themselves. A user
# with f followers who follows g others is in the middle of f times g of them. One hub can make more rows than all the
# others together, all of them at one task, as they have the same key. Their number is known without making a single
# one: `F.explode` of an array makes a row of each of its elements, so that one edge can be two rows.
#
# **Goal.** Return `user_id` and `paths`, the number of two-step paths a → user → b along follows that have this user
# in the middle (a and b may be the same), for users who are in the middle of any. Read `silver.follows` once, with
# one shuffle: no self-join.

# %%
from pyspark.sql import functions as F


def answer(spark, lake):
    follows = lake.read("silver.follows")
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk, explain_plan

spark, lake = desk()
answer(spark, lake).show()
explain_plan(answer(spark, lake), run=True)

# %%
check("9.3", answer)
