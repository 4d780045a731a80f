# %% [markdown]
# # 7.7 Cart and purchase
#
# Of two streams a row may come before its match, so each side is kept as state. How long? That takes a watermark on
# both sides and a condition on the two times. With a `left` join they also say when a row can be written without a
# match: when the watermark has passed the last moment at which one could still come.
#
# **Goal.** `carts` and `purchases` are two streams; give each a watermark of ten minutes. Return each `event_id` of a
# cart with `bought_event`, the `event_id` of a purchase of the same session at the same time or at most two hours after
# it; null where there was none. Write a Delta table, and return it. All events come in one micro-batch, and the empty
# one that `availableNow` adds writes the carts without a purchase. (Not the last of them: one may still come, and a
# stream has no end.)

# %%
from pyspark.sql import functions as F


def answer(spark, lake):
    events = spark.readStream.format("delta").load(lake.path("silver.events"))
    carts = events.where("event = 'add_to_cart'").selectExpr("event_id", "session_id", "occurred_at")
    purchases = events.where("event = 'purchase'").selectExpr(
        "event_id AS bought_event", "session_id AS bought_session", "occurred_at AS bought_at"
    )
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
answer(spark, lake).show()

# %%
check("7.7", answer)
