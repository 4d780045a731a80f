# %% [markdown]
# # 2.7 Without Python
#
# A Python function as a UDF is quickly written and dear to run: every row leaves the JVM, goes to a Python process and
# comes back, and Spark cannot look inside. Most of what a UDF does is in `pyspark.sql.functions` already.
#
# **Goal.** Sort the orders of `silver.orders` by their `amount` into bands: `small` below 50, `medium` from 50 to
# below 200, `large` from 200 on. Return each `band` with the number of its `orders`, without a row going through
# Python.

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
check("2.7", answer)
