# %% [markdown]
# # Lab 7: Late orders and a lost checkpoint
#
# One stream lands orders in a table, another counts the orders of each day. Two complaints come in: the stores miss
# orders in the daily figures, and since last night's clean-up nothing new arrives at all. About 30 minutes.

# %%
import json
import shutil
from pathlib import Path

from delta.tables import DeltaTable
from pyspark.sql import functions as F

from emberlake.school import desk

spark, lake = desk()

orders = lake.read("silver.orders").where("ordered_at >= timestamp'2025-12-18'")
delay = "CASE WHEN channel = 'store' THEN interval 7 days ELSE interval 1 hour END"
orders = orders.selectExpr(
    "order_id", "channel", "double(amount) AS amount", "ordered_at", f"ordered_at + {delay} AS arrived_at"
)
arrivals = lake.slices(orders, "arrivals", by="arrived_at", days=4)
hidden = Path(lake.scratch("tomorrow"))
shutil.rmtree(hidden, ignore_errors=True)
hidden.mkdir(parents=True)
last = max(Path(arrivals).glob("*.json"))
tomorrow = last.rename(hidden / last.name)


def stream(files=1):
    return spark.readStream.schema(orders.schema).option("maxFilesPerTrigger", files).json(arrivals)


# %% [markdown]
# ## What happened
#
# The first stream lands the orders by `foreachBatch`, and tells the table the number of each micro-batch, so that one
# that comes again is not written twice. The second one waits an hour before it closes a day.

# %%
landed, landed_checkpoint = lake.scratch("landed"), lake.scratch("landed-checkpoint")
days, days_checkpoint = lake.scratch("days"), lake.scratch("days-checkpoint")
for folder in (landed, landed_checkpoint, days, days_checkpoint):
    shutil.rmtree(folder, ignore_errors=True)


def land(batch, number):
    options = {"txnAppId": "land-orders", "txnVersion": str(number)}
    batch.write.format("delta").mode("append").options(**options).save(landed)


def run_landing(write, files=1):
    query = stream(files).writeStream.foreachBatch(write).option("checkpointLocation", landed_checkpoint)
    query = query.trigger(availableNow=True).start()
    query.awaitTermination()
    return query


def run_days(wait):
    counts = (
        stream()
        .withWatermark("ordered_at", wait)
        .groupBy(F.window("ordered_at", "1 day"))
        .agg(F.count("*").alias("orders"))
    )
    writer = counts.selectExpr("window.start AS day", "orders").writeStream.format("delta").outputMode("append")
    query = writer.option("checkpointLocation", days_checkpoint).trigger(availableNow=True).start(days)
    query.awaitTermination()
    return query


def rows(folder):
    return spark.read.format("delta").load(folder).count()


run_landing(land)
closing = run_days("1 hour")
before = rows(landed)
print(f"{before} orders landed, {rows(days)} days closed")

# %% [markdown]
# In the night somebody cleaned up folders that nobody seemed to use, the checkpoint among them. In the morning new
# orders arrive. The stream is started again, with a larger portion so that it catches up sooner. It runs, ends well,
# and says nothing.

# %%
shutil.rmtree(landed_checkpoint)
shutil.move(tomorrow, arrivals)
again = run_landing(land, files=100)
after = rows(landed)
print(f"it ended with micro-batch {again.lastProgress['batchId']} and {again.exception() or 'no error'};")
print(f"the table had {before} orders, and has {after} of {orders.count()}")
assert again.exception() is None and after == before < orders.count()

# %% [markdown]
# ## Find it
#
# **The late orders.** Compare the closed days with the truth. (Those at the end are short for another reason, too: some
# of their orders came this morning.) Then the progress: rows that were dropped are counted there, and nowhere else.

# %%
truth = orders.groupBy(F.date_trunc("day", "ordered_at").alias("day")).agg(F.count("*").alias("should"))
closed = spark.read.format("delta").load(days).join(truth, "day")
closed.where("orders < should").orderBy("day").show(5)
dropped = sum(
    operator["numRowsDroppedByWatermark"] for each in closing.recentProgress for operator in each["stateOperators"]
)
short = closed.where("orders < should").count()
late = orders.selectExpr("max(timestampdiff(HOUR, ordered_at, arrived_at)) AS hours").first()[0]
print(f"{short} days are short of orders; {dropped} groups were dropped; the latest order was {late} hours late")
assert short > 0 and dropped > 0

# %% [markdown]
# **The lost checkpoint.** The stream began again at the first file, with a micro-batch of the number 0. But the table
# remembers the highest number that it has of `land-orders`, and skips a write whose number is not above it, whatever
# is in it. (The rows are not even read: `numInputRows` of that micro-batch is 0, though its offsets go to the last
# file.) Delta's log has it in black and white:

# %%
log = sorted(Path(landed, "_delta_log").glob("*.json"))
noted = [json.loads(line)["txn"] for path in log for line in path.read_text().splitlines() if line.startswith('{"txn"')]
print("numbers in the table's log:", [note["version"] for note in noted])
begun = sorted(int(path.name) for path in Path(landed_checkpoint, "offsets").iterdir() if path.name.isdigit())
print("numbers of the new checkpoint:", begun)
assert set(begun) <= {note["version"] for note in noted}

# %% [markdown]
# With portions of the old size each file would have got its old number, and the new file a new one: it would have gone
# well by luck, and on another day other rows would have vanished.
#
# ## Mend it
#
# **Late:** wait longer than orders are late, and close the days anew. A watermark cannot bring back what was dropped,
# so the days are computed from the beginning, with a new table *and* a new checkpoint: they belong together.

# %%
shutil.rmtree(days)
shutil.rmtree(days_checkpoint)
run_days("8 days")
right = spark.read.format("delta").load(days).join(truth, "day")
print(f"{right.count()} days closed, {right.where('orders < should').count()} of them short")

# %% [markdown]
# **Lost:** the source still has everything, so read it again, with a write that knows rows by their key instead of by
# a number: a merge inserts what is missing, and leaves what is there.

# %%


def land_by_key(batch, number):
    table = DeltaTable.forPath(batch.sparkSession, landed).alias("there")
    table.merge(batch.alias("new"), "there.order_id = new.order_id").whenNotMatchedInsertAll().execute()


shutil.rmtree(landed_checkpoint)
run_landing(land_by_key)
print(f"{rows(landed)} of {orders.count()} orders")

# %% [markdown]
# ## Prevent it
#
# - A checkpoint is data: it lies beside its table, with the table's name, and is cleaned up and restored with it only.
# - Merge by key where there is one. Where there is none, make `txnAppId` of the query's own id, which is new with each
#   new checkpoint, and let a start without checkpoint on a table that is not empty be refused.
# - Watch `numRowsDroppedByWatermark`, and compare closed windows with a batch now and then.


# %%
def refuse_a_new_beginning(target, checkpoint):
    """A table with rows and no checkpoint: somebody has to decide what to read again."""
    if DeltaTable.isDeltaTable(spark, target) and not Path(checkpoint, "metadata").exists():
        raise RuntimeError(f"{target} has rows, and {checkpoint} is not there.")


refuse_a_new_beginning(landed, landed_checkpoint)
shutil.rmtree(landed_checkpoint)
refused = ""
try:
    refuse_a_new_beginning(landed, landed_checkpoint)
except RuntimeError as error:
    refused = str(error)

assert right.count() > 0 and right.where("orders < should").count() == 0, "every closed day is whole"
assert rows(landed) == orders.count(), "every order is in the table, once"
assert "is not there" in refused, "a start without checkpoint is refused"
