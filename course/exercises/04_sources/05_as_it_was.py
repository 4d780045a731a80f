# %% [markdown]
# # 4.5 The table as it was
#
# A Delta table is a folder of Parquet files and a log, `_delta_log`. Each write adds a numbered entry to the log:
# which files the table has gained, which it has no longer. A version of the table is what the log says up to an
# entry. Files that were taken out stay on the disk until `VACUUM` removes them, and until then every version can be
# read.
#
# A row that is deleted is not taken out of its file: the file is written anew without it, and the log exchanges the
# two (or a small deletion vector marks the row). The command for it is `delete` of a `DeltaTable` (from
# `delta.tables`), or `DELETE FROM` in SQL.
#
# **Goal.** Write `order_id`, `status` and `amount` of `silver.orders` as a Delta table to `lake.scratch("orders")`:
# its version 0. Delete those whose `status` is `cancelled` from it: version 1. Return `version` and `orders` (how
# many rows) for both.

# %%
from shutil import rmtree

from pyspark.sql import functions as F


def answer(spark, lake):
    path = lake.scratch("orders")
    rmtree(path, ignore_errors=True)
    orders = lake.read("silver.orders").select("order_id", "status", "amount")
    orders.write.format("delta").save(path)
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk, explain_plan

spark, lake = desk()
answer(spark, lake).show()
explain_plan(answer(spark, lake), run=True)

# %%
check("4.5", answer)
