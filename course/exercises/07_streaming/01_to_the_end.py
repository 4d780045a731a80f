# %% [markdown]
# # 7.1 To the end of what is there
#
# A stream is a table that grows. `spark.readStream` instead of `spark.read` makes a DataFrame of it; what you select
# and filter stays the same. `writeStream` starts a query that takes what is new, a micro-batch at a time, and writes
# it. Its checkpoint is a folder with what it has done so far, and belongs to one query and one target. The trigger
# `availableNow=True` works through all that is there, and ends; `awaitTermination()` waits for that.
#
# **Goal.** Stream the folder `lake.path("silver.events")` (format `delta`) into a Delta table of your own: of every
# `purchase` its `event_id`, `session_id` and `order_id`. Return that table, read as a batch.

# %%
def answer(spark, lake):
    events = spark.readStream.format("delta").load(lake.path("silver.events"))
    target, checkpoint = lake.scratch("purchases"), lake.scratch("purchases-checkpoint")
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
answer(spark, lake).show()

# %%
check("7.1", answer)
