# %% [markdown]
# # 8.3 Tested, then told
#
# A model that learns all the time has no test set that stays apart. It needs none: every event is predicted first and
# told after, so that each error is one that somebody would have had. That is prequential evaluation (Dawid 1984;
# Gama, Sebastião and Rodrigues 2013). The smallest learner there is foretells the mean of all that came before; what
# cannot beat it has learned nothing.
#
# **Goal.** Take all of `silver.orders` in the order of `ordered_at`, then `order_id`. Each order's `amount` is
# foretold as the mean of all amounts before it (0 for the very first). Return a row for every 500 orders: `block` (0,
# 1, …), `events` (how many orders are in it) and `mae`, the mean of the absolute errors in it.

# %%
from pyspark.sql import Window
from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders")
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
answer(spark, lake).show()

# %%
check("8.3", answer)
