# %% [markdown]
# # Workshop 4: Real-time prediction, and where to go from here
#
# *25 minutes: live order simulator 10, apply and display live 5, wrap-up 10.*
#
# ## Goals
#
# - read a stream, and see that it is a DataFrame
# - let a model that was trained on a table predict on a stream
# - choose a trigger, an output mode and a sink, and stop a query
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


# %% [markdown]
# ## 4.1 The live order simulator (10 minutes)
#
# ### Orders that the model has not seen
# The fifth that notebook 3 kept back arrives once more, this time one by one. Their true totals are known, so that
# what the stream predicts can be checked.

# %%
from pyspark.sql import functions as F

NUMBERS = ["c_acctbal", "month", "lines", "quantity", "dearest", "mean_price"]
INPUTS = [*NUMBERS, "c_mktsegment"]

orders, customers, lines = table("orders"), table("customer"), table("lineitem")
share = min(1.0, 15_000 / orders.count())
picked = orders.where(F.pmod(F.xxhash64("o_orderkey"), F.lit(1_000_000)) < int(share * 1_000_000))
price = F.col("l_extendedprice").cast("double")
ours = lines.join(picked.select("o_orderkey"), F.col("l_orderkey") == F.col("o_orderkey"), "left_semi")
pieces = F.sum(F.col("l_quantity").cast("double")).alias("quantity")
dear = [F.max(price).alias("dearest"), F.avg(price).alias("mean_price")]
per_order = ours.groupBy("l_orderkey").agg(F.count("*").cast("double").alias("lines"), pieces, *dear)
label, balance = (
    F.col("o_totalprice").cast("double").alias("label"),
    F.col("c_acctbal").cast("double").alias("c_acctbal"),
)
month = F.month("o_orderdate").cast("double").alias("month")
known = picked.join(customers, F.col("o_custkey") == F.col("c_custkey"))
known = known.join(per_order, F.col("o_orderkey") == F.col("l_orderkey"))
known = known.select("o_orderkey", label, balance, month, *NUMBERS[2:], "c_mktsegment")
kept_back = F.pmod(F.xxhash64("o_orderkey", F.lit(42)), F.lit(5)) == 0

# %% [markdown]
# ### The model
# Found as in notebook 3. If there is none (this notebook runs alone, too), the next cell trains one.

# %%
from pathlib import Path

import mlflow
import mlflow.spark

RUN, MODEL = "TPCH_Order_Value_Model", "my_tpch_order_value_model"
EXPERIMENT = "workshop" if ON_LAPTOP else f"/Users/{spark.sql('SELECT current_user()').first()[0]}/workshop"
if ON_LAPTOP:
    mlflow.set_tracking_uri(f"sqlite:///{FOLDER}/mlflow.db")
    if mlflow.get_experiment_by_name(EXPERIMENT) is None:
        mlflow.create_experiment(EXPERIMENT, artifact_location=Path(FOLDER, "mlflow").as_uri())
mlflow.set_experiment(EXPERIMENT)

finished = f"attributes.run_name = '{RUN}' and attributes.status = 'FINISHED'"
newest = ["attributes.start_time DESC"]
found = mlflow.search_runs(experiment_names=[EXPERIMENT], filter_string=finished, order_by=newest, max_results=1)
print("found" if len(found) else "none yet: the next cell trains one")

# %%
if len(found):
    model = mlflow.spark.load_model(f"runs:/{found['run_id'][0]}/{MODEL}", dfs_tmpdir=f"{FOLDER}/mlflow-tmp")
else:
    from pyspark.ml import Pipeline
    from pyspark.ml.feature import StringIndexer, VectorAssembler
    from pyspark.ml.regression import RandomForestRegressor

    index = StringIndexer(inputCol="c_mktsegment", outputCol="segment_index", handleInvalid="keep")
    together = VectorAssembler(inputCols=[*NUMBERS, "segment_index"], outputCol="features")
    forest = RandomForestRegressor(labelCol="label", numTrees=10, maxDepth=5, seed=42)
    model = Pipeline(stages=[index, together, forest]).fit(known.where(~kept_back))
print([type(stage).__name__ for stage in model.stages])

# %% [markdown]
# ### A stream is a DataFrame that does not end
#
# `readStream` instead of `read`: this is nearly all of the difference in the code. Spark looks for new rows again and
# again, and runs the plan on them, a **micro-batch** at a time. What it has read is noted in a **checkpoint**, so
# that a query that was stopped goes on where it was.
#
# Two sources are good for trying out:
#
# - `rate` counts: so many rows a second, each with a `timestamp` and a `value`. It never ends, and suits a laptop.
# - **a folder of files**: each new file is news. With `maxFilesPerTrigger=1` each file is a micro-batch. It works
#   wherever files can be read, and is what this notebook uses on Databricks, where `rate` was not tried.
#
# In production the source is Kafka, Kinesis or Event Hubs: other options, the same code after it.

# %%
import shutil
import time

shutil.rmtree(f"{FOLDER}/live", ignore_errors=True)  # the last try's
LIVE = f"{FOLDER}/live/{time.strftime('%H%M%S')}"

known.where(kept_back).limit(600).repartition(6).write.parquet(f"{LIVE}/arriving")
arriving = spark.read.parquet(f"{LIVE}/arriving")

from_files = spark.readStream.schema(arriving.schema).option("maxFilesPerTrigger", 1).parquet(f"{LIVE}/arriving")
print("a stream:", from_files.isStreaming)
from_files.printSchema()

# %% [markdown]
# A file source wants the schema said: Spark would have to read the files to find it out, and tomorrow's may differ.
#
# ### The simulator with `rate`
# The source counts 0, 1, 2 … once or more a second. Each number becomes an order: the kept orders are numbered, and the
# number that comes is looked up. This is a join of a stream with a table, and is written like any other.

# %%
from pyspark.sql import Window

if ON_LAPTOP:
    numbered = arriving.withColumn("number", F.row_number().over(Window.orderBy("o_orderkey")) - 1)
    numbered.write.parquet(f"{LIVE}/numbered")
    numbered = spark.read.parquet(f"{LIVE}/numbered")
    rate = spark.readStream.format("rate").option("rowsPerSecond", 5).load()
    rate.printSchema()
    from_rate = rate.withColumn("number", F.pmod("value", F.lit(600))).join(F.broadcast(numbered), "number")
    from_rate = from_rate.withColumnRenamed("timestamp", "order_time")
    from_rate.printSchema()

# %% [markdown]
# **Watch for**
#
# - `show` and `count` on a stream raise: a stream has no end to count to. Start a query, or read the files as a
#   batch, as in `arriving.show(5)`.
# - "model is not defined": the cell above was not run.
# - Made-up columns with `F.rand()`: a chain such as `when(rand() > 0.8, "A").when(rand() > 0.6, "B")` draws anew in
#   each branch, so that the shares are not the ones that you read. Draw once into a column, then choose by it.
#
# ### Your turn
# Make up orders instead of repeating old ones. TPC-H has five segments: AUTOMOBILE, BUILDING, FURNITURE, HOUSEHOLD and
# MACHINERY. Add a column with one of them to `spark.range(1000)`, each equally likely, and count. Which of `F.rand`
# and a hash of `id` gives the same orders when the query is run again?

# %%
# One way. Write yours first, in a new cell above this one.
SEGMENTS = ["AUTOMOBILE", "BUILDING", "FURNITURE", "HOUSEHOLD", "MACHINERY"]
drawn = F.pmod(F.xxhash64("id"), F.lit(len(SEGMENTS))).cast("int")
made_up = spark.range(1000).withColumn("c_mktsegment", F.array(*map(F.lit, SEGMENTS))[drawn])
made_up.groupBy("c_mktsegment").count().orderBy("c_mktsegment").show()

# %% [markdown]
# ## 4.2 Apply the model, and display live (5 minutes)
# The same `transform` as on a table. Nothing is trained here: the model is a fixed plan that each micro-batch goes
# through.

# %%
predicted = model.transform(from_files).select("o_orderkey", "c_mktsegment", "label", "prediction")
print("a stream:", predicted.isStreaming)

# %% [markdown]
# A query needs a **sink**, an **output mode** and a **trigger**.
#
# | output mode | what goes to the sink after each micro-batch |
# |---|---|
# | `append` | rows that are new and will not change: ours |
# | `update` | rows of an aggregation that changed |
# | `complete` | the whole result of an aggregation, each time |
#
# | trigger | when it runs | laptop | Free Edition |
# |---|---|---|---|
# | none | as soon as the last micro-batch is through | ✓ | refused |
# | `processingTime="1 second"` | every second | ✓ | refused |
# | `availableNow=True` | what is there now, in several micro-batches, then it ends | ✓ | ✓ |
#
# ### Everywhere: slices, `availableNow`, and a Delta sink
# Serverless compute is switched off when nobody uses it, so it refuses queries that never end, and the sinks that
# print. Six files, six micro-batches; the query ends by itself; what it wrote is a table.

# %%
query = (
    predicted.writeStream.format("delta")
    .outputMode("append")
    .option("checkpointLocation", f"{LIVE}/checkpoint")
    .trigger(availableNow=True)
    .start(f"{LIVE}/predictions")
)
query.awaitTermination()

written = spark.read.format("delta").load(f"{LIVE}/predictions")
commits = spark.sql(f"DESCRIBE HISTORY delta.`{LIVE}/predictions`").where("operation = 'STREAMING UPDATE'").count()
off = F.abs(F.col("label") - F.col("prediction"))
print(f"{written.count()} predictions in {commits} micro-batches, off by", end=" ")
print(f"{written.agg((F.avg(off) / F.avg('label')).alias('share')).first()['share']:.1%} on average")
written.orderBy("o_orderkey").show(5)

# %% [markdown]
# ### On a laptop: `rate`, every second, and the console
# This one runs until it is stopped. The **console** sink prints each micro-batch: good for looking, and nothing else.
# It prints where Spark's own process prints, which for Emberlake is a log file; the cell reads the last batch from
# it.

# %%
if ON_LAPTOP:
    live = (
        model.transform(from_rate)
        .select("order_time", "c_mktsegment", "label", "prediction")
        .writeStream.format("console")
        .outputMode("append")
        .trigger(processingTime="1 second")
        .start()
    )
    waited = 0.0
    while sum(each["numInputRows"] for each in live.recentProgress) < 10 and live.isActive and waited < 60:
        time.sleep(0.5)
        waited += 0.5
    live.stop()
    log = Path(FOLDER).parent / "logs" / "spark.log"
    said = log.read_text(errors="replace") if log.exists() else ""
    print(said[max(0, said.rfind("\nBatch: ")) :])

# %% [markdown]
# The same model, trained on a table, answers while orders come in. (On Databricks with a cluster of your own,
# `display(stream)` draws it live. Serverless has no such display: run the cell of the Delta sink again when new files
# have come. The checkpoint knows which are new.)
#
# **Watch for**
#
# - A query that is not stopped goes on in the background: keep it in a variable, and `query.stop()`.
#   `spark.streams.active` lists what runs.
# - One checkpoint, one query, one sink. With a checkpoint of another query Spark refuses, or does nothing at all.
# - Production writes to Delta, Kafka or a database, never to the console.
#
# ### Your turn
# Run the cell of the Delta sink a second time. How many predictions are there now, and why?
#
# *(As many as before: each file is in the checkpoint, so there is nothing to do. Delete the checkpoint, and all six
# files are read once more, into the same table: 1,200 rows.)*
#
# **Question for the room.** What happens where you work that would be worth a number within a second? What within a
# day?

# %% [markdown]
# ## Wrap-up (10 minutes)
# **What you built**
#
# | | |
# |---|---|
# | 1 | DataFrames are plans; transformations extend them, actions run them; the plan says what is read and moved |
# | 2 | aggregations and joins, what they shuffle, what they lose; nulls on purpose; Delta's commits and versions |
# | 3 | a pipeline with its preparation inside, against a baseline, recorded and found again with MLflow |
# | 4 | the same model on a stream: source, trigger, output mode, sink, checkpoint |
#
# In one sentence, for whoever asks: *an end-to-end pipeline with PySpark, Delta Lake, MLlib and MLflow that predicts
# order values, scored on a stream with Structured Streaming.*
#
# **Where to go from here**
#
# - *Learn*: this course's ten modules, `emberlake learn`; `PYSPARK_CHEATSHEET.md` to look things up; Spark's own
#   documentation, https://spark.apache.org/docs/latest/; Databricks Academy has free courses, and exams for a
#   certificate (Data Engineer Associate, Machine Learning Associate).
# - *More data*: partitions and their number, broadcast joins, skew (module 2), file sizes, `OPTIMIZE` and Z-order
#   (module 4).
# - *Production*: jobs on a schedule, notebooks under version control and tested, alerts on streams, what it costs
#   (module 10).
# - *Projects of your own*, each with a starter and a rubric in `projects/`: customer segments with k-means, churn with
#   boosted trees, a demand forecast, a recommender with ALS, log analysis on a stream.
#
# **Questions that usually come**
#
# - *How large may data be?* Petabytes are in use. One machine does more than most think: what fits on its disk it can
#   query. More machines help while the work can be cut into equal pieces.
# - *And pandas?* `toPandas()` for what fits into memory; `pandas_udf` and `applyInPandas` to run pandas code on each
#   group; `pyspark.pandas` (once called Koalas) for pandas' API on Spark.
# - *When is Spark the wrong tool?* For data that fits into memory, where pandas, DuckDB or Polars answer sooner; for
#   single-row reads and writes, where a database belongs. A micro-batch takes some 0.1 to 1 s; for milliseconds Spark
#   4.2 has a real-time mode, and there is Flink.
# - *What does Databricks cost?* Free Edition is free, for learning, with a daily quota. It has replaced Community
#   Edition, which ended on 1 January 2026. Paid workspaces bill by use.
