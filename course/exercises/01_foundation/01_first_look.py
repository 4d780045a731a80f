# %% [markdown]
# # 1.1 A first look
#
# A DataFrame is a table whose rows lie elsewhere: in files, on this machine or on many. You hold a description of it,
# with the columns' names and types (`printSchema()` shows them), and say what you want. `where` chooses rows,
# `select` chooses columns. A column is written `F.col("amount")`; comparing it gives a column again, of true and
# false.
#
# Conditions are joined by `&` (and) and `|` (or), and turned round by `~` (not); each stands in brackets. Python's own
# `and`, `or` and `not` want one true or false, and a column has one for every row.
#
# **Goal.** Return the orders of `silver.orders` that were placed in the app (`channel` is `app`) and cost at least
# 100 (`amount`, in EUR), whatever their status, with the columns `order_id`, `user_id` and `amount`.

# %%
from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders")
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk, explain_plan

spark, lake = desk()
answer(spark, lake).show()
explain_plan(answer(spark, lake), run=True)

# %%
check("1.1", answer)
