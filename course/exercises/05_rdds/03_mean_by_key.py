# %% [markdown]
# # 5.3 A mean by key
#
# A mean cannot be put together from means: two orders and two hundred do not weigh the same. What can be put together
# are a sum and a number. (`amount` is a `Decimal`: `float(order.amount)` makes a float of it.) `aggregateByKey(zero,
# inside, between)` carries any such state: `inside` takes a value into the state of its partition, `between` puts two
# states together after the shuffle.
#
# **Goal.** Return a dictionary: each `channel` of `silver.orders` with a list of two: the number of its orders that
# are not `cancelled`, and their mean `amount` as a float.

# %%
def answer(spark, lake):
    orders = lake.read("silver.orders").select("channel", "status", "amount").rdd
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
print(answer(spark, lake))

# %%
check("5.3", answer)
