# %% [markdown]
# # Module 2: DataFrames
# *About 35 minutes; 8 exercises.*
#
# ## Goals
#
# - Filter so that files, folders and columns that are not needed are never read.
# - Join without losing or doubling rows, and choose the side that is sent.
# - Group in one pass, and pick whole rows by a window.
# - Say when rows are kept for the next action, and what adaptive execution changes while a query runs.
# - Read a plan: where data move, and where Python stands in the way.

# %%
import time

from pyspark.sql import Window
from pyspark.sql import functions as F

from emberlake.school import desk, explain_plan

spark, lake = desk()

# %% [markdown]
# ## A recipe, not rows
#
# Module 1 in short. A DataFrame looks like a table and is a recipe for one. `where`, `select`, `join` and `groupBy`
# write the recipe on: they are transformations, they return at once, and read nothing. Only an action (`show`, `count`,
# `collect`, `toArrow`, a write) makes Spark cook. Before that it reads the whole recipe and puts it in better order:
# filters move towards the files, columns that nobody uses are left out, joins get a method. That is why you say what
# you want, and look at the plan to see what came of it.

# %%
orders = lake.read("silver.orders")
begun = time.perf_counter()
dear = orders.where(F.col("amount") > 100).groupBy("country").agg(F.count("*").alias("orders"))
print(f"written down in {time.perf_counter() - begun:.3f} s")
begun = time.perf_counter()
dear.orderBy(F.desc("orders")).show(3)
print(f"done in {time.perf_counter() - begun:.1f} s")

# %% [markdown]
# A column is a recipe, too: `F.col("amount") > 100` compares nothing, it says what is to be compared. So Python's
# `and`, `or` and `if` do not work on columns: use `&`, `|`, `~` (with brackets around each side) and `F.when`.
#
# ## Reading less
#
# The fastest row is the one that is not read. Parquet helps in three ways. Columns lie apart, so only those that
# are used are read. Files carry the lowest and highest value of each column, so a filter can leave out whole
# files. And a table may be cut into folders by a column: a filter on it opens only the folders that match.
#
# ![Folders, files and columns, and what a filter on each of them leaves out](pictures/reading.svg)
#
# `silver.orders` has a folder for each `month`. All that is needed is that Spark can see your wish: a comparison
# of the column as it lies in the file with a constant. Then the filter is handed to the reader: *predicate pushdown*.
# Put a function around the column, and the reader is not told. Some casts are seen through (a timestamp to a date),
# others are not (a timestamp to a text). The plan says which.

# %%
november = orders.where(F.col("month") == F.lit("2025-11-01").cast("date"))
explain_plan(november.where("status <> 'cancelled'").groupBy("country").agg(F.sum("amount").alias("revenue")))

# %% [markdown]
# In `df.explain(mode="formatted")` look at the scan: `PartitionFilters` choose folders, `PushedFilters` are told
# to the reader, `ReadSchema` is the columns that are read.
#
# **Exercises:** 2.1, 2.2
#
# ## Joins and nulls
#
# Three questions decide a join. Which columns identify a row on either side? What happens to rows that find no
# match? And how many rows can one row find? An inner join drops what finds nothing; a left join keeps it, with
# nulls. If a row finds three, there are three rows of it, and a sum counts it three times. Two kinds only filter:
# `left_semi` keeps the left rows that have a match, once each, `left_anti` those that have none.
#
# The key is given by its name, `join(other, "user_id", "left")`: then one column `user_id` comes out. A condition
# (`users["user_id"] == orders["user_id"]`) keeps both, and `F.col("user_id")` is ambiguous from then on.

# %%
users = lake.read("silver.users").select("user_id")
few = orders.where("status <> 'cancelled'").select("user_id", "order_id")
for kind in ("inner", "left"):
    joined = users.join(few, "user_id", kind)
    print(f"{kind}: {joined.count():,} rows, {joined.select('user_id').distinct().count():,} users")

# %% [markdown]
# Null means that nobody knows. A comparison with it is neither true nor false but null, and a filter keeps only
# what is true. So `coupon != 'WELCOME5'` loses every order without a coupon. `eqNullSafe` treats null as a value
# of its own, `coalesce` puts one in its place. For whole tables there are `fillna`, and `dropna`, which drops a row for
# a null in any column unless `subset` names some.

# %%
orders.select(
    F.count("*").alias("orders"),
    F.count_if(F.col("coupon") == "WELCOME5").alias("with it"),
    F.count_if(F.col("coupon") != "WELCOME5").alias("not equal"),
    F.count_if(~F.col("coupon").eqNullSafe("WELCOME5")).alias("without it"),
).show()

# %% [markdown]
# The second and third number do not add up to the first; the second and fourth do.
#
# How are rows with the same key brought together? Either both sides are shuffled: each row travels to the task
# that has its key, then both sides are sorted and merged. Or one side is small, and is sent whole to every task:
# a broadcast, and the large side stays where it is.
#
# ![A shuffle join moves both sides, a broadcast join sends the small one to every task](pictures/joins.svg)
#
# Spark broadcasts by itself what it believes to be below 10 MB. After filters and aggregations it often cannot
# know; `F.broadcast(df)` says it. The small side passes through the driver and has to fit into each executor.
#
# **Exercises:** 2.3, 2.4, 2.5
#
# ## Grouping, and whole rows
#
# A grouping shuffles, once: every task sums up what it has, sends the sums to the task of the key, and those are
# added. (A `countDistinct` among them takes a second shuffle.) Two groupings by one key are two shuffles, and a join of
# their results; several sums in one `agg`, each with its condition, are one. `F.when(condition, value)` is null where
# the condition does not hold, unless `otherwise` gives a value, and a sum of nothing but nulls is null.

# %%
orders.groupBy("channel").agg(
    F.sum("amount").alias("all"),
    F.sum(F.when(F.col("status") == "returned", F.col("amount")).otherwise(0)).alias("returned"),
).orderBy("channel").show()

# %% [markdown]
# A grouping gives values, no rows: the highest number and the highest amount may come from two orders. A window
# looks at a row's neighbours and leaves the row whole. `row_number` in a window that is sorted without ties gives
# each row its place. `F.first` and `dropDuplicates(["country"])` keep some row, and the next run may keep another one:
# they are not *deterministic*.

# %%
dearest = Window.partitionBy("country").orderBy(F.desc("amount"), "order_id")
placed = orders.withColumn("place", F.row_number().over(dearest))
placed.where("place = 1").select("country", "order_id", "amount").orderBy("country").show(3)

# %% [markdown]
# **Exercises:** 2.6, 2.8
#
# ## Python in between
#
# Spark holds rows in a compact form of its own, and compiles neighbouring steps of a stage into one loop (of a plan
# that has run, `explain()` marks them with a `*` and one number). A Python function over rows (a UDF) needs every row
# packed, sent to a Python process, unpacked, and all of that back; `BatchEvalPython` or `ArrowEvalPython` in the plan
# is the place. The optimiser cannot look inside, so a filter on what it returns is told to no reader. Nearly always
# there is a function in `pyspark.sql.functions` that says the same: `F.when(…).when(…).otherwise(…)` is an if, and the
# first condition that is true counts. Where it has to be Python, a `pandas_udf` is given batches as columns of pandas,
# which costs far less than a row at a time.
#
# **Exercises:** 2.7
#
# ## Rows that are kept, and plans that change
#
# Each action begins at the files. `cache()` marks a DataFrame to be kept in the executors' memory, and on disk where
# that is full. The next action fills it, later ones read it: `InMemoryTableScan` in the plan. It pays where the same
# rows are used several times and were dear to make, and it takes memory from other work until `unpersist()`.
# (Databricks Free Edition refuses it: write a table and read that.)

# %%
kept = orders.where("status <> 'cancelled'").select("country", "amount").cache()
for turn in ("fills the cache", "reads it"):
    begun = time.perf_counter()
    kept.agg(F.sum("amount")).collect()
    print(f"{turn}: {time.perf_counter() - begun:.2f} s")
kept.groupBy("country").agg(F.sum("amount").alias("revenue")).explain()
kept.unpersist()

# %% [markdown]
# A plan begins with estimates. **Adaptive execution** (on by default) looks at the true sizes after each shuffle and
# plans what is left anew: small partitions are read together (`AQEShuffleRead coalesced`), a side that came out small
# is broadcast after all, and in a join a partition far larger than the others is split (`AQEShuffleRead … skewed`). So
# the plan before a run and the one after it may name different joins. What it cannot mend is a **skewed** key of a
# window: all rows of a key are one task's, and if they do not fit into its memory, it goes on by way of the disk (a
# *spill*).
#
# The number of partitions can be set by hand, too: `repartition(8)` shuffles every row, `coalesce(1)` moves none and
# leaves the step before it with one task. Both are mostly for what is written: a file a partition (module 4).
#
# ## Naive and tuned
#
# The revenue of each category: once by a UDF and a join that shuffles both sides, once by functions of Spark, with the
# lines summed before they are joined, and the small side sent. The answer is the same. `hint("merge")` makes Spark do
# what it does by itself where it cannot know that a side is small.

# %%
items = lake.read("silver.order_items")
products = lake.read("silver.products")
value = F.udf(lambda quantity, price: float(quantity) * float(price), "double")


def naive():
    """All lines through Python, then all of them into a shuffle."""
    lines = items.withColumn("value", value("quantity", "unit_price"))
    return lines.join(products.hint("merge"), "product_id").groupBy("category").agg(F.sum("value").alias("revenue"))


def tuned():
    """Summed by product first, joined with what is small."""
    sold = F.sum(F.col("quantity") * F.col("unit_price")).alias("sold")
    lines = items.groupBy("product_id").agg(sold)
    return (
        lines.join(F.broadcast(products.select("product_id", "category")), "product_id")
        .groupBy("category")
        .agg(F.sum("sold").cast("double").alias("revenue"))
    )


found = {}
for way in (naive, tuned):
    way().collect()  # the first run reads files and starts Python: both are measured warm
    begun = time.perf_counter()
    found[way.__name__] = {row["category"]: row["revenue"] for row in way().collect()}
    print(f"{way.__name__}: {time.perf_counter() - begun:.2f} s")
assert found["naive"].keys() == found["tuned"].keys()
assert all(abs(found["naive"][name] - found["tuned"][name]) < 0.01 for name in found["naive"])

# %%
explain_plan(naive(), run=True)

# %%
explain_plan(tuned(), run=True)

# %% [markdown]
# ## Summary
#
# - A DataFrame is a recipe; an action cooks it, after Spark has put it in better order.
# - Compare columns as they are with constants: then folders, files and columns are left out.
# - Before a join: which key, what of those without a match, how many matches? Null is not equal to anything.
# - One grouping with several sums, a window for whole rows, `F.broadcast` for the small side, no Python for rows.
# - Nothing is kept without `cache()`, and a plan is final only when it has run.
#
# ## What to read next
#
# - Spark SQL, DataFrames and Datasets Guide: <https://spark.apache.org/docs/latest/sql-programming-guide.html>
# - Spark SQL, Null Semantics: <https://spark.apache.org/docs/latest/sql-ref-null-semantics.html>
# - Spark SQL, Performance Tuning: <https://spark.apache.org/docs/latest/sql-performance-tuning.html>
# - Bill Chambers and Matei Zaharia, *Spark: The Definitive Guide* (2018): chapters 5 to 8.
