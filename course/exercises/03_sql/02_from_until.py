# %% [markdown]
# # 3.2 From, until, and a parameter
#
# A value that is glued into the text of a query can be read as SQL: a name with a quote in it breaks the query, and a
# stranger's text can change what it does. `spark.sql(text, args={"channel": "web"})` keeps them apart: `:channel` in
# the text stands for a value, whatever characters it has. A Python `date` or `datetime` is a value, too; a date that
# meets a timestamp is read as its midnight, here in UTC.
#
# `BETWEEN` includes both ends, and the end of a day is not a moment that one can write: 23:59:59 leaves out the last
# second. Moments are bounded from (inclusive) and until (exclusive).
#
# **Goal.** Return the orders of `silver.orders` of channel `web` placed from 10 November 2025 to 16 November 2025,
# both days included: `order_id`, `ordered_at`, `amount`. Hand the channel and the days as parameters.

# %%
from datetime import date

from pyspark.sql import functions as F


def answer(spark, lake):
    lake.read("silver.orders").createOrReplaceTempView("orders")
    text = """
        SELECT order_id, ordered_at, amount
        FROM orders
        WHERE channel = :channel
    """
    args = {"channel": "web", "since": date(2025, 11, 10)}
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk, explain_plan

spark, lake = desk()
answer(spark, lake).show()
explain_plan(answer(spark, lake), run=True)

# %%
check("3.2", answer)
