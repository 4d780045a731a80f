# %% [markdown]
# # 9.7 Five rounds of PageRank
#
# Somebody is heard if those who are heard follow them: PageRank. In a round every user hands their rank on, in equal
# shares, to those whom they follow; 15 % of all starts anew at everybody alike. Who follows nobody cannot hand on:
# their rank is spread over all users, or it would be lost. Each round needs the one before it: written to a file it
# is rows, otherwise a plan in a plan in a plan.
#
# **Goal.** Begin with the rank 1.0 for every user of `silver.users` and do five rounds: rank = 0.15 + 0.85 × (what
# came + stuck / users), where `came` is the sum of rank / following over all followers (by the ranks of the round
# before), `stuck` the sum of the ranks of those who follow nobody, and `users` the number of users. Return `user_id`
# and `rank`; the mean of all ranks stays 1. Write each round to a folder of its own, `lake.scratch(f"round-{n}")`,
# with `mode("overwrite")`, and read it back: the answer's own plan reads `silver.follows` no more.

# %%
from pyspark.sql import functions as F


def answer(spark, lake):
    users = lake.read("silver.users")
    follows = lake.read("silver.follows")
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk, explain_plan

spark, lake = desk()
answer(spark, lake).show()
explain_plan(answer(spark, lake), run=True)

# %%
check("9.7", answer)
