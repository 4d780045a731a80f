# %% [markdown]
# # 9.8 Who belongs together
#
# A community is a set of users who follow each other more than chance would have it. `emberlake.graphs` has the
# method of Louvain as a DataFrame program: `louvain(graph, rounds)` gives `id` and `community`, the lowest id in it.
# Its rounds are files in a folder that is gone when the `with` ends, so what it returns is written elsewhere before.
# `building.quietened` makes a follow of a star weigh less.
#
# **Goal.** Find the communities of `building.quietened(building.follows(tables))` by `louvain`. Return for every
# community with more than one user: `community`, `users` (how many) and `inside`: of all follows of its users, the
# share that leads to users of the same community.

# %%
from pathlib import Path

from pyspark.sql import functions as F

from emberlake.graphs import Rounds, building, louvain


def answer(spark, lake):
    tables = {name: lake.read(name) for name in building.READS["follows"]}
    graph = building.quietened(building.follows(tables))
    with Rounds(spark, Path(lake.scratch("rounds"))) as rounds:
        ...
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk("sail")  # the embedded engine: many small rounds are quicker there
answer(spark, lake).show()

# %%
check("9.8", answer)
