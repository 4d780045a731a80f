# %% [markdown]
# # Workshop 2: The data engineer's toolkit
#
# *35 minutes: aggregating 10, joining 15, cleaning and saving 10.*
#
# ## Goals
#
# - group rows, and compute several figures of each group at once
# - choose between an inner and a left join, and notice when the key is wrong
# - treat nulls on purpose
# - save to a Delta table, read it back, and read yesterday's version
#
# ## Session, data, and where to write
# The same cell as in the other notebooks; notebook 1 explains it.

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


# %%
from pyspark.sql import functions as F

orders, customers = table("orders"), table("customer")

# %% [markdown]
# ## 2.1 Aggregating (10 minutes)
# "How many orders of each status?" is `GROUP BY` in SQL and `groupBy` here. For rows of one group to meet, Spark sums
# up within each partition first, then sends these partial results to the task that their key belongs to: a
# **shuffle**. It moves as many rows as there are groups in each partition, and not the table.

# %%
orders.groupBy("o_orderstatus").count().show()

# %% [markdown]
# `agg` computes several figures in one pass. `alias` names them; without it the column is called `avg(o_totalprice)`,
# which is awkward to select later.

# %%
by_status = orders.groupBy("o_orderstatus").agg(
    F.count("o_orderkey").alias("order_count"),
    F.avg("o_totalprice").alias("avg_price"),
    F.sum("o_totalprice").alias("total_value"),
)
by_status.orderBy("o_orderstatus").show()

# %% [markdown]
# The plan has two `HashAggregate` (partial and final) and an `Exchange`, the shuffle, between them:

# %%
by_status.explain()

# %% [markdown]
# **Watch for**
#
# - `orders.agg(…)` without `groupBy` is allowed: everything is one group, and one row comes out.
# - `F.sum`, not `sum`: Python's own `sum` would walk over the column object.
# - `F.count("column")` leaves nulls out, `F.count("*")` counts rows. After a left join that is a difference.

# %%
orders.agg(F.count("*").alias("order_count"), F.max("o_orderdate").alias("latest")).show()

# %% [markdown]
# ### Your turn
# The highest price of each order priority (`o_orderpriority`), highest first.

# %%
# One way. Write yours first, in a new cell above this one.
(orders.groupBy("o_orderpriority").agg(F.max("o_totalprice").alias("max_price")).orderBy(F.desc("max_price")).show())

# %% [markdown]
# ## 2.2 Joining (15 minutes)
# The one question before every join: **do I want all rows of my main table, or only those with a partner?**
#
# ```
# customers            orders             inner: customers 1 and 2, three rows
#  custkey              custkey           left:  all four; 3 and 4 with nulls
#     1  ─────────────►    1                     in the columns of orders
#     2  ──────────┐  └►   1
#     3            └──►    2
#     4
# ```
#
# | join | rows that come out |
# |---|---|
# | `inner` | pairs that match |
# | `left` | pairs that match, and the left rows without a partner, with nulls |
# | `right` | the same from the other side; swapping the tables and writing `left` reads better |
# | `left_semi` | left rows that have a partner, once each, without the right side's columns |
# | `left_anti` | left rows that have none |
#
# An order knows its customer by `o_custkey`; a customer is `c_custkey`. The names differ, so the condition says both.

# %%
pair = customers["c_custkey"] == orders["o_custkey"]
inner = customers.join(orders, pair, "inner")
inner.select("c_name", "c_mktsegment", "o_orderkey", "o_totalprice").show(5)

# %%
left = customers.join(orders, pair, "left")
print(f"customers         {customers.count():>12,}")
print(f"orders            {orders.count():>12,}")
print(f"inner join        {inner.count():>12,}")
print(f"left join         {left.count():>12,}")
without = customers.join(orders, pair, "left_anti").count()
print(f"without any order {without:>12,}")

# %% [markdown]
# The inner join has as many rows as there are orders: each order has one customer. The left join has more, by exactly
# the customers who never ordered. In TPC-H these are a third, by design. An analysis of "all customers" on an
# inner join would have lost them, without a message.
#
# ### The wrong key also joins
#
# `o_orderkey` and `c_custkey` are both whole numbers. Joined on them, rows come out, with names and prices, and every
# one pairs an order with a stranger. Spark cannot know. **Count before and after, and ask whether the number can be
# right.**

# %%
strangers = orders.join(customers, orders["o_orderkey"] == customers["c_custkey"])
kept = strangers.count()
right = strangers.where(F.col("o_custkey") == F.col("c_custkey")).count()
print(f"joined on the order's number: {kept:,} of {orders.count():,} orders are left, {right} with their own customer")

# %% [markdown]
# ### Two columns of one name
# TPC-H's prefixes (`c_`, `o_`) keep names apart. Most schemas have no such luck: after a join both sides have an
# `id`, and the bare name is ambiguous. Name the key once (`on="c_custkey"`), and only one column of that name comes
# out; or say whose column you mean (`renamed["c_custkey"]`).

# %%
renamed = orders.withColumnRenamed("o_custkey", "c_custkey")
try:
    customers.join(renamed, customers["c_custkey"] == renamed["c_custkey"]).select("c_custkey").show(1)
except Exception as error:
    print(type(error).__name__, str(error).splitlines()[0][:110])
print(customers.join(renamed, on="c_custkey").columns.count("c_custkey"), "column c_custkey")

# %% [markdown]
# ### What a join costs
# For partners to meet, Spark shuffles both tables by the key and sorts them (*sort-merge join*). If one side is
# small, it is cheaper to send that whole side to every task (*broadcast join*), and to leave the large one where it
# is. Spark decides by the size it believes the table has (10 MB by default); `F.broadcast` says it yourself. A side
# that is too large for that fills the memory of the driver, and of every executor.

# %%
orders.join(F.broadcast(customers), F.col("o_custkey") == F.col("c_custkey")).explain()

# %% [markdown]
# ### Your turn
# The value of all orders for each market segment (`c_mktsegment`), and the number of customers in it, those without
# orders included. Which join? And what do you count?

# %%
# One way. Write yours first, in a new cell above this one.
(
    left.groupBy("c_mktsegment")
    .agg(
        F.countDistinct("c_custkey").alias("customers"),
        F.count("o_orderkey").alias("order_count"),
        F.sum("o_totalprice").alias("total_value"),
    )
    .orderBy("c_mktsegment")
    .show()
)

# %% [markdown]
# **Questions for the room.** Inner or left: orders with their customers for an invoice run? Customers to be written to,
# with what they last bought? Lines with the product's name, when some products were deleted?
#
# ## 2.3 Cleaning and saving (10 minutes)
# TPC-H itself has no nulls; the left join made some. A null is not zero and not an empty text: it is "not known" or
# "not there". Comparing with it gives null, and a filter keeps only what is true.

# %%
columns = ["c_custkey", "c_name", "c_mktsegment", "o_orderkey", "o_orderdate", "o_totalprice"]
joined = left.select(*columns)
dropped = joined.dropna(subset=["o_totalprice"])
print(f"before {joined.count():,}, after dropna {dropped.count():,}")

# %% [markdown]
# `dropna(subset=…)` removes rows; without `subset` a null in *any* column is enough. `fillna` replaces nulls. Which
# one is right depends on the meaning. Both change averages:

# %%
filled = joined.fillna(0, subset=["o_totalprice"])
for name, rows in (("dropna", dropped), ("fillna(0)", filled)):
    print(f"{name:<10}", rows.agg(F.round(F.avg("o_totalprice"), 2).alias("mean")).first()["mean"])

# %% [markdown]
# "What does an order come to?" needs the first: nobody placed an order of 0. "What does a customer bring?" needs the
# customers without orders as 0. (`F.avg` leaves nulls out by itself, so `joined` gives the same mean as `dropped`.)
#
# ### Delta Lake
# A folder of Parquet files has no idea which files belong together: a job that dies half-way can leave half a table,
# and whoever reads meanwhile sees it. **Delta Lake** adds a log, `_delta_log`, in which each commit lists the files
# that are added and removed. Delta *is* Parquet, plus
#
# - atomic commits: all of a write, or nothing of it;
# - time travel: older versions stay readable until they are cleaned away;
# - schema enforcement: rows of another schema are refused;
# - figures on each file, by which readers pass over files.
#
# A plain folder of Parquet is still right for files that are written once and never again.

# %%
path = f"{FOLDER}/customer_orders"
dropped.write.format("delta").mode("overwrite").option("overwriteSchema", "true").save(path)
read_back = spark.read.format("delta").load(path)
print(f"{read_back.count():,} rows from {path}")
read_back.show(5)

# %% [markdown]
# `mode("overwrite")` replaces what was there (the older version stays in the log), `"append"` adds, `"error"`, the
# default, refuses if there is something. A Delta table is written with this API or with SQL's `INSERT`; `SELECT …
# INTO` is not Spark SQL.
#
# Where to write: on a laptop any folder. On Databricks Free Edition a volume, as here, or a table of the catalog with
# `saveAsTable("workspace.default.customer_orders")`; `/tmp` and `dbfs:/` are refused there.
#
# Now a second version, and both of them side by side:

# %%
filled.write.format("delta").mode("overwrite").option("overwriteSchema", "true").save(path)
history = spark.sql(f"DESCRIBE HISTORY delta.`{path}`")
latest = history.agg(F.max("version").alias("version")).first()["version"]
for version in (latest - 1, latest):
    print("version", version, f"{spark.read.format('delta').option('versionAsOf', version).load(path).count():,} rows")

# %% [markdown]
# Rows with a column that the table does not have are refused, and nothing of them is written:

# %%
try:
    strange = read_back.limit(1).withColumn("colour", F.lit("blue"))
    strange.write.format("delta").mode("append").save(path)
except Exception as error:
    print(type(error).__name__, str(error).strip().splitlines()[0][:120])

# %% [markdown]
# ### Your turn
# Instead of dropping nulls, fill them: the price with 0, the date with a text would be wrong (why?). Save the result
# as a third version, and count the customers whose price is 0.

# %%
# One way. Write yours first, in a new cell above this one.
zero = joined.fillna({"o_totalprice": 0})
zero.write.format("delta").mode("overwrite").save(path)
print(spark.read.format("delta").load(path).where("o_totalprice = 0").count(), "customers without an order")

# %% [markdown]
# `fillna` only touches columns whose type fits the value: a text for a date column is passed over without a word.
#
# **In short.** `groupBy().agg()` is one shuffle; a join is up to two. Say which rows you want to keep, count before and
# after, decide what a null means, and save where a half-written table cannot be seen.
#
# **Break, 10 minutes.** Back here with `03_capstone` open, and a session that answers: on Databricks serverless compute
# goes to sleep when nobody uses it, and wakes with the next cell.
