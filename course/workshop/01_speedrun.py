# %% [markdown]
# # Workshop 1: The PySpark speedrun
#
# *20 minutes: first load 10, core API 10.*
#
# Four notebooks lead from files of orders to predictions on a stream, "From batch ML to real-time order value
# prediction". This is the first. Each of them runs alone, from a fresh kernel, on a laptop and on Databricks Free
# Edition. Run every cell yourself: Shift and Enter.
#
# ## Goals
#
# - load a table, and read its schema without reading its rows
# - select, filter, and add a column
# - say which lines make Spark work, and which only make a plan
# - read the plan

# %% [markdown]
# ## Session, data, and where to write
# The next cell is the same in all four notebooks. Databricks gives every notebook a session named `spark`, and has the
# TPC-H tables in its catalog `samples`. On a laptop Emberlake starts Spark, and makes a small TPC-H (15,000 orders) at
# the first run unless `emberlake synth --tpch` has made one before.

# %%
import os

ON_LAPTOP = "dbutils" not in globals()
if ON_LAPTOP:
    from emberlake.school import workbench

    spark, TPCH, FOLDER = workbench()
else:
    FOLDER = os.environ.get("WORKSHOP_VOLUME", "/Volumes/workspace/default/workshop")
    spark.sql(f"CREATE VOLUME IF NOT EXISTS {'.'.join(FOLDER.split('/')[-3:])}")


def table(name):
    return spark.read.parquet(f"{TPCH}/tpch_{name}") if ON_LAPTOP else spark.table(f"samples.tpch.{name}")


# %% [markdown]
# ## 1.1 First load (10 minutes)
#
# `spark` is the session: the door to everything. Its version is the first thing to see; if the next cell prints it, you
# are ready.

# %%
print(f"Spark {spark.version} is ready, and notebooks write to {FOLDER}")

# %% [markdown]
# **TPC-H** is a benchmark of the database industry since the nineties: customers who order parts from suppliers. Its
# rows are drawn at random, so that it can be made at any size. There is nothing to download.
#
# On a laptop the tables are **Parquet** files. Compared with CSV, Parquet
#
# - stores column by column: a query that needs two columns reads two;
# - is compressed, each column for itself;
# - carries its own schema, and the smallest and largest value of each block, by which whole blocks are passed over.
#
# On Databricks the same tables are Delta tables, which are Parquet files with a log beside them: notebook 2.

# %%
orders = table("orders")
print(type(orders))

# %% [markdown]
# A **DataFrame** looks like one of pandas: named columns with types. Two things differ. Its rows lie in *partitions*,
# which several cores or machines work on at once. And it holds no rows at all: it is a *plan* of how to get them.
#
# That is why the last cell was quick, whatever the table's size. `printSchema` is quick for the same reason: column
# names and types stand in the file's footer (or the catalog), and no row is read.

# %%
orders.printSchema()

# %% [markdown]
# `show` is different. It wants rows, so now Spark reads, but only as much as it takes to print five.

# %%
orders.show(5)

# %% [markdown]
# **If it does not work**
#
# - Nothing happens, or `spark` is unknown: the cell "Session, data, and where to write" was not run in this kernel. On
#   Databricks, look at the top right: the notebook must be attached to *Serverless*. There is no cluster to create.
# - `show` prints a table of text and returns nothing. `head(5)` returns a Python list of five `Row` objects: good for
#   code, hard to read. `orders.limit(5).toPandas()` is a pandas frame, which notebooks draw well.
# - The order of the rows is nobody's promise. Without `orderBy`, "the first five" are any five.

# %%
first = orders.head(2)
print(type(first), first[0]["o_orderkey"])

# %% [markdown]
# ## 1.2 Core API (10 minutes)
# Functions of columns live in `pyspark.sql.functions`. Import the module under a short name. The often-seen
# `from pyspark.sql.functions import *` replaces Python's own `sum`, `max`, `min`, `round` and `abs` in your notebook,
# and the error comes much later, from a line that looks right.

# %%
from pyspark.sql import functions as F

orders.select("o_orderkey", "o_totalprice", "o_orderstatus").show(5)

# %% [markdown]
# `select` picks columns, as in SQL. `withColumn` adds one. It changes nothing: a DataFrame cannot be changed. It
# gives a new DataFrame, and the old one is still there.

# %%
with_year = orders.withColumn("order_year", F.year(F.col("o_orderdate")))
with_year.select("o_orderkey", "o_orderdate", "order_year").show(5)
print("order_year" in orders.columns, "order_year" in with_year.columns)

# %% [markdown]
# `filter` (or `where`, the same) keeps the rows for which a condition is true. A condition is a column, too: one of
# booleans. There are three ways to name a column: `F.col("o_orderstatus")`, `orders["o_orderstatus"]` and
# `orders.o_orderstatus`. The first works before there is a DataFrame; the others say *whose* column is meant, which
# matters after a join.

# %%
orders.filter(F.col("o_orderstatus") == "F").show(5)

# %% [markdown]
# A name in quotes is a text and no column. `"o_orderstatus" == "F"` compares two texts in Python, is `False`, and
# Spark is handed that:

# %%
try:
    orders.filter("o_orderstatus" == "F").show(5)
except Exception as error:
    print(type(error).__name__, str(error).splitlines()[0])

# %% [markdown]
# Two conditions are joined by `&`, `|` and `~`, each in brackets of its own, because these bind more tightly than
# `==` in Python. `and` would ask for one truth value of a whole column, and raises.

# %%
large_and_finished = orders.filter((F.col("o_orderstatus") == "F") & (F.col("o_totalprice") > 400_000))
large_and_finished.select("o_orderkey", "o_totalprice").orderBy(F.desc("o_totalprice")).show(5)

# %% [markdown]
# ### A recipe, and cooking
# **Transformations** (`select`, `filter`, `withColumn`, `groupBy`, `join` …) write a recipe. They are *lazy*.
# **Actions** (`show`, `count`, `collect`, `write` …) cook. The clock tells them apart:

# %%
import time

begun = time.perf_counter()
finished = orders.filter(F.col("o_orderstatus") == "F").withColumn("order_year", F.year("o_orderdate"))
print(f"transformations: {(time.perf_counter() - begun) * 1000:.0f} ms, and no row was read")

begun = time.perf_counter()
rows = finished.count()
print(f"action: {(time.perf_counter() - begun) * 1000:.0f} ms, {rows:,} finished orders")

# %% [markdown]
# Why be lazy? Because the whole recipe is known before anything is done. **Catalyst**, the optimiser, rewrites it: the
# filter goes into the reader of the files, columns that nobody needs are left out, neighbouring steps become one. The
# plan shows what came of it. Look for `PushedFilters` and `ReadSchema` at the scan: orders for each year need two
# columns of nine.

# %%
finished.groupBy("order_year").count().explain(mode="formatted")

# %% [markdown]
# Lazy has another side: two actions on one DataFrame cook twice. What is used again and was dear can be written to a
# table and read from there. (Classic Spark also has `cache`; serverless compute refuses it.)
#
# **Where to see what ran.** Classic Spark has a web page, the Spark UI: each action is a job there, cut into stages
# where rows move between tasks. Emberlake's sessions leave it off, because it costs two seconds at each start, and
# draw the plan instead: `explain_plan` says where data move, how many rows and bytes, and how long it took. On
# Databricks serverless there is no Spark UI either; there click *See performance* below the cell, which opens the
# **query profile**.

# %%
if ON_LAPTOP:
    from emberlake.school import explain_plan

    print(explain_plan(finished.groupBy("order_year").count(), run=True))

# %% [markdown]
# ### Your turn
# How many orders of more than 100,000 were there in each year? First say which lines will be lazy. Then write it, and
# compare with the cell below.

# %%
# One way. Write yours first, in a new cell above this one.
(
    orders.filter(F.col("o_totalprice") > 100_000)
    .groupBy(F.year("o_orderdate").alias("order_year"))
    .count()
    .orderBy("order_year")
    .show()
)

# %% [markdown]
# **Questions for the room**
#
# - Which of these read rows: `printSchema`, `columns`, `limit(5)`, `count`, `show`, `orderBy`? (`count` and `show`. A
#   sort is lazy as well.)
# - `orders.filter(…).count()` twice in a row: what does Spark do the second time? (The same work again.)
# - In your own words: what is a transformation?
#
# **In short.** A DataFrame is a plan. Transformations extend it, actions run it, the optimiser rewrites it in between.
# Next: `02_toolkit`.
