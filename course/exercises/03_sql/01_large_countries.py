# %% [markdown]
# # 3.1 A view, and a question to it
#
# `df.createOrReplaceTempView("orders")` gives a DataFrame a name that SQL knows; it copies nothing and lasts as long
# as the session. `spark.sql(text)` gives a DataFrame again, as lazy as any other, and the plan is the same as that of
# the functions: choose what reads better.
#
# SQL is written in one order and computed in another: FROM, WHERE, GROUP BY, HAVING, SELECT, ORDER BY. So WHERE sees
# rows, and HAVING sees groups.
#
# **Goal.** Return the countries whose orders are worth more than 200 EUR on average, with SQL or with functions:
# `country`, `orders` (how many) and `revenue` (the sum of `amount`). Orders whose `status` is `cancelled` count
# nowhere.

# %%
from pyspark.sql import functions as F


def answer(spark, lake):
    lake.read("silver.orders").createOrReplaceTempView("orders")
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk, explain_plan

spark, lake = desk()
answer(spark, lake).show()
explain_plan(answer(spark, lake), run=True)

# %%
check("3.1", answer)
