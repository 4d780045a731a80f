# %% [markdown]
# # 5.5 Counted once
#
# An accumulator is a number that tasks add to and the driver reads. A transformation is lazy, so it adds nothing until
# an action runs; and it runs again for each further action (and where a task is tried again), so it adds again. Only
# inside an action, such as `foreach`, does Spark promise that each task that ended well counts once.
#
# **Goal.** Return a dictionary with `orders` (how many rows `silver.orders` has, cancelled ones too), `revenue` (the
# sum of all their amounts, a float) and `without_coupon`, an accumulator's value: each order whose `coupon` is null
# counts 1, and once, though the rows are used for all three.

# %%
def answer(spark, lake):
    without_coupon = spark.sparkContext.accumulator(0)
    orders = lake.read("silver.orders").select("amount", "coupon").rdd
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
print(answer(spark, lake))

# %%
check("5.5", answer)
