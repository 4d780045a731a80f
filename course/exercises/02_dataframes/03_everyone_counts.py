# %% [markdown]
# # 2.3 Everyone counts
#
# `silver.users` has everybody who signed up, `silver.orders` what they ordered. Some never ordered, and some only
# what they cancelled. They are customers too: a report that leaves them out makes the others look better than they
# are.
#
# **Goal.** Return one row for every user: `user_id` and `orders`, the number of orders that were not cancelled; 0 for
# those without any.

# %%
from pyspark.sql import functions as F


def answer(spark, lake):
    users = lake.read("silver.users")
    orders = lake.read("silver.orders")
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk, explain_plan

spark, lake = desk()
answer(spark, lake).show()
explain_plan(answer(spark, lake), run=True)

# %%
check("2.3", answer)
