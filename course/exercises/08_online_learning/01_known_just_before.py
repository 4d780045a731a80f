# %% [markdown]
# # 8.1 What was known before
#
# A model is asked at a moment, and knows what was so at that moment. A feature that has seen later events (the order
# itself among them) makes a model look good while it is trained and fail when it is asked: the future leaks. A window
# that ends one row before the present one cannot see it.
#
# **Goal.** For every order of `silver.orders` return `order_id`, `orders_before` (how many orders its user had placed
# before) and `mean_before` (their mean `amount`; null where there were none). Before is by `ordered_at`, and between
# orders of one moment by `order_id`. All orders count, whatever became of them: that one would be cancelled may not
# have been known yet.

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
check("8.1", answer)
