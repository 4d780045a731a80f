# %% [markdown]
# # 8.7 The world changes
#
# A model goes on answering when the world has changed under it. ADWIN (Bifet and Gavaldà 2007) keeps a window of the
# latest errors and cuts it where its two parts differ by more than chance would have it: that is a drift.
# `detector.update(error)` takes one error, `detector.drift_detected` says whether this one showed it. What then? Here
# the model forgets, and begins anew.
#
# **Goal.** The model foretells the mean of what it has seen since it began. For each value of
# `stream_of_amounts(lake)`: foretell it (the very first after a beginning is foretold as itself), tell a River
# `ADWIN()` the error `came - said`, then learn the value. If a drift is detected, note the event's number (the first
# is 1) and let the model begin anew, with this value forgotten, too; the detector goes on as it is (it has cut its
# window by itself; on these data a new one would find the same). Return a dictionary:
# `drifts`, the list of numbers, and `mean`, what the model foretells at the end.

# %%
import math

from river.drift import ADWIN


def stream_of_amounts(lake):
    """Amounts of all orders as logarithms, by event time; from the middle on they are worth three times as much."""
    rows = lake.read("silver.orders").orderBy("ordered_at", "order_id").select("amount").collect()
    middle = len(rows) // 2
    return [math.log1p(float(row.amount) * (3 if place >= middle else 1)) for place, row in enumerate(rows)]


def answer(spark, lake):
    detector = ADWIN()
    amounts = stream_of_amounts(lake)
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
print(answer(spark, lake))

# %%
check("8.7", answer)
