# %% [markdown]
# # Lab 1: All rows at once
#
# A report has run every night for a year. One night it ends with an error, though nobody changed a line. You find out
# why, mend it, and see to it that it does not come back. About 15 minutes.
#
# A real `OutOfMemoryError` takes the whole process with it, so this lab meets the limit that stands before it,
# `spark.driver.maxResultSize`: how many bytes of results one action may bring to the driver (1 GB unless set). Here it
# is lowered to 1 MB, so that a small shop is large enough.

# %%
import sys

from pyspark.sql import functions as F

from emberlake.school import desk, explain_plan

spark, lake = desk()


def limit_results(size):
    """Set the limit of a session that runs; in a program of your own it is set when the session is made."""
    spark.sparkContext._jsc.sc().conf().set("spark.driver.maxResultSize", size)


# %% [markdown]
# ## What happened
#
# The report adds up revenue by product, in Python. It was written when the shop was new. Since then the shop has grown:
# `lines` has a hundred times the order lines of yours.

# %%
small = lake.read("silver.order_items")
lines = small.crossJoin(spark.range(100).withColumnRenamed("id", "copy"))


def report(lines):
    sums = {}
    for row in lines.collect():
        sums[row.product_id] = sums.get(row.product_id, 0) + row.quantity * row.unit_price
    return sums


before = report(small)
print(f"The young shop: {len(before)} products.")

limit_results("1m")
failure = ""
try:
    report(lines)
except Exception as e:
    failure = next((line for line in str(e).splitlines() if "maxResultSize" in line), str(e)[:300])
print("The grown shop:", failure[:300])
assert "maxResultSize" in failure

# %% [markdown]
# ## Find it
#
# The message has the name of the setting, and it is tempting to set it higher. It is a fuse: it went because too much
# came through, and a larger fuse lets the wire burn, in the driver's memory. What came through?
#
# First, the plan of what was fetched. There is no aggregation in it, only the scan and the copies: every row is the
# result.

# %%
print(explain_plan(lines).text())

# %% [markdown]
# Second, an estimate, before anything is fetched: the number of rows, which Spark counts where they are, times the size
# of one in Python, which a few of them tell.

# %%
rows = lines.count()
few = lines.limit(1000).collect()
bytes_a_row = sum(sys.getsizeof(row) + sum(sys.getsizeof(value) for value in row) for row in few) / len(few)
print(f"{rows:,} rows of about {bytes_a_row:,.0f} bytes: {rows * bytes_a_row / 2**20:,.0f} MB in Python")
print(f"{len(before):,} rows would be enough")

# %% [markdown]
# ## Mend it
#
# The result is small, so it is made small before it travels. The limit stays at 1 MB.


# %%
def mended(lines):
    revenue = F.sum(F.col("quantity") * F.col("unit_price")).alias("revenue")
    return {row.product_id: row.revenue for row in lines.groupBy("product_id").agg(revenue).collect()}


after = mended(lines)
print(f"The grown shop: {len(after)} products, within 1 MB.")

# %% [markdown]
# When the result itself is large, it does not belong in the driver at all:
#
# | you want | instead of `collect()` |
# |---|---|
# | to look at some rows | `show(20)`, `limit(20).toPandas()`, `take(20)` |
# | to keep them | `df.write.format("delta").save(…)` |
# | to plot them | group first; a plot has some hundred points |
# | to hand them on, one after the other | `toLocalIterator()`: a partition at a time |
# | to compute in pandas | `applyInPandas` or `mapInPandas`: in the tasks, a part at a time |

# %%
lines.groupBy("product_id", "copy").agg(F.sum("quantity").alias("units")).write.mode("overwrite").parquet(
    lake.scratch("units")
)
print(spark.read.parquet(lake.scratch("units")).count(), "rows written, none of them fetched")

# %% [markdown]
# ## Prevent it
#
# A function that says how many rows it expects. It fetches one more than that at most, so it fails early and says what
# to do, on the first day and not after a year. The setting stays where it is, as the fuse behind it.


# %%
def fetch(df, most=10_000):
    """Collect a DataFrame that is expected to be small.

    Raises:
        ValueError: if it has more than `most` rows.
    """
    rows = df.limit(most + 1).collect()
    if len(rows) > most:
        raise ValueError(f"More than {most:,} rows: aggregate, filter or write them instead of fetching them.")
    return rows


told = ""
try:
    fetch(lines, most=1_000)
except ValueError as e:
    told = str(e)
print(told)

# %%
limit_results("1g")
assert after == {product: 100 * revenue for product, revenue in before.items()}
assert told.startswith("More than 1,000 rows")
assert len(fetch(lines.groupBy("product_id").count(), most=1_000)) == len(before)
