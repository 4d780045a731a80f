# %% [markdown]
# # 2.5 The small side
#
# To join two tables Spark brings rows with the same key together. Either both sides are shuffled by the key, or one
# side is sent whole to every task (a broadcast) and the other stays where it is. Spark broadcasts by itself what it
# believes to be below 10 MB; it often cannot know. In this exercise it believes nothing to be small
# (`spark.sql.autoBroadcastJoinThreshold` is -1), so that the choice is yours.
#
# **Goal.** Return the revenue of each category: `category` and `revenue`, the sum of `quantity * unit_price` over all
# rows of `silver.order_items` (whatever became of the order), with the categories from `silver.products`. Send the
# small side to every task.

# %%
from pyspark.sql import functions as F


def answer(spark, lake):
    items = lake.read("silver.order_items")
    products = lake.read("silver.products")
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk, explain_plan

spark, lake = desk()
answer(spark, lake).show()
explain_plan(answer(spark, lake), run=True)

# %%
check("2.5", answer)
