# %% [markdown]
# # 7.6 Joined with a table
#
# A stream joined with a table at rest needs no state: each micro-batch is joined by itself, with the table as it is
# then (of a Delta table, its latest version). The stream's side may be kept whole (`left` with the stream on the
# left). The table's side may not: a row of it that has no match yet may get one tomorrow, so the stream would never
# know what to write.
#
# **Goal.** Stream `arrivals` into a Delta table: every order with `order_id`, `amount` and `loyalty`, the customer's
# tier in `silver.users` (by `user_id`). Orders without a match keep a null. Return that table.

# %%
def answer(spark, lake):
    orders = lake.read("silver.orders").where("received_at >= timestamp'2025-12-22'")
    orders = orders.selectExpr("order_id", "user_id", "received_at", "double(amount) AS amount")
    arrivals = lake.slices(orders, "arrivals", by="received_at", days=5)
    stream = spark.readStream.schema(orders.schema).option("maxFilesPerTrigger", 1).json(arrivals)
    users = lake.read("silver.users")
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
answer(spark, lake).show()

# %%
check("7.6", answer)
