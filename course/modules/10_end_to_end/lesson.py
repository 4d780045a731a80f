# %% [markdown]
# # Module 10: End to end
# *About 40 minutes; 8 exercises.*
#
# ## Goals
#
# - Take rows from bronze to silver by rules, and account for every one of them.
# - Write loads that may run twice: by MERGE, by `replaceWhere`, by a name that is noted.
# - Build a mart of your own and compare it with the platform's, row by row.
# - Hand your table to the platform's marts and reports, and let them run on it.
# - Order the steps of a pipeline, and check a table before anybody reads it.

# %%
import time
from graphlib import TopologicalSorter

from pyspark.sql import Window
from pyspark.sql import functions as F

from emberlake.lake.gold.mart import MARTS
from emberlake.reports import run_report
from emberlake.school import desk, explain_plan

spark, lake = desk()

# %% [markdown]
# ## Bronze: as it came
#
# A pipeline is a chain of tables, and each has one promise. Bronze promises that nothing is lost: rows as they
# came, in append-only tables. What could not be read as its column's type is null, and its text stands in
# `_rescued`. `_load_id` says which load brought a row, `_row` where in its file it stood.
#
# ![From files to a report: bronze, silver beside quarantine, gold, report](pictures/layers.svg)

# %%
bronze = lake.read("bronze.orders")
bronze.select("_load_id", "_row", "order_id", "amount", "_rescued").where("_rescued is not null").show(3, truncate=40)

# %% [markdown]
# Why keep what is wrong? Because rules change. A row that was refused by a rule that was too strict is still
# there, and can be taken in when the rule is mended. A pipeline that drops it at the door cannot be asked again.
#
# ## Silver: judged
#
# Between bronze and silver stand rules. A rule is a predicate that good rows fulfil, with a name and a sentence.
# Three things go wrong with rules in Spark. A comparison with null is null, so a missing value passes every rule
# that does not ask for it. A row may break two rules, and then it must not be refused twice. And a filter that
# keeps good rows says nothing of the others: refuse them with a reason, into a table of their own.

# %%
rule = (
    F.when(F.col("_rescued").isNotNull(), "readable")
    .when(F.expr("order_id is null or user_id is null or ordered_at is null or amount is null"), "present")
    .when(F.col("amount") < 0, "amount_not_negative")
)
judged = bronze.withColumn("rule", rule)
judged.groupBy("rule").count().orderBy("rule").show()

# %% [markdown]
# Then the books are balanced, for each load: rows read = rows accepted + rows refused. It is one small query, and
# it finds what nobody looks for: the join that dropped a few rows, the load that came half. Here are those of the
# orders' lines.

# %%
read, accepted, refused = (
    lake.read(f"{layer}.order_items").groupBy("_load_id").agg(F.count("*").alias(name))
    for layer, name in (("bronze", "read"), ("silver", "accepted"), ("quarantine", "refused"))
)
books = read.join(accepted, "_load_id", "left").join(refused, "_load_id", "left").na.fill(0)
books.show()
assert books.where("read <> accepted + refused").count() == 0

# %% [markdown]
# Rules between rows come last: two rows of one key are copies, or states of the same order. Silver has one row a
# key, and a version says which: the highest `received_at` wins.
#
# **Exercises:** 10.1, 10.2, 10.3
#
# ## Loads that may run twice
#
# A job fails at 90 %, and is run again. What it did before it failed is done again, unless it is written so that
# a second run changes nothing: such a load is idempotent. There are three ways.
#
# - **By key**: MERGE updates the rows that are there and inserts those that are not.
# - **By part**: `replaceWhere` removes a day, a month, a load and writes it anew, in one commit. The rows that are
#   written must be of that part: Spark checks it, the embedded engine does not.
# - **By name**: the load's name is noted with what it wrote (a ledger, or Delta's `txnAppId` and `txnVersion`),
#   and a name that is known is left out. An append needs this one.
#
# ![An append, a MERGE and a replaceWhere, each run twice](pictures/twice.svg)

# %%
path = lake.scratch("orders")
orders = lake.read("silver.orders").select("order_id", "status", "amount", "ordered_at")
orders.where("ordered_at < timestamp'2025-11-01'").write.format("delta").mode("overwrite").save(path)
orders.where("ordered_at >= timestamp'2025-10-01'").createOrReplaceTempView("news")
for run in (1, 2):
    spark.sql(f"""
        MERGE INTO delta.`{path}` AS t USING news AS s ON t.order_id = s.order_id
        WHEN MATCHED AND t.status <> s.status THEN UPDATE SET status = s.status, amount = s.amount
        WHEN NOT MATCHED THEN INSERT *
    """).collect()
    print(f"after run {run}: {spark.read.format('delta').load(path).count():,} rows")
assert spark.read.format("delta").load(path).count() == orders.count()

# %% [markdown]
# MERGE costs a join of what comes with what is there, and writes every file anew in which a row changes (or, where
# the table has deletion vectors, marks the old row there and writes the new one). Say what is known about the target
# in the condition (`t.month >= date'2025-10-01'`), and files that cannot match are not read. Rows that come must have
# each key once: two of them for one target row are an error, and rightly so. `.collect()` behind `spark.sql(...)`
# costs nothing on Spark, which runs a command at once; on the embedded engine it makes sure that it ran.
#
# **Exercises:** 10.4, 10.5
#
# ## Gold: a mart of your own
#
# A mart has a grain: what one row stands for. Facts with days of their own (a sale, a refund) are summed by
# themselves first, and put together afterwards. Joined before they are summed, an order with two returns counts
# twice.
#
# `gold.order_features` is where the platform's marts begin: one row an order that was not cancelled, with what
# was known about its customer before it. Here is a part of it, made by hand, and compared with the platform's in
# both directions.

# %%
items = lake.read("silver.order_items")
per_order = items.groupBy("order_id").agg(F.count("*").alias("lines"), F.sum("quantity").alias("units"))
in_turn = Window.partitionBy("user_id").orderBy("ordered_at", "order_id")
earlier = in_turn.rowsBetween(Window.unboundedPreceding, -1)
mine = (
    lake.read("silver.orders")
    .where("status is null or status <> 'cancelled'")
    .join(per_order, "order_id", "left")
    .withColumn("order_number", F.row_number().over(in_turn))
    .withColumn("previous_ordered_at", F.lag("ordered_at").over(in_turn))
    .withColumn("previous_revenue", F.coalesce(F.sum("amount").over(earlier), F.lit(0)).cast("decimal(22,2)"))
    .withColumn("first_ordered_at", F.min("ordered_at").over(in_turn))
    .withColumn("month", F.trunc(F.to_date("ordered_at"), "month"))
    .select(
        "order_id", "user_id", "ordered_at", "status", "channel", "country", "amount", "discount", "shipping",
        "lines", "units", "order_number", "previous_ordered_at", "previous_revenue", "first_ordered_at", "month",
    )
)  # fmt: skip
own = lake.scratch("order_features")
mine.write.format("delta").mode("overwrite").save(own)
mine = spark.read.format("delta").load(own)
theirs = lake.read("gold.order_features").select(*mine.columns)
print(f"only mine: {mine.exceptAll(theirs).count()}, only theirs: {theirs.exceptAll(mine).count()}")

# %% [markdown]
# `exceptAll` compares whole rows and counts how often they stand. Both directions are needed: one of them says
# nothing of rows that are missing.
#
# **Exercises:** 10.6
#
# ## The platform runs on it
#
# Parts of a pipeline meet at tables. Whoever keeps a table's promise (columns, types, grain, units) may take the
# place of the part that made it. The platform's marts are functions of tables, so they can be handed yours. Here it
# happens in one process, and the platform's own tables are not touched.

# %%
daily_sales = next(mart for mart in MARTS if mart.name == "daily_sales")
built = daily_sales.build({"gold.order_features": mine, "silver.returns": lake.read("silver.returns")})
daily = lake.scratch("daily_sales")
built.write.format("delta").mode("overwrite").save(daily)
built = spark.read.format("delta").load(daily)
platform = lake.read("gold.daily_sales").select(*built.columns)
assert built.exceptAll(platform).count() == platform.exceptAll(built).count() == 0


# %%
class Instead:
    """A lake of which one table is yours: what the platform asks for by that name, it gets from you."""

    def __init__(self, lake, name, rows):
        self.lake, self.name, self.rows = lake, name, rows

    def read(self, name, *, as_of=None):
        """A table by `layer.name`."""
        return self.rows if name == self.name else self.lake.read(name)


run_report(spark, Instead(lake, "gold.daily_sales", built), "revenue_by_country").show(5)

# %% [markdown]
# **Exercises:** 10.7
#
# ## Steps in their order, checked before they are shown
#
# Each step says what it reads; the order follows from that, and what can run side by side, too. A step that reads
# nothing new has nothing to do: note the versions of the tables that it read, and compare. That is all that an
# orchestrator does at its core; the rest is retries, clocks and telling people. `emberlake up` is the platform's
# own: from files over bronze, silver and gold to reports, graphs, models and live scores.

# %%
reads = {
    "silver.orders": {"bronze.orders"},
    # Their rules ask whether the order exists, so that they wait for the orders.
    "silver.order_items": {"bronze.order_items", "silver.orders"},
    "silver.returns": {"bronze.returns", "silver.orders"},
    "gold.order_features": {"silver.orders", "silver.order_items"},
    "gold.daily_sales": {"gold.order_features", "silver.returns"},
    "report": {"gold.daily_sales"},
}
order = [step for step in TopologicalSorter(reads).static_order() if not step.startswith("bronze")]
print(" → ".join(order))
assert order.index("gold.order_features") < order.index("gold.daily_sales") < order.index("report")

# %% [markdown]
# A table is written where nobody reads it, audited, and then published. An audit is a list of queries for what
# would be wrong, and every one of them has a row in the result, also when it found nothing: otherwise a check
# that passed looks like one that was never made. In practice the publishing is one write: an overwrite of the table
# that is read, or a view that is pointed at the new one.

# %%
checks = {
    "key_unique": built.groupBy("day", "country", "channel").count().where("count > 1"),
    "revenue_not_negative": built.where("revenue < 0"),
    "country_present": built.where("country is null"),
}
found = {name: broken.count() for name, broken in checks.items()}
print(found)
assert not any(found.values())

# %% [markdown]
# **What to set before it runs for real.** Recipes on the web switch on `spark.sql.adaptive.enabled`,
# `spark.sql.adaptive.coalescePartitions.enabled` and `spark.sql.adaptive.skewJoin.enabled`: all three have been on by
# default since Spark 3.2. They also set the Kryo serializer, which is for objects of RDDs; rows of DataFrames have a
# binary format of Spark's own. What is worth saying for each job is how much memory its executors have, with how many
# shuffle partitions it begins, and who is told when it fails.
#
# **Exercises:** 10.8
#
# ## Naive and tuned
#
# Orders of one day came late. Naive: the whole mart is made and written again. Tuned: only that day is, and replaced
# in one commit. Both tables are the same afterwards. Here the mart is small, and the difference lies in what is read:
# the tuned plan tells the reader which days it wants.

# %%
day = "2025-11-28"


def sales(orders):
    """Revenue of each day."""
    kept = orders.where("status <> 'cancelled'")
    return kept.groupBy(F.to_date("ordered_at").alias("day")).agg(F.sum("amount").alias("revenue"))


everything, one = lake.scratch("everything"), lake.scratch("one_day")
orders = lake.read("silver.orders")
for folder in (everything, one):
    sales(orders).write.format("delta").mode("overwrite").save(folder)
begun = time.perf_counter()
sales(orders).write.format("delta").mode("overwrite").save(everything)
print(f"naive: {time.perf_counter() - begun:.1f} s for {sales(orders).count()} days")
begun = time.perf_counter()
start, end = F.lit(day).cast("timestamp"), F.date_add(F.lit(day).cast("date"), 1).cast("timestamp")
of_day = orders.where((F.col("month") == "2025-11-01") & (F.col("ordered_at") >= start) & (F.col("ordered_at") < end))
replace = sales(of_day).write.format("delta").mode("overwrite").option("replaceWhere", f"day = date'{day}'")
replace.save(one)
print(f"tuned: {time.perf_counter() - begun:.1f} s for {sales(of_day).count()} day")
left, right = (spark.read.format("delta").load(folder) for folder in (everything, one))
assert left.exceptAll(right).count() == right.exceptAll(left).count() == 0

# %%
explain_plan(sales(of_day))

# %% [markdown]
# On a shop of a thousand users either is mostly start-up, and tuned may even take longer. What differs is what is read
# and written: one folder and one row, instead of all of them.
#
# ## Summary
#
# - Bronze loses nothing, silver has one row a key, gold has a grain. Read = accepted + refused.
# - A load that may run twice merges by key, replaces a part, or notes its name.
# - Sum each fact by itself, then put facts together; compare tables in both directions.
# - Whoever keeps a table's promise may take its maker's place: the platform runs on yours.
# - Write, audit, publish; and every check has a row.
#
# ## What to read next
#
# - Delta Lake, Table deletes, updates, and merges: <https://docs.delta.io/latest/delta-update.html>
# - Delta Lake, Table batch reads and writes (replaceWhere, idempotent writes):
#   <https://docs.delta.io/latest/delta-batch.html>
# - Martin Kleppmann, *Designing Data-Intensive Applications* (2017): chapter 10 on batch processing.
# - Joe Reis and Matt Housley, *Fundamentals of Data Engineering* (2022): chapters 2 and 8.
