# %% [markdown]
# # 5.8 Not an RDD
#
# A function of Python is a closed box: Spark does not see that it compares a month, so it opens every folder; it does
# not see which fields it uses, so it reads every column; and each row is pickled, sent to a Python process and
# unpickled. For tables an RDD is the wrong tool. It remains the right one for what has no columns, and where you need
# to say which partition an object lies in.
#
# `silver.orders` lies in a folder for each `month`, the date of a month's first day.
#
# **Goal.** The function below is right and slow. Return the same as a DataFrame: for each `channel` the number of
# `orders` and the `revenue`, the sum of `amount`, of December 2025, without those that were `cancelled`. Open the
# folder of that month only, and send no row through Python.

# %%
from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders").rdd
    december = orders.filter(lambda order: str(order.month) == "2025-12-01" and order.status != "cancelled")
    sums = december.map(lambda order: (order.channel, (1, order.amount))).reduceByKey(
        lambda one, other: (one[0] + other[0], one[1] + other[1])
    )
    as_it_was = sums.map(lambda pair: (pair[0], *pair[1]))  # channel, orders, revenue
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk, explain_plan

spark, lake = desk()
answer(spark, lake).show()
explain_plan(answer(spark, lake), run=True)

# %%
check("5.8", answer)
