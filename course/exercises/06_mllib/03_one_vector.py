# %% [markdown]
# # 6.3 One vector a row
#
# A model of MLlib reads one column of vectors. Numbers of words must not go in as they are: 2 is not twice 1 when they
# mean app and store. `OneHotEncoder` makes a place for each word, with a 1 in one of them (and leaves the last word
# out unless `dropLast=False`). `VectorAssembler` lays columns side by side. A `Pipeline` is a list of such stages:
# `fit` runs through them in order.
#
# **Goal.** For the orders of `gold.order_features` from 1 December 2025 on return `order_id` and `features`, an array
# (by `vector_to_array`) of five: three places for the `channel` (most frequent first, none left out), `items_amount`,
# and `days_since_previous`, 0 where it is null (a first order). Fit the stages on all orders before that day.

# %%
from pyspark.ml import Pipeline
from pyspark.ml.feature import OneHotEncoder, StringIndexer, VectorAssembler
from pyspark.ml.functions import vector_to_array


def answer(spark, lake):
    orders = lake.read("gold.order_features")
    past = orders.where("ordered_at < timestamp'2025-12-01'")
    december = orders.where("ordered_at >= timestamp'2025-12-01'")
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
answer(spark, lake).show(truncate=False)

# %%
check("6.3", answer)
