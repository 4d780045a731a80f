# %% [markdown]
# # 7.3 Sums of days
#
# `F.window("ordered_at", "1 day")` puts a row into the window that its own time lies in, whenever it arrives. The sums
# of the windows are state: the query keeps them between micro-batches. What it writes is the output mode: `complete`
# writes all sums anew each time (state never gets smaller), `append` a window once, when it is closed, which takes a
# watermark, `update` those that changed, which a Delta sink does not take.
#
# **Goal.** Stream `arrivals`, one file a micro-batch, into a Delta table in the mode `complete`: each `day` of
# `ordered_at` (the start of its window, a timestamp) with `orders` (their number) and `revenue` (the sum of `amount`).
# Return that table.

# %%
from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders").where("received_at >= timestamp'2025-12-22'")
    orders = orders.selectExpr("order_id", "ordered_at", "received_at", "double(amount) AS amount")
    arrivals = lake.slices(orders, "arrivals", by="received_at", days=4)
    stream = spark.readStream.schema(orders.schema).option("maxFilesPerTrigger", 1).json(arrivals)
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
answer(spark, lake).show()

# %%
check("7.3", answer)
