# %% [markdown]
# # 8.2 Labels come late
#
# A prediction is judged by what came of it, and that takes time: whether an order comes back within 14 days is known
# at once if it does, and after 14 days if it does not. In between there is no label. Taken for a no, the newest
# orders all look good, and a model that learns from them learns that nothing is returned.
#
# **Goal.** It is `NOW`, midnight of 15 November 2025. For every order placed before that return `order_id` and
# `returned`: true if something of it came back (`returned_at` in `silver.returns`) before `NOW` and at most 14 days
# after `ordered_at`; false if its 14 days ended before `NOW` without that; null while that is open. What happens at
# `NOW` or later is not known.

# %%
from pyspark.sql import functions as F

NOW = "timestamp'2025-11-15 00:00:00'"


def answer(spark, lake):
    orders = lake.read("silver.orders").where(f"ordered_at < {NOW}")
    returns = lake.read("silver.returns")
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
answer(spark, lake).show()

# %%
check("8.2", answer)
