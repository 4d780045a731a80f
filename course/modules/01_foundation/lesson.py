# %% [markdown]
# # Module 1: Foundation
# *About 25 minutes; 8 exercises.*
#
# ## Goals
#
# - Say what a session, a DataFrame, a plan and an action are, and which line of your code starts work.
# - Read a plan from its first scan to its last step, and find where rows move.
# - Tell partitions, tasks and shuffles apart, and say what each costs.
# - Say why a Parquet file is read in columns, and which parts of it are skipped.
# - Find any table of the platform: bronze, silver and gold.

# %% [markdown]
# ## A session, and a table that is elsewhere
#
# Your Python process is the **driver**. It holds a **session**, `spark`, which is the door to an engine: a driver JVM
# that plans, and **executors** that do the work. On a laptop the executors are threads of the same JVM, as many as
# there are cores; on a cluster they are processes on other machines. The code is the same.
#
# `desk()` opens a session with settings that fit this machine, and gives you `lake`, the tables of your own shop. In a
# program of your own it would be `SparkSession.builder.appName("…").getOrCreate()`; on Databricks `spark` is there
# already. If no session opens, `emberlake doctor` says what is missing.

# %%
import time
from pathlib import Path

import pyarrow.parquet as pq
from pyspark.sql import functions as F

from emberlake.school import desk, explain_plan

spark, lake = desk()
orders = lake.read("silver.orders")
print(spark.version)
orders.printSchema()

# %% [markdown]
# `orders` is a **DataFrame**: a table with names and types whose rows are not here. It looks like a table of pandas and
# is something else. A pandas frame *is* its rows, in the memory of this process. A DataFrame of Spark is a description
# of how to get them. `printSchema()` answers at once, because names and types are part of the description; no row was
# read.
#
# `F` is the module of Spark's functions. Import it under that name: `from pyspark.sql.functions import *` would put
# Spark's `sum`, `max` and `round` in the place of Python's own.
#
# A DataFrame never changes. Each step returns another one, and costs nothing yet:

# %%
app = orders.where(F.col("channel") == "app").select("order_id", "country", "amount")
with_tax = app.withColumn("tax", F.round(F.col("amount") * 19 / 119, 2))
print("app:", app.columns)
print("with_tax:", with_tax.columns)

# %% [markdown]
# A column made of others is named after its expression; `alias` gives it a name of your own. `where` (its other name is
# `filter`) takes a column of true and false, or the same condition as a piece of SQL: `where("channel = 'app'")`.
#
# **Exercises:** 1.1, 1.2
#
# ## Nothing runs until an action
#
# `where`, `select`, `withColumn`, `join` and `groupBy` are **transformations**: they add to the description. `count`,
# `first`, `show`, `collect`, `toPandas` and a write are **actions**: they run it, as a **job**. This is called lazy
# evaluation. Its use is that Spark sees the whole question before it begins. It can move a filter to the reader of the
# files, leave out columns that nobody asks for, and turn steps round, none of which a program could do that has run the
# first line already.
#
# `groupBy` with `agg` makes one row of each group. `F.count("*")` counts its rows, `F.count("coupon")` those in which
# `coupon` is not null, `F.countDistinct("user_id")` the different users.

# %%
begun = time.perf_counter()
by_country = orders.where("status != 'cancelled'").groupBy("country").agg(F.sum("amount").alias("revenue"))
described = time.perf_counter() - begun

begun = time.perf_counter()
rows = by_country.collect()
ran = time.perf_counter() - begun
print(f"described in {described:.3f} s, ran in {ran:.3f} s: {len(rows)} rows")

# %% [markdown]
# Two things follow. First, **each action runs the whole description again**, from the files on. `by_country.count()`
# and `by_country.show()` are two runs. Second, **errors come at two moments**. A name that does not exist is found
# while the description is made. A value that cannot be what it should be is found when a row with it is met, at the
# action, which may be many lines further down.

# %%
try:
    orders.select("amuont")
except Exception as e:
    print("at once:", str(e).splitlines()[0][:110])

numbers = orders.select(F.col("status").cast("int"))  # no complaint: nothing has been cast yet
try:
    numbers.collect()
except Exception as e:
    print("at the action:", type(e).__name__)

# %% [markdown]
# Over **Spark Connect** a client sends its descriptions to a server (Databricks Free Edition works so). There the wrong
# name is found later, too: when the server is first asked for the columns or the rows.
#
# **Exercises:** 1.3, 1.4
#
# ## Reading a plan
#
# Spark's optimiser, Catalyst, turns the description into a **physical plan**: the steps as they are done. `explain()`
# prints it, and `explain_plan(df)` of this course draws it and says in words where rows move. Data flow from the
# leaves, the scans, up to the first line.

# %%
by_channel = orders.where("status != 'cancelled'").groupBy("channel").agg(F.sum("amount").alias("revenue"))
by_channel.explain(mode="formatted")

# %% [markdown]
# What the usual steps mean:
#
# | in the plan | what is done | what it costs |
# |---|---|---|
# | `Scan parquet` | files are read; `ReadSchema` and `PushedFilters` say how little | bytes from the disk |
# | `ColumnarToRow` | the reader's batches of columns become rows | little |
# | `Filter`, `Project` | rows are chosen, columns computed | little: row by row, in one go |
# | `HashAggregate` | groups are added up, in each task and once more after the exchange | memory for the groups |
# | `Exchange` | rows move to other tasks | a write to disk, the network, a wait for all |
# | `BroadcastExchange` | a small table is sent to every task | memory in each executor |
# | `Sort`, `SortMergeJoin` | rows are put in order to be joined | time, and disk if memory is short |
# | `AdaptiveSparkPlan` | the plan may still change while it runs | `isFinalPlan=false` before, `true` after |
#
# The last one is **adaptive query execution**: after each shuffle Spark knows how many bytes there really are, and
# plans the rest anew. So there is a plan before the run and another one after it. Above is the first one. With
# `run=True` you see the second, with rows, bytes and times. (After `by_channel.collect()`, `explain()` of the same
# DataFrame prints both.)

# %%
print(explain_plan(by_channel, run=True).text())

# %% [markdown]
# What has run, job by job and task by task, is also in the **Spark UI**, a page of the driver
# (`spark.sparkContext.uiWebUrl`, by default port 4040). `desk()` leaves it out to start sooner; switch it on in a
# session of your own with `spark.ui.enabled`. Databricks without clusters has none, and shows a query profile instead.
#
# ## Parquet: a file of columns
#
# A CSV file is a text with a row a line: to know the amounts, one reads everything. A Parquet file holds each column by
# itself, packed, with its type, and notes in the footer the lowest and highest value of each. Reading two columns of
# sixteen touches two; a filter on the amount skips a block of rows whose highest amount is too low. The footer can be
# read without Spark:

# %%
file = min(Path(lake.path("silver.orders")).glob("month=*/*.parquet"))
footer = pq.ParquetFile(file).metadata
group = footer.row_group(0)
print(file.parent.name, "-", footer.num_rows, "rows,", footer.num_columns, "columns")
for place in range(footer.num_columns):
    column = group.column(place)
    if column.path_in_schema in ("order_id", "ordered_at", "amount", "status") and column.statistics:
        low, high = column.statistics.min, column.statistics.max
        print(f"{column.path_in_schema:12} {column.total_compressed_size:6} bytes, from {low} to {high}")

# %%
print(explain_plan(orders.where("amount > 500").agg(F.sum("amount"))).text())
orders.where("amount > 500").agg(F.sum("amount")).explain(mode="formatted")

# %% [markdown]
# `ReadSchema` has one column, and `PushedFilters` has the comparison: the reader was told of both.
#
# **Exercises:** 1.5
#
# ## Partitions, tasks and the shuffle
#
# ![Two stages of tasks with a shuffle between them](pictures/stages.svg)
#
# The rows of a DataFrame lie in **partitions**. A **task** works through one partition on one core. It sees no other
# partition, so whatever can be said of a row by itself (a filter, a new column) needs no talk between tasks. Such steps
# run together, as one **stage**.
#
# A sum per country is different: rows of a country may be in any partition. Each task adds up what it has, writes the
# partial sums to disk, sorted by where they have to go, and the tasks of the next stage fetch theirs. That is a
# **shuffle**. Rows of the same key arrive in the same partition, because it is chosen by the hash of the key. Into how
# many partitions is the setting `spark.sql.shuffle.partitions`: 200 unless somebody says otherwise, and near the number
# of cores here, where each task more costs some milliseconds and brings nothing.

# %%
print("partitions after a shuffle:", spark.conf.get("spark.sql.shuffle.partitions"))
placed = orders.repartition(4, "country").select("country", F.spark_partition_id().alias("part"))
placed.groupBy("part").agg(F.count("*").alias("rows"), F.collect_set("country").alias("countries")).orderBy(
    "part"
).show(truncate=False)

# %% [markdown]
# Every country is in one partition only, and the partitions are not of equal size: some got several countries, some may
# have got none. The stage is as slow as its largest task. That is **skew**, and more partitions do not help against one
# key that is too large.
#
# **Exercises:** 1.6, 1.7
#
# ## Bronze, silver, gold: where the tables lie
#
# ![From landing files to bronze, silver and gold; refused rows go to quarantine](pictures/layers.svg)
#
# The platform keeps its tables in layers, each a folder of Delta tables. A Delta table is a folder of Parquet files
# with a log beside them (module 4).
#
# - **Bronze** has what came, as it came, append-only, with the file and line of each row. What a later step gets wrong
#   can be made again from here.
# - **Silver** is typed and checked, one row a key. Of several states of an order the latest counts. Rows that break a
#   rule go to **quarantine**, with the rule's name. Older states and repeated rows that come in the same run are
#   refused by rules, too: `superseded` and `duplicate`.
# - **Gold** has the tables that people ask: sales a day, customers, cohorts.
#
# They are filled in **batches**: a run takes what is there when it begins. Streams come in module 7.
#
# `emberlake lake catalog` lists all of them with their columns. `lake.path` says where one lies:

# %%
for name in ("bronze.orders", "quarantine.orders", "silver.orders", "gold.daily_sales"):
    folder = Path(lake.path(name))
    files = [path for path in folder.rglob("*.parquet") if "_delta_log" not in path.parts]
    print(f"{name:18} {lake.read(name).count():6,} rows in {len(files):2} files, {folder.parent.name}/{folder.name}")

# %%
lake.read("quarantine.orders").groupBy("_rule").count().orderBy("_rule").show(truncate=False)

# %% [markdown]
# **Exercises:** 1.8
#
# ## Naive and tuned
#
# The question: the revenue of each category. The naive version fetches the lines and adds them up in Python. The tuned
# one leaves them where they are: `F.broadcast` sends the few products to every task (module 2). On a small shop both
# are quick; look at what travels.

# %%
items, products = lake.read("silver.order_items"), lake.read("silver.products")
items.count(), products.count()  # so that neither version pays for the first read

begun = time.perf_counter()
category_of = {row.product_id: row.category for row in products.collect()}
sums = {}
for row in items.collect():
    category = category_of[row.product_id]
    sums[category] = sums.get(category, 0) + row.quantity * row.unit_price
naive = time.perf_counter() - begun

begun = time.perf_counter()
revenue = F.sum(F.col("quantity") * F.col("unit_price")).alias("revenue")
tuned_df = items.join(F.broadcast(products), "product_id").groupBy("category").agg(revenue)
tuned_rows = tuned_df.collect()
tuned = time.perf_counter() - begun

print(f"naive: {naive:.2f} s, {items.count() + products.count():,} rows came to the driver")
print(f"tuned: {tuned:.2f} s, {len(tuned_rows):,} rows came to the driver")
assert {row.category: row.revenue for row in tuned_rows} == sums
assert len(tuned_rows) < 50

# %% [markdown]
# The naive version reads all columns, makes a Python object of every row, and works on one core. With a hundred times
# the rows it takes a hundred times as long, until it does not fit any more: that is this module's lab.
#
# ## Summary
#
# - A DataFrame is a description; an action runs it, all of it, each time.
# - The plan says what is done. Look for `Exchange`, `ReadSchema` and `PushedFilters` first.
# - A task works on one partition; a shuffle brings equal keys together, by disk and network.
# - Parquet is read by column, and skipped by the lowest and highest value of a block.
# - Bronze keeps what came, silver what is right, gold what is asked.
#
# ## What to read next
#
# - This course's [cheat sheet](../../PYSPARK_CHEATSHEET.md), to look a call up, and its [glossary](../../GLOSSARY.md)
# - *Spark SQL, DataFrames and Datasets Guide* and *Performance Tuning*,
#   <https://spark.apache.org/docs/latest/sql-programming-guide.html>,
#   <https://spark.apache.org/docs/latest/sql-performance-tuning.html>
# - *Cluster Mode Overview* (driver, executors, tasks), <https://spark.apache.org/docs/latest/cluster-overview.html>
# - *Quick Start*, <https://spark.apache.org/docs/latest/quick-start.html>
# - *Learning Spark*, 2nd edition (Damji, Wenig, Das, Lee), chapters 1 to 3.
