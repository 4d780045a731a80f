# %% [markdown]
# # 1.5 A file of columns
#
# A Parquet file holds a table column by column: all values of `quantity` lie together, packed and with their lowest
# and highest value noted. A query that needs two columns of seven reads two. Nobody has to ask for it: Spark looks
# through the whole plan and finds which columns are used. `ReadSchema` at the scan says what it found.
#
# A step that looks at whole rows uses every column, even if it changes nothing.
#
# **Goal.** Return for every `product_id` in `silver.order_items` the number of its `lines` and of the `pieces` (the
# sum of `quantity`). A line comes once there: its key is `order_id`, `line`. Read no column that the answer does not
# need.

# %%
from pyspark.sql import functions as F


def answer(spark, lake):
    items = lake.read("silver.order_items")
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk, explain_plan

spark, lake = desk()
answer(spark, lake).show()
explain_plan(answer(spark, lake), run=True)

# %%
check("1.5", answer)
