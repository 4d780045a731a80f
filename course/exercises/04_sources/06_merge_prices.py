# %% [markdown]
# # 4.6 Merge what changed
#
# MERGE compares a table with changes by a condition: rows that match are updated or deleted, rows of the changes
# without a match are inserted. It is one entry in the log, so that nobody sees half of it, and running it again
# changes nothing.
#
# A row of the table may match one row of the changes at most. If two match, which one should win? Delta refuses to
# choose: the changes have to be brought to one row a key first.
#
# **Goal.** The start writes the products with the price of the catalogue as a Delta table, `product_id` and `price`,
# to `lake.scratch("prices")`. Merge into it the price that holds now of each product in `silver.prices`: there is a row
# for each change, the latest `changed_at` counts, and no two of a product are of the same moment. A product that is
# not in the table yet is inserted. Return the table: `product_id` and `price`.

# %%
from shutil import rmtree

from pyspark.sql import functions as F


def answer(spark, lake):
    path = lake.scratch("prices")
    rmtree(path, ignore_errors=True)
    catalogue = lake.read("silver.products").select("product_id", F.col("list_price").alias("price"))
    catalogue.write.format("delta").save(path)
    changes = lake.read("silver.prices")
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk, explain_plan

spark, lake = desk()
answer(spark, lake).show()
explain_plan(answer(spark, lake), run=True)

# %%
check("4.6", answer)
