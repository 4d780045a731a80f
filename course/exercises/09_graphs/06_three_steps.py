# %% [markdown]
# # 9.6 Three steps from the star
#
# The shortest path to everybody is found level by level: whoever is next to the last level and was not reached before
# is one step further. A DataFrame is a recipe and no result: the third level's holds those of the two before it,
# several times over, and each action runs all of it again. Written to a file and read back, a level is rows, and the
# plan begins there.
#
# **Goal.** The star is the user with the most followers (between equals the lowest number). Something that the star
# says reaches the star's followers in one step, their followers in two. Return `user_id` and `steps` of everybody who
# is reached in at most three steps, the star with 0; `steps` is the smallest number. `neighbours(lake)` has the arcs
# in the direction of hearing. Write each level to a folder of its own, `lake.scratch(f"level-{n}")`, and read it
# back: the answer's own plan reads `silver.follows` no more. (`mode("overwrite")` lets a cell run again. One folder for
# all levels fails: an overwrite removes the files that the plan still has to read.)

# %%
from pyspark.sql import functions as F


def neighbours(lake):
    """Whose message reaches whom: from the followed to the follower."""
    follows = lake.read("silver.follows")
    return follows.select(F.col("followee_id").alias("src"), F.col("follower_id").alias("dst"))


def answer(spark, lake):
    arcs = neighbours(lake)
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk, explain_plan

spark, lake = desk()
answer(spark, lake).show()
explain_plan(answer(spark, lake), run=True)

# %%
check("9.6", answer)
