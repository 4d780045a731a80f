# %% [markdown]
# # 5.4 Once a partition
#
# A connection, a compiled pattern or a model is dear to make and cannot be sent from the driver to a task. `map` would
# make it for every row. `mapPartitions(f)` calls `f` once for each partition, with an iterator over its rows, and `f`
# gives back an iterator, often by `yield`. An iterator can be walked through once; a list of it holds the whole
# partition in memory.
#
# In this exercise `rates()` stands for something dear. An accumulator counts its calls, a number that tasks add to and
# the driver reads; the next exercise is about them. There are four partitions, and each action runs all of them.
#
# **Goal.** Convert the `amount` of every order, cancelled ones too, into the money of its country: times the rate that
# `rates()` has for the `country`, or times 1 where it has none. Call `rates()` once a partition. Return a dictionary
# with `rows` (the number of orders), `total` (the sum of the converted amounts, a float) and `opened`, the
# accumulator's value, which is 4 then.

# %%
def answer(spark, lake):
    opened = spark.sparkContext.accumulator(0)

    def rates():
        opened.add(1)
        return {"US": 1.08, "GB": 0.86, "PL": 4.3}

    orders = lake.read("silver.orders").select("country", "amount").rdd.repartition(4)
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
print(answer(spark, lake))

# %%
check("5.4", answer)
