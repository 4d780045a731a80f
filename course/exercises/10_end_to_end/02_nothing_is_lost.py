# %% [markdown]
# # 10.2 Nothing is lost
#
# A pipeline that drops rows without a word looks exactly like one that works. So every load is balanced: rows read =
# rows accepted + rows refused. Each row carries the load that brought it in `_load_id`, in `bronze.orders`,
# `silver.orders` and `quarantine.orders`.
#
# **Goal.** Return one row for each load of `bronze.orders`: `_load_id`, `read` (rows in bronze), `accepted` (rows in
# silver), `refused` (rows in quarantine) and `lost`: `read` less the other two. Where a load has none, the number is 0.

# %%
from pyspark.sql import functions as F


def answer(spark, lake):
    bronze = lake.read("bronze.orders")
    silver = lake.read("silver.orders")
    refused = lake.read("quarantine.orders")
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
answer(spark, lake).show()

# %%
check("10.2", answer)
