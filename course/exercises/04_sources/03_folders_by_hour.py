# %% [markdown]
# # 4.3 Folders with a value in their name
#
# `write.partitionBy("hour")` puts the rows of each hour into a folder of their own, `hour=08`. The column is in the
# folders' names and in no file, and a filter on it chooses folders before anything is opened.
#
# Names are text. Reading, Spark guesses a type for them: `08` looks like a number and becomes 8. What was written as
# a text with a leading zero does not come back as one, unless the schema is said.
#
# **Goal.** Write `order_id`, `ordered_at` and `hour` (the hour of `ordered_at` in two digits, `00` to `23`, a text)
# of `silver.orders` as Parquet to `lake.scratch("by_hour")`, in folders by `hour`. From there return the orders of
# the hour from 8 to 9: `order_id` and `hour`, as the text `08`. Open that folder only.

# %%
from pyspark.sql import functions as F


def answer(spark, lake):
    path = lake.scratch("by_hour")
    orders = lake.read("silver.orders").select("order_id", "ordered_at")
    orders = orders.withColumn("hour", F.date_format("ordered_at", "HH"))
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk, explain_plan

spark, lake = desk()
answer(spark, lake).show()
explain_plan(answer(spark, lake), run=True)

# %%
check("4.3", answer)
