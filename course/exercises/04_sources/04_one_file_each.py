# %% [markdown]
# # 4.4 One file a folder
#
# A file is written by one task. With `partitionBy("month")` every task writes a file in each folder for which it has
# a row: 8 tasks and 24 months make up to 192 files, of a few kilobytes each. Every file has to be listed, opened and
# its footer read, so that a reader spends its time on files and not on rows. This is the small files problem.
#
# One shuffle by the same column before the write, and each month is in one task. `_metadata.file_path` is the file
# that a row comes from.
#
# **Goal.** `arrived` gives orders in 8 partitions. Write them as Parquet to `lake.scratch("by_month")` in folders by
# `month`, one file in each. Return what lies there, as `files_of` counts it: `month`, `files` (how many) and `orders`
# (how many rows).

# %%
from pyspark.sql import functions as F


def arrived(lake):
    """Give orders as they arrive: eight parts, each with orders of every month."""
    return lake.read("silver.orders").select("order_id", "month", "amount").repartition(8, "order_id")


def files_of(spark, path):
    """Count files and rows by month of what lies in a folder."""
    files = spark.read.parquet(path).select("month", "_metadata.file_path")
    return files.groupBy("month").agg(F.countDistinct("file_path").alias("files"), F.count("*").alias("orders"))


def answer(spark, lake):
    path = lake.scratch("by_month")
    orders = arrived(lake)
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk, explain_plan

spark, lake = desk()
answer(spark, lake).show()
explain_plan(answer(spark, lake), run=True)

# %%
check("4.4", answer)
