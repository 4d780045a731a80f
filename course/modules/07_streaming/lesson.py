# %% [markdown]
# # Module 7: Streaming
# *About 45 minutes; 8 exercises.*
#
# ## Goals
#
# - Start a query on a table or a folder that grows, choose its trigger, and end it.
# - Say what a checkpoint holds, and what happens when it is lost.
# - Count by windows of event time, and choose how long to wait for what comes late.
# - Join a stream with a table and with another stream, and drop repetitions, with a state that ends.
# - Write micro-batches so that one that comes again changes nothing.

# %% [markdown]
# ## A table that grows
#
# Structured Streaming runs the query that you wrote for a table again and again on what is new. `readStream` gives a
# DataFrame like any other: `select` and `where` stay as they are, and joins nearly so. A **source** says what is new:
# files in a folder, versions of a Delta table, offsets of Kafka. A **sink** takes the result: a Delta table, files,
# Kafka, or your own function (`foreachBatch`). In between, the engine cuts the stream into **micro-batches**, each a
# batch job.
#
# ![A micro-batch: offsets are noted, rows are worked on and written, then the commit is noted](pictures/microbatch.svg)
#
# For a first look there are the source `rate`, which makes numbered rows by the clock, and the sinks `console` and
# `memory`; nothing of it outlives the session. The workshop's last notebook has `rate` and `console`.
#
# A real stream has no end, which is hard to learn from. `lake.slices` lays out orders as files that arrived one after
# the other, and the source takes one file a micro-batch, so that every run is the same.

# %%
import shutil
import time
from pathlib import Path

from delta.tables import DeltaTable
from pyspark.sql import functions as F

from emberlake.school import desk

spark, lake = desk()

orders = lake.read("silver.orders").where("ordered_at >= timestamp'2025-12-20'")
delay = "CASE WHEN channel = 'store' THEN interval 7 days ELSE interval 1 hour END"
orders = orders.selectExpr(
    "order_id", "user_id", "channel", "double(amount) AS amount", "ordered_at", f"ordered_at + {delay} AS arrived_at"
)
arrivals = lake.slices(orders, "arrivals", by="arrived_at", days=4)
print(sorted(path.name for path in Path(arrivals).iterdir()))


def stream():
    return spark.readStream.schema(orders.schema).option("maxFilesPerTrigger", 1).json(arrivals)


print("a stream:", stream().isStreaming)

# %% [markdown]
# ## Triggers and checkpoints
#
# The **trigger** says when the next micro-batch begins: by default when the one before is done; `processingTime="1
# minute"` at most so often; `availableNow=True` works through what is there, in portions, and ends (for jobs that are
# started by a clock, and the only one on Databricks Free Edition); `realTime` keeps tasks running, for milliseconds,
# and reads from Kafka only. Each micro-batch costs a job and a few files, whether it has one row or a million.
#
# The **checkpoint** is a folder of the query: `offsets` (what each micro-batch takes, written before), `commits`
# (which are done, written after), `sources` (which files were seen), `state` where there is some, and `metadata` with
# the query's id. With it a query goes on where it was. It belongs to one query and one target: a new checkpoint means
# from the beginning (of Kafka: from where `startingOffsets` says).

# %%


def run(frame, name, mode="append"):
    """Run a query to the end of what is there, into a Delta table; the query, and the table."""
    writer = frame.writeStream.format("delta").outputMode(mode)
    query = writer.option("checkpointLocation", lake.scratch(f"{name}-checkpoint")).trigger(availableNow=True)
    query = query.start(lake.scratch(name))
    query.awaitTermination()
    return query, spark.read.format("delta").load(lake.scratch(name))


query, landed = run(stream(), "landed")
print([progress["numInputRows"] for progress in query.recentProgress], "rows in each micro-batch;", landed.count())
print(sorted(path.name for path in Path(lake.scratch("landed-checkpoint")).iterdir() if not path.name.startswith(".")))

query, landed = run(stream(), "landed")
print("a second run:", sum(progress["numInputRows"] for progress in query.recentProgress), "rows;", landed.count())

# %% [markdown]
# `query.recentProgress` has a report of each micro-batch: rows in, times of its parts, state, watermark. It is the
# first thing to look at, and needs no UI. (A `StreamingQueryListener` gets the same reports as they come, for a
# monitor.)
#
# **Exercises:** 7.1, 7.2
#
# ## Event time, windows, and what comes late
#
# When did it happen (`ordered_at`), and when did we hear of it (`arrived_at`)? Figures are by the first. A **window**
# is a key made of event time: `F.window("ordered_at", "1 day")`. The sums of all windows are **state**, kept between
# micro-batches in a state store (here RocksDB, on disk).
#
# The **output mode** says what is written. `complete`: all sums, each time; state for ever. `update`: those that
# changed; a Delta sink does not take it, `foreachBatch` does. `append`: a window once, when it is closed. When is
# that?
#
# ![The watermark follows the latest event; it closes windows, and later rows are dropped](pictures/watermark.svg)
#
# A **watermark** is the promise that rows are late by at most so much: the latest event time that was seen, less the
# delay. It moves at the end of a micro-batch, never back. The next micro-batch adds its own rows first, and closes
# windows after: those that end before the watermark are written and forgotten. What comes for them in a later
# micro-batch is dropped. No error: `numRowsDroppedByWatermark` in the progress is the only trace. Where no more rows
# come, an empty micro-batch does the closing; `availableNow` runs it before it ends.

# %%


def days(wait):
    waiting = stream().withWatermark("ordered_at", wait)
    counts = waiting.groupBy(F.window("ordered_at", "1 day")).agg(F.count("*").alias("orders"))
    return counts.selectExpr("window.start AS day", "orders")


for name, wait in (("short", "1 hour"), ("long", "8 days")):
    query, table = run(days(wait), f"days-{name}")
    dropped = sum(
        operator["numRowsDroppedByWatermark"] for each in query.recentProgress for operator in each["stateOperators"]
    )
    print(
        f"waiting {wait}: {table.count()} days closed, {table.agg(F.sum('orders')).first()[0]} orders in them, "
        f"{dropped} dropped"
    )

# %% [markdown]
# The stores' tills are a week late. Waiting an hour loses some of their orders; waiting eight days loses none, and
# tells of a day eight days later, with eight days more of state. (A dropped "row" of a sum is a partial sum: the figure
# counts groups that were added up before they met the state.) The long wait shows fewer days because the others are
# still open: nothing of them is lost, they come later. Compare days that both have: the short one has too few orders.
#
# **Exercises:** 7.3, 7.4
#
# ## State: repetitions and joins
#
# State shows in the plan of a query, `query.explain()`: as `StateStoreSave` for sums, `StreamingDeduplicate…` for
# repetitions, `StreamingSymmetricHashJoin` for two streams. Whatever keeps some needs a rule by which it ends.
#
# **Repetitions.** `dropDuplicates(["order_id"])` remembers every key for ever. `dropDuplicatesWithinWatermark`
# remembers it at least for the watermark's delay. Either way only the columns that you name are compared.
#
# **Joined with a table at rest**: no state, each micro-batch is joined as it comes. The stream's side can be kept
# whole (`left`), the table's cannot.
#
# **Joined with another stream**: both sides are kept until no match can come any more. When that is, Spark knows from
# a watermark on both sides and a bound between the two times, in the condition of the join beside the keys:
# `left.join(right, F.expr("… AND paid_at <= ordered_at + interval 1 hour"), "left")`. A row without a match is written
# when the watermark has passed its bound. Of two watermarks the slower one counts. In full, with names that tell the
# sides apart, since `F.expr` knows columns by their names only:
#
# ```python
# placed = orders_stream.withWatermark("ordered_at", "10 minutes")
# paid = payments_stream.selectExpr("order_id AS paid_order", "paid_at").withWatermark("paid_at", "10 minutes")
# bound = "order_id = paid_order AND paid_at >= ordered_at AND paid_at <= ordered_at + interval 1 hour"
# joined = placed.join(paid, F.expr(bound), "left")
# ```
#
# Visits, which end when nothing happens for a while, are `F.session_window`. Your own state, a value for each key with
# timers, is `transformWithState`: for rules that windows cannot say.

# %%
once = stream().withWatermark("arrived_at", "7 days").dropDuplicatesWithinWatermark(["order_id"])
users = lake.read("silver.users").select("user_id", "loyalty")
query, tiers = run(once.join(users, "user_id", "left").select("order_id", "loyalty", "amount"), "tiers")
tiers.groupBy("loyalty").agg(F.count("*").alias("orders"), F.round(F.sum("amount"), 2).alias("revenue")).show()
state = query.recentProgress[-1]["stateOperators"][0]
print(state["operatorName"], "keeps", state["numRowsTotal"], "keys")

# %% [markdown]
# **Exercises:** 7.5, 7.6, 7.7
#
# ## Written once
#
# A micro-batch is noted as done after it was written. If the process dies in between, it is done again, with the same
# rows and the same number. Sources that can be read again and a sink that does not mind make *exactly once*. The Delta
# sink does not mind: it notes query and number with the rows. Your own `foreachBatch` is called at least once, and has
# to be **idempotent**: `MERGE` by key, or the options `txnAppId` and `txnVersion` of a Delta write, by which the table
# skips a number that is not above the last. With those two, a lost checkpoint turns against you: numbers begin at 0
# again, and the table skips rows that it never had. The lab is about that.

# %%
target = lake.scratch("merged")
spark.createDataFrame([], orders.schema).write.format("delta").save(target)


def merge(batch, number):
    table = DeltaTable.forPath(batch.sparkSession, target).alias("there")
    matched = table.merge(batch.alias("new"), "there.order_id = new.order_id")
    matched.whenMatchedUpdateAll().whenNotMatchedInsertAll().execute()


for attempt in ("first", "again, from the beginning"):
    checkpoint = lake.scratch("merged-checkpoint")
    shutil.rmtree(checkpoint, ignore_errors=True)
    query = stream().writeStream.foreachBatch(merge).option("checkpointLocation", checkpoint)
    query.trigger(availableNow=True).start().awaitTermination()
    print(attempt, spark.read.format("delta").load(target).count(), "of", orders.count(), "orders")

# %% [markdown]
# **Exercises:** 7.8
#
# ## Naive and tuned
#
# Each micro-batch pays for planning, offsets and a commit, and leaves files of its own. Small files one by one are the
# dear way; a larger portion gives the same table in fewer steps and fewer files. (A query with state pays for one state
# store for each shuffle partition, too. Their number is fixed at the first start: `spark.sql.shuffle.partitions` is 200
# unless set, which is 200 stores of a few rows; `desk()` has set one a core.)

# %%
small = lake.slices(orders, "small", by="ordered_at", days=1)
seen = {}
for name, portion in (("naive", 1), ("tuned", 100)):
    files = spark.readStream.schema(orders.schema).option("maxFilesPerTrigger", portion).json(small)
    begun = time.perf_counter()
    query, table = run(files, f"portions-{name}")
    seconds = time.perf_counter() - begun
    seen[name] = len([each for each in query.recentProgress if each["numInputRows"]]), table.count()
    written = len(list(Path(lake.scratch(f"portions-{name}")).glob("*.parquet")))
    print(f"{name}: {seconds:.1f} s for {seen[name][0]} micro-batches, which left {written} files")
assert seen["naive"][1] == seen["tuned"][1] and seen["naive"][0] > seen["tuned"][0]

# %% [markdown]
# ## Summary
#
# A stream is a query on a table that grows, run in micro-batches; trigger and portion say how often and how much. The
# checkpoint remembers what was taken and done; it belongs to one query and one target. A watermark says how long to
# wait: it closes windows, ends state, and drops what is later. Joins and repetitions keep state, which has to end.
# What is written may come again: make it idempotent.
#
# ## What to read next
#
# - [Structured Streaming Programming Guide](https://spark.apache.org/docs/latest/streaming/index.html).
# - [Delta Lake: table streaming reads and writes](https://docs.delta.io/latest/delta-streaming.html).
# - *Streaming Systems* (Akidau, Chernyak, Lax): event time, watermarks and triggers, beyond Spark.
