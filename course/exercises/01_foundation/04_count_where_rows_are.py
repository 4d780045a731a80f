# %% [markdown]
# # 1.4 Count where the rows are
#
# The Python process that you type into is the driver. The rows are with the executors, which on a laptop are threads
# of the same JVM and on a cluster are other machines. `collect()` and `toPandas()` send every row to the driver, into
# the memory of one process. With this shop that works; with a thousand times its orders it ends in an
# `OutOfMemoryError`, or at the limit `spark.driver.maxResultSize`.
#
# A result that is small should be made small before it travels.
#
# **Goal.** Return for every `channel` of `silver.orders` the number of its `orders`, cancelled ones too, and the
# `highest` amount among them. The function itself fetches no rows.

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
check("1.4", answer)
