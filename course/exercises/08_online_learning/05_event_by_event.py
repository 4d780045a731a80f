# %% [markdown]
# # 8.5 Event by event
#
# River's models learn from one event at a time: `predict_one(features)`, then `learn_one(features, what came)`. A
# stream hands them events in micro-batches: `foreachBatch(learn)` calls `learn(batch, number)` at the driver with
# each, a DataFrame as any other. Its rows have no order of their own, and a learner's state depends on the order:
# sort by event time first. One model learns in one place, so the batch is collected; keep batches small.
#
# **Goal.** Stream `gold.order_features` (format `delta`, `lake.path(...)`) to its end, without a limit of files, so
# that this small table is one micro-batch. The function takes a batch's orders by `ordered_at`, then `order_id`:
# foretell `amount` from `features(row)` by one `new_model()`, then let it learn. Return a dictionary with `events` (how
# many orders) and `mae` (the mean absolute error of all predictions).

# %%
from river import linear_model, preprocessing


def features(row):
    """What is known of an order's basket before its value is."""
    return {"lines": float(row.lines or 0), "units": float(row.units or 0), "coupon": float(row.has_coupon)}


def new_model():
    """A model that has learned nothing yet."""
    return preprocessing.StandardScaler() | linear_model.LinearRegression(l2=0.001)


def answer(spark, lake):
    model = new_model()
    stream = spark.readStream.format("delta").load(lake.path("gold.order_features"))
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
print(answer(spark, lake))

# %%
check("8.5", answer)
