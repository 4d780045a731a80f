# %% [markdown]
# # 4.8 Into a database, twice
#
# Spark reads and writes databases by JDBC, which needs a driver for the database as a JAR: there is none for SQLite
# in Spark. For a result that is small Python's own driver will do: sum on Spark, fetch the few rows, write them in
# one transaction.
#
# A job that fails half-way is started again, so the table should be the same whether the write ran once or twice. After
# two appends it is not; after two upserts by key it is. (`df.write.jdbc(…, mode="append")` has the same trouble: each
# task has a transaction of its own, and what was committed before a failure is written again by the next run.)
#
# **Goal.** Write the revenue (the sum of `amount`) of each `month` of `silver.orders`, without `cancelled` ones, to
# the table `months` of the SQLite file `lake.scratch("shop.db")`: `month` as a text (`2025-11-01`), `revenue` as a
# double. Do it twice, as a job does that is started again. Return what the table holds then, by `held`. Fetch no more
# than 100 rows.

# %%
import sqlite3

from pyspark.sql import functions as F


def held(spark, path):
    """Give the rows of the table `months` as a DataFrame."""
    with sqlite3.connect(path) as db:
        rows = db.execute("SELECT month, revenue FROM months").fetchall()
    return spark.createDataFrame(rows, "month string, revenue double")


def answer(spark, lake):
    path = lake.scratch("shop.db")
    orders = lake.read("silver.orders").where("status != 'cancelled'")
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk, explain_plan

spark, lake = desk()
answer(spark, lake).show()
explain_plan(answer(spark, lake), run=True)

# %%
check("4.8", answer)
