# %% [markdown]
# # Module 8: Learning from streams
# *About 35 minutes; 8 exercises.*
#
# ## Goals
#
# - Make features of what was known at the event's own moment.
# - Score a stream with a model that a batch has trained.
# - Judge a learner by predictions that it made before it knew.
# - Let a River model learn inside of `foreachBatch`, each event once.
# - Watch errors for drift, and promote a challenger by a rule.

# %%
import json
import shutil
import time
from pathlib import Path

from pyspark.sql import Window
from pyspark.sql import functions as F
from river import linear_model, preprocessing
from river.drift import ADWIN

from emberlake.school import desk, explain_plan

spark, lake = desk()
# Streams go on from their checkpoints: the lesson begins with none.
room = Path(lake.scratch("lesson_8"))
shutil.rmtree(room, ignore_errors=True)
room.mkdir(parents=True)

# %% [markdown]
# ## Two ways to have a model on a stream
#
# Most models are trained in batches and asked on a stream: train at night, score all day. Such a model is a file,
# tested before it is used, and the same for everybody until the next night. Others learn while events come: they
# follow the world at once, and there is no night in which somebody looks at them. The first way is the usual one.
# The second pays where the world changes within a day, or where there are too many events to keep.
#
# ![A model trained in batches scores a stream; one that learns is told afterwards](pictures/two_ways.svg)
#
# Both need features that tell the truth about time. A feature may use what was known at the moment of the event,
# and nothing later. A customer's mean over all orders holds the very order that is to be foretold: trained on
# that, a model looks brilliant, and fails on the first day.

# %%
orders = lake.read("silver.orders").select(
    "order_id", "user_id", "ordered_at", F.col("amount").cast("double").alias("amount")
)
everything = Window.partitionBy("user_id")
before = everything.orderBy("ordered_at", "order_id").rowsBetween(Window.unboundedPreceding, -1)
features = orders.withColumn("leaks", F.avg("amount").over(everything)).withColumn(
    "known", F.avg("amount").over(before)
)
features.select(
    F.corr("leaks", "amount").alias("correlation with all orders"),
    F.corr("known", "amount").alias("with those before"),
).show()

# %% [markdown]
# The first number is the better one, and it is worth nothing.
#
# **Exercises:** 8.1
#
# ## Scoring with a batch model
#
# A fitted MLlib pipeline goes onto a stream as it goes onto a table: `PipelineModel.load(path).transform(stream)`.
# It is a fixed plan without state, so it needs no watermark. The workshop's notebook on real time does that. A
# category that the model has not seen fails the query in the middle of the night, unless its `StringIndexer` has
# `handleInvalid="keep"`.
#
# Here the model is a smaller one, a table: each customer's usual amount until October. The stream is joined with it
# (a stream-static join: the table is read anew for each micro-batch), and strangers get the mean of all. With
# `trigger(availableNow=True)` the stream takes what is there, in micro-batches, and ends; its checkpoint knows
# how far it came. It is the trigger that works everywhere: Databricks Free Edition has no other.

# %%
split = F.lit("2025-10-01").cast("timestamp")
old = lake.read("silver.orders").where(F.col("ordered_at") < split)
model = old.groupBy("user_id").agg(F.avg("amount").cast("double").alias("usual"))
everybody = old.agg(F.avg("amount").cast("double")).first()[0]
stream = spark.readStream.format("delta").load(lake.path("silver.orders")).where(F.col("ordered_at") >= split)
scored = stream.join(F.broadcast(model), "user_id", "left").select(
    "order_id", F.col("amount").cast("double").alias("came"), F.coalesce("usual", F.lit(everybody)).alias("said")
)
out = str(room / "scored")
query = scored.writeStream.format("delta").option("checkpointLocation", str(room / "scored-checkpoint"))
query.trigger(availableNow=True).start(out).awaitTermination()
result = spark.read.format("delta").load(out)
result.select(
    F.count("*").alias("orders"),
    F.avg(F.abs(F.col("came") - F.col("said"))).alias("its error"),
    F.avg(F.abs(F.col("came") - everybody)).alias("error of the mean"),
).show()

# %% [markdown]
# Always put a baseline beside a model. What cannot beat the mean has learned nothing.
#
# **Exercises:** 8.4
#
# ## Judged before it is told
#
# A batch model has a test set that was kept apart. A model that learns all the time needs none: each event is
# predicted first and told after, so that every error is one that somebody would have had. That is called
# prequential evaluation. The mean over all events says how good it was in its life, a window over the last
# thousand how good it is now.
#
# Some outcomes come late. Whether an order is sent back within 14 days is known at once if it is, and after 14
# days if it is not. Until then the label is not "no" but "not yet": whoever takes it for a no teaches the model
# that new orders never come back.
#
# As a query, such a mean is a window over all rows before this one: `Window.orderBy("ordered_at", "order_id")` with
# `rowsBetween(Window.unboundedPreceding, -1)`, without `partitionBy`, since one learner has one order of events; all
# rows go to one task, and Spark warns of it. Blocks of 500 are `F.floor((F.row_number().over(order) - 1) / 500)`.
#
# **Exercises:** 8.2, 8.3
#
# ## Learning in foreachBatch
#
# [River](https://riverml.xyz) has models with two methods: `predict_one(features)` and `learn_one(features, what
# came)`. A stream hands events on in micro-batches: `foreachBatch(function)` calls the function at the driver
# with a DataFrame and the batch's number. Three things are up to you. Rows of a batch have no order: sort by
# event time. One model learns in one place: the batch is collected, so keep it small (`maxFilesPerTrigger`,
# `maxOffsetsPerTrigger`). And a batch may come again.
#
# A stream promises every batch at least once. After a kill the last one comes again, under its old number and
# with its old rows. Keep the number with what was learned, in one piece, and leave out a number that is there
# already. A file is written in one piece if it is written beside, and then renamed over the old one.

# %%
state_file = room / "learner.json"


class Learner:
    """A linear model that predicts first and learns after, with its errors; a batch that it knows is left out."""

    def __init__(self):
        self.model = preprocessing.StandardScaler() | linear_model.LinearRegression(l2=0.001)
        self.batch, self.events, self.off, self.errors = -1, 0, 0.0, []

    def take(self, batch, number):
        """One micro-batch, for foreachBatch."""
        if number <= self.batch:
            return
        columns = ("ordered_at", "order_id", "lines", "units", "has_coupon", "amount")
        for row in batch.select(*columns).orderBy("ordered_at", "order_id").collect():
            known = {"lines": float(row.lines or 0), "units": float(row.units or 0), "coupon": float(row.has_coupon)}
            came = float(row.amount)
            error = came - self.model.predict_one(known)
            self.model.learn_one(known, came)
            self.events, self.off = self.events + 1, self.off + abs(error)
            self.errors.append(error)
        self.batch = number
        # A learner that is to go on after a restart keeps its model in the same piece; here is what it has come to.
        part = state_file.with_suffix(".part")
        part.write_text(json.dumps({"batch": number, "events": self.events, "mae": self.off / self.events}))
        part.replace(state_file)


learner = Learner()
source = spark.readStream.format("delta").load(lake.path("gold.order_features"))
writer = source.writeStream.foreachBatch(learner.take).option("checkpointLocation", str(room / "learner-checkpoint"))
writer.trigger(availableNow=True).start().awaitTermination()
print(state_file.read_text())
again = lake.read("gold.order_features")
learner.take(again, learner.batch)
assert learner.events == again.count(), "a batch that comes again is learned once"

# %% [markdown]
# The platform's learners (`emberlake stream start learn_value`) are the same at heart. They keep their whole
# state beside the checkpoint, and refuse to start when the two do not belong together.
#
# **Exercises:** 8.5, 8.6
#
# ## Drift
#
# A model goes on answering when the world has changed: prices rise, a campaign brings other customers. Nothing
# fails. Its errors tell, if somebody watches them. ADWIN keeps a window of the latest errors and cuts off its
# older part as soon as the two parts differ by more than chance allows. What follows is a decision: begin anew,
# train again, or tell somebody.
#
# ![Errors before and after a drift, and where ADWIN cuts its window](pictures/drift.svg)

# %%
detector, middle, found = ADWIN(delta=0.002), len(learner.errors) // 2, []
for event, error in enumerate(learner.errors, 1):
    # From the middle on orders come to more than the model thinks: a drift that is planted.
    detector.update((error + (150 if event > middle else 0)) / 100)
    if detector.drift_detected:
        found.append(event)
print(f"planted after event {middle}, found at {found}")
assert any(event > middle for event in found)

# %% [markdown]
# ADWIN is told errors and not amounts: amounts change with the season, and a model that knows the season is not
# wrong because of it. What was found before the middle is the model that still learns: it gets better, and that is
# a change, too. The platform leaves out the first thousand errors.
#
# ## Champion and challenger
#
# Two models learn from the same events. The champion answers; the challenger is judged on the same events and
# answers nobody. A promotion needs a rule that was written down before: so many events, a margin, an interval of
# the differences that lies above zero. It holds from the next event on. Choosing afterwards who was better looks
# good on paper, and nobody could have known.
#
# **Exercises:** 8.7, 8.8
#
# ## Naive and tuned
#
# The same feature, each customer's mean before the order, once by collecting everything into Python, and once as a
# window in Spark. The window has `partitionBy`: customers are spread over the tasks, and each is sorted by itself. (One
# learner of all events has one order. Its window, as in 8.3, has no `partitionBy`: all rows go to one task, and Spark
# warns of it.)

# %%
begun = time.perf_counter()
last, naive = {}, []
for row in orders.orderBy("ordered_at", "order_id").collect():
    count, total = last.get(row.user_id, (0, 0.0))
    naive.append((row.order_id, total / count if count else None))
    last[row.user_id] = (count + 1, total + row.amount)
print(f"naive: {time.perf_counter() - begun:.1f} s, {len(naive):,} rows at the driver")
begun = time.perf_counter()
tuned = orders.select("order_id", F.avg("amount").over(before).alias("known"))
rows = dict(tuned.toArrow().to_pandas().itertuples(index=False, name=None))
print(f"tuned: {time.perf_counter() - begun:.1f} s, sorted within each customer")
assert all(abs(rows[order] - known) < 1e-6 for order, known in naive if known is not None)

# %%
explain_plan(tuned)

# %% [markdown]
# With five thousand orders both are quick, and the first may even win. It grows with all orders in one process; the
# second with the orders of a partition.
#
# ## Summary
#
# - A feature ends before the event; a label may be yes, no or not yet.
# - Predict, then learn: every error is one that somebody would have had. Keep a baseline beside it.
# - In foreachBatch sort by event time, keep batches small, and note the batch's number with what was learned.
# - Watch errors by ADWIN, decide beforehand what follows, and promote only for what comes.
#
# ## What to read next
#
# - Spark, Structured Streaming Programming Guide: <https://spark.apache.org/docs/latest/streaming/index.html>
# - Delta Lake, Table streaming reads and writes (idempotent writes in foreachBatch):
#   <https://docs.delta.io/latest/delta-streaming.html>
# - Albert Bifet and others, *Machine Learning for Data Streams* (2018): the chapters on change and on ensembles.
# - Chip Huyen, *Designing Machine Learning Systems* (2022): chapters 8 and 9.
