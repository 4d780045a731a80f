# %% [markdown]
# # 8.4 A batch model on a stream
#
# Most models that score streams were trained in batches. A model that is a table, here each customer's usual amount,
# is joined to the stream: a stream-static join. A stream is started, runs to the end of what is there
# (`trigger(availableNow=True)`), and remembers in its checkpoint how far it came. Those whom the model has never seen
# come, too.
#
# **Goal.** The model: each user's mean `amount` over the orders before `SPLIT`. Read `silver.orders` as a stream
# (format `delta`, `lake.path("silver.orders")`), keep orders at or after `SPLIT`, and predict each by its user's
# mean; for users whom the model does not know by the mean of all orders before `SPLIT`. Write to
# `lake.scratch("scored")` with a checkpoint, to the end, and return its rows: `order_id`, `predicted` (double).

# %%
from pyspark.sql import functions as F

SPLIT = "timestamp'2025-10-01 00:00:00'"


def answer(spark, lake):
    old = lake.read("silver.orders").where(f"ordered_at < {SPLIT}")
    stream = spark.readStream.format("delta").load(lake.path("silver.orders"))
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
answer(spark, lake).show()

# %%
check("8.4", answer)
