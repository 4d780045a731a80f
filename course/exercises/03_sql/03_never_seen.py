# %% [markdown]
# # 3.3 Never seen
#
# Some joins add no columns and only decide which rows stay: LEFT SEMI keeps a row that has a match, LEFT ANTI one
# that has none. Neither repeats a row, however many matches there are.
#
# `NOT IN (SELECT …)` looks like an anti join, and is another question: `x NOT IN (1, 2, null)` is `x <> 1 AND x <> 2
# AND x <> null`, and the last part is never true. A visit of somebody who is not signed in has no `user_id` in
# `silver.events`.
#
# **Goal.** Return the users of `silver.users` who have no event in `silver.events`: `user_id` and `country`.

# %%
from pyspark.sql import functions as F


def answer(spark, lake):
    lake.read("silver.users").createOrReplaceTempView("users")
    lake.read("silver.events").createOrReplaceTempView("events")
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk, explain_plan

spark, lake = desk()
answer(spark, lake).show()
explain_plan(answer(spark, lake), run=True)

# %%
check("3.3", answer)
