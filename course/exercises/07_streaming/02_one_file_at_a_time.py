# %% [markdown]
# # 7.2 One file at a time
#
# How much one micro-batch takes is said at the source: `maxFilesPerTrigger` for files, `maxOffsetsPerTrigger` for
# Kafka. Without it the first micro-batch is everything there is. What was taken is written into the checkpoint before
# it is worked on: a query that starts again with the same checkpoint begins behind it.
#
# `lake.slices(df, name, by=…, days=…)` lays out a DataFrame's rows as JSON files in a folder: one for each so many
# days, the oldest first. A stream needs the schema said, because files that are still to come cannot be looked at.
#
# **Goal.** Append the files of `arrivals` to a Delta table, one file a micro-batch, by two runs of the same query, one
# after the other, with the same checkpoint. Return a dictionary: `batches`, how many micro-batches of the first run
# had rows (`query.recentProgress` has a `numInputRows` for each); `first` and `second`, the number of the table's rows
# after each run.

# %%
def answer(spark, lake):
    orders = lake.read("silver.orders").where("received_at >= timestamp'2025-12-22'")
    orders = orders.selectExpr("order_id", "received_at", "double(amount) AS amount")
    arrivals = lake.slices(orders, "arrivals", by="received_at", days=4)
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
print(answer(spark, lake))

# %%
check("7.2", answer)
