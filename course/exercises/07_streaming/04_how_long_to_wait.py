# %% [markdown]
# # 7.4 How long to wait
#
# The tills of the stores hand in their orders a week late. A watermark says how long a window waits for such rows:
# `withWatermark("ordered_at", "8 days")` is the latest event time seen so far less eight days, moved at the end of
# each micro-batch. The next micro-batch adds its rows, then closes the windows that end before the watermark: each is
# written once in the mode `append`, and its state thrown away. A row for it that comes after that is dropped, without
# an error. Too short a wait loses rows, too long a one keeps state and delays results. Before `availableNow` ends it
# runs an empty micro-batch, so that the last rows close windows, too.
#
# **Goal.** Stream `arrivals`, one file a micro-batch, into a Delta table in the mode `append`: each `day` of
# `ordered_at` (the start of its window) that was closed, with its number of `orders`, waiting eight days. Return that
# table.

# %%
from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders").where("ordered_at >= timestamp'2025-12-14'")
    delay = "CASE WHEN channel = 'store' THEN interval 7 days ELSE interval 1 hour END"
    orders = orders.selectExpr("order_id", "ordered_at", f"ordered_at + {delay} AS arrived_at")
    arrivals = lake.slices(orders, "arrivals", by="arrived_at", days=5)
    stream = spark.readStream.schema(orders.schema).option("maxFilesPerTrigger", 1).json(arrivals)
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
answer(spark, lake).show()

# %%
check("7.4", answer)
