# %% [markdown]
# # 4.2 Broken lines
#
# A partner's export has a line that was cut off. The reader has three ways to go on, its `mode`: PERMISSIVE (the
# default) gives a row of nulls, DROPMALFORMED leaves the line out without a word, FAILFAST stops. With the first one
# the text of the line can be kept: a column `_corrupt_record` in the schema that you say.
#
# A broken line that is kept can be asked about; one that is dropped is missing money. (While looking around, ask for
# another column beside that text: Spark refuses a query of the raw file that needs `_corrupt_record` only. `count()`
# after a filter on it is such a query.)
#
# **Goal.** `export` writes orders as lines of JSON with `order_id` and `amount`, some of them cut off. Read them as
# `order_id` (bigint), `amount` (decimal(12,2)) and `bad`: the whole text of a line that could not be read, null for
# the others. One row a line; `order_id` and `amount` of a broken line are what the reader gives for it.

# %%
from pyspark.sql import functions as F


def export(lake):
    """Write orders as a partner sends them: lines of JSON, some of them cut off."""
    path = lake.scratch("partner")
    whole = lake.read("silver.orders").select("order_id", F.to_json(F.struct("order_id", "amount")).alias("line"))
    cut = F.expr("CASE WHEN order_id % 50 = 0 THEN LEFT(line, LENGTH(line) - 3) ELSE line END")
    whole.select(cut).write.mode("overwrite").text(path)
    return path


def answer(spark, lake):
    path = export(lake)
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk, explain_plan

spark, lake = desk()
answer(spark, lake).show()
explain_plan(answer(spark, lake), run=True)

# %%
check("4.2", answer)
