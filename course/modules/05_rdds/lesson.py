# %% [markdown]
# # Module 5: RDDs
# *About 40 minutes; 8 exercises.*
#
# ## Goals
#
# - Turn a table into an RDD of Python objects and back, and say what each way costs.
# - Use `map`, `flatMap`, `reduceByKey`, `aggregateByKey` and `mapPartitions`, and say which of them move rows.
# - Send a small table to every task by a broadcast variable, and count with an accumulator without counting twice.
# - Decide which partition a key goes to.
# - Say when an RDD is the wrong tool, and show it by a plan and a clock.

# %% [markdown]
# ## What an RDD is
#
# A **resilient distributed dataset** is a collection of Python objects in partitions, with a recipe of how each
# partition is made. If a machine is lost, Spark makes its partitions again by the recipe: that is the *resilient*.
# Every DataFrame runs on RDDs underneath, but those are of Spark's own binary rows. An RDD that you make holds Python
# objects, so for each step rows leave the JVM, are unpickled in a Python process, handed to your function, and pickled
# again.
#
# RDDs belong to classic Spark, where your program and the driver are one process. Over Spark Connect, and so on
# Databricks Free Edition, there is no `sparkContext` and no `.rdd`: this module runs on a classic session only, which
# `desk()` opens.

# %%
import time

from pyspark.sql import functions as F

from emberlake.school import desk, explain_plan

spark, lake = desk()
context = spark.sparkContext

orders = lake.read("silver.orders").select("order_id", "user_id", "country", "status", "amount").rdd
print("partitions:", orders.getNumPartitions())
print(orders.first())

# %% [markdown]
# An element is a `Row`, a tuple with names. A decimal column comes as Python's `Decimal`. A timestamp comes as a
# `datetime` in the time zone of the Python process, which need not be the session's: take days and months of it
# before, with Spark's functions.
#
# **Transformations** (`map`, `filter`, `reduceByKey`) extend the recipe and return at once; **actions** (`collect`,
# `count`, `take`, `reduce`, `sum`, `foreach`) run it. Nothing is kept between two actions unless you `cache()`: each
# runs the whole recipe anew.
#
# `parallelize` makes an RDD of a list that the driver has. The way back to a table is `createDataFrame`: each element
# is pickled, sent to the JVM and made a row there. Say the schema with it. Where there are only names, Spark runs a
# job to look at the first elements, and guesses the types.

# %%
few = context.parallelize([("DE", 2), ("FR", 3), ("DE", 4)], 2)  # in two partitions
spark.createDataFrame(few, "country string, pieces long").groupBy("country").sum("pieces").show()

# %% [markdown]
# ## Elements, and pairs of key and value
#
# `map` makes one element of each, `filter` keeps some, `flatMap` makes several of each and lays them out. A table has
# columns to group by; an RDD has pairs. Everything whose name ends in `ByKey` expects tuples `(key, value)`.
# `mapValues` changes the value and leaves the key. `collect` brings pairs to the driver as a list, `collectAsMap` as a
# dictionary.

# %%
kept = orders.filter(lambda order: order.status != "cancelled")
revenue = kept.map(lambda order: (order.country, order.amount)).reduceByKey(lambda a, b: a + b)
print(sorted(revenue.collect())[:3])

names = lake.read("silver.products").select("name").rdd
words = names.flatMap(lambda product: product.name.lower().split())
print(words.take(4), words.map(lambda word: (word, 1)).reduceByKey(lambda a, b: a + b).count(), "different words")

# %% [markdown]
# **Exercises:** 5.1, 5.2
#
# ## What moves
#
# `map`, `filter`, `flatMap` and `mapPartitions` work where the rows are: these steps are **narrow**. What is by key
# has to bring equal keys together: a shuffle, written to disk by one set of tasks and fetched by the next. Such a step
# is **wide**; so are `join`, `distinct`, `sortBy` and `repartition`. `toDebugString` shows the recipe, the last step
# first: each `+-` in it is a shuffle, and what is fed into it stands below, further to the right.

# %%
print(revenue.toDebugString().decode())

# %% [markdown]
# How much moves depends on the operation. `groupByKey` moves every value and hands all those of a key to one task; a
# function that makes a list of them holds them all in memory. `reduceByKey` adds up within each partition first, and
# moves one pair a key and partition.
#
# ![groupByKey moves every pair; reduceByKey adds up before it moves](pictures/combine.svg)
#
# `reduceByKey` returns what it gets: two amounts, one amount. A mean needs another state, a number and a sum.
# `aggregateByKey(zero, inside, between)` has one: `inside` takes a value into the state of its partition, `between`
# puts two states together. Both must not care for order: which partition comes first is nobody's promise.

# %%
states = kept.map(lambda order: (order.country, float(order.amount))).aggregateByKey(
    (0, 0.0),
    lambda state, amount: (state[0] + 1, state[1] + amount),
    lambda one, other: (one[0] + other[0], one[1] + other[1]),
)
means = states.mapValues(lambda state: round(state[1] / state[0], 2)).collectAsMap()
print({country: means[country] for country in sorted(means)[:3]})

# %% [markdown]
# **Exercises:** 5.3
#
# `mapPartitions(f)` calls `f` once a partition with an iterator, and wants an iterator back. What is dear to make (a
# connection, a model, a compiled pattern) is made once in it instead of once a row. An iterator is walked through
# once, and `list(rows)` would hold the whole partition in memory; a function with `yield` holds one row.

# %%


def written_out(rows):
    prepared = {"DE": "Germany", "FR": "France"}  # stands for something dear: made once a partition
    for row in rows:
        yield prepared.get(row.country, row.country)


print(orders.mapPartitions(written_out).countByValue()["Germany"], "orders went to Germany")

# %% [markdown]
# **Exercises:** 5.4
#
# ## What travels: closures, broadcasts, accumulators
#
# A function that you hand to `map` is pickled on the driver, with all that it uses from outside, and sent with every
# task. Three things follow. What it uses must be picklable: a session, an RDD, an open connection are not. What it
# changes is a copy: a counter of the driver stays as it was. And what is large travels as often as there are tasks.
#
# ![The driver sends functions and broadcasts to tasks; accumulators come back](pictures/travels.svg)

# %%
seen = 0


def count_here(order):
    global seen
    seen += 1  # of the copy in the Python process of a task


orders.foreach(count_here)
print("The driver's own counter:", seen)

try:
    orders.map(lambda order: revenue.lookup(order.country)).count()
except Exception as error:
    print("An RDD in a function:", str(error).splitlines()[0][:110])

# %% [markdown]
# A **broadcast variable** sends a value to each executor once, and tasks read it by `.value`: a lookup instead of a
# join, and no shuffle. It is read only, and has to fit into the memory of each Python process.
#
# An **accumulator** goes the other way: tasks add, the driver reads. It is for watching, with two traps. In a
# transformation it counts again whenever the recipe runs again: for a second action, for a task that is tried anew,
# for a partition that was lost. And before an action it is 0. Only inside an action does Spark count each task once. A
# number that a result depends on belongs into the data.

# %%
category = context.broadcast(lake.read("silver.products").select("product_id", "category").rdd.collectAsMap())
items = lake.read("silver.order_items").select("product_id", "quantity").rdd
pieces = items.map(lambda item: (category.value[item.product_id], item.quantity)).reduceByKey(lambda a, b: a + b)
print(sorted(pieces.collect())[:3])

cancelled = context.accumulator(0)


def watched(order):
    if order.status == "cancelled":
        cancelled.add(1)
    return order


through = orders.map(watched)
print("before an action:", cancelled.value)
through.count()
print("after one:", cancelled.value)
through.count()
print("after two:", cancelled.value, "- the same orders, counted again")

# %% [markdown]
# **Exercises:** 5.5, 5.6
#
# ## Partitions of your own
#
# After a shuffle a pair lies in partition `portable_hash(key) % n`. `partitionBy(n, f)` takes `f(key) % n` instead.
# The function must give the same number in every process. Python's `hash` of a text need not: it depends on
# `PYTHONHASHSEED`, which Spark sets for its workers. `portable_hash` of `pyspark.rdd` is made for this, and knows
# `None` and tuples.
#
# What lies right already is not moved again: `reduceByKey` or `join` after `partitionBy(n)` need no further shuffle.
# They lay out by `portable_hash`, so that after `partitionBy(n, f)` with a function of your own they do move the
# pairs: `mapPartitions` is what works where that function put them. (`map` forgets where keys lie, since it may change
# them; `mapValues` does not.)
#
# `glom` makes a list of each partition, and `mapPartitionsWithIndex(f)` calls `f(number, iterator)`: both show what
# lies where. A partition is the unit of work: one with most of the rows makes all others wait. That is skew, and the
# lab of this module is about it.

# %%
by_country = orders.map(lambda order: (order.country, 1)).partitionBy(4)
print("by hash of the country:", by_country.glom().map(len).collect())
by_number = orders.map(lambda order: (order.order_id, 1)).partitionBy(4, lambda number: number)
print("by the order's number: ", by_number.glom().map(len).collect())


def described(place, pairs):
    yield place, sorted({str(key) for key, _ in pairs})


print(by_country.mapPartitionsWithIndex(described).collectAsMap())

# %% [markdown]
# **Exercises:** 5.7
#
# ## Naive and tuned
#
# The same question to both: revenue of each country in one month. To Spark the functions of the RDD are closed boxes.
# It opens all folders and reads all columns, and sends every row through Python. The DataFrame says what it wants, so
# that folders, columns and rows are chosen by the reader, and sums are made by compiled code.

# %%


def naive():
    rows = lake.read("silver.orders").rdd
    november = rows.filter(lambda order: str(order.month) == "2025-11-01")
    return november.map(lambda order: (order.country, order.amount)).reduceByKey(lambda a, b: a + b).collectAsMap()


def tuned():
    rows = lake.read("silver.orders").where("month = date'2025-11-01'")
    return {row.country: row.revenue for row in rows.groupBy("country").agg(F.sum("amount").alias("revenue")).collect()}


took = {}
for function in (naive, tuned, naive, tuned):  # the second round counts: the first one warms up
    begun = time.perf_counter()
    answer = function()
    took[function.__name__] = time.perf_counter() - begun
print({name: f"{seconds:.2f} s" for name, seconds in took.items()})
assert naive() == tuned()

# %% [markdown]
# The clock may vary; the plan does not. What the RDD begins with is a scan of the whole table, without a filter:

# %%
whole = lake.read("silver.orders")
print(explain_plan(whole).text()[:700])
print(explain_plan(whole.where("month = date'2025-11-01'").groupBy("country").agg(F.sum("amount"))).text()[:900])

# %% [markdown]
# An RDD is the right tool for elements that have no columns (parsed binary files, graphs of objects), and for full
# control of partitions. For a table with a step that only Python can do, `mapInPandas` and pandas UDFs hand whole
# batches over by Arrow, and leave the rest of the plan to Spark; they also work over Connect.
#
# **Exercises:** 5.8
#
# ## Summary
#
# An RDD is Python objects in partitions with a recipe; every action runs the recipe, and every row goes through
# Python. What is by key moves rows: combine before moving (`reduceByKey`, `aggregateByKey`), never collect values
# (`groupByKey`). Functions travel as copies; a broadcast sends a value once, an accumulator counts safely only inside
# an action. `partitionBy` decides where a key lies; the largest partition decides how long it takes. For tables say it
# as a DataFrame: Spark can plan only with what it can read.
#
# ## What to read next
#
# - [RDD Programming Guide](https://spark.apache.org/docs/latest/rdd-programming-guide.html): passing functions,
#   shuffles, shared variables.
# - [Tuning Spark](https://spark.apache.org/docs/latest/tuning.html): memory, level of parallelism, broadcasting.
# - *Learning Spark*, second edition (Damji, Wenig, Das, Lee), chapter 3: why structure helps.
