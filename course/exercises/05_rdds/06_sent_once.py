# %% [markdown]
# # 5.6 Sent once
#
# Whatever a function uses from outside travels with it, to every task. `sparkContext.broadcast(value)` sends a value
# once to each executor, and `.value` reads it there: a join without a shuffle, for what fits into memory. What cannot
# travel is an RDD, a DataFrame or the session: they exist on the driver only.
#
# **Goal.** Return a dictionary: each `category` with the sum of `quantity * unit_price - discount` over all lines of
# `silver.order_items` (floats). The category of a product is in `silver.products`: send it to the tasks by a
# broadcast.

# %%
def answer(spark, lake):
    products = lake.read("silver.products").select("product_id", "category")
    items = lake.read("silver.order_items").rdd
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
print(answer(spark, lake))

# %%
check("5.6", answer)
