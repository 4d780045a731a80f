# %% [markdown]
# # Workshop 3: The ML capstone pipeline
#
# *40 minutes: features 15, training and MLflow 15, save and load 10.*
#
# ## Goals
#
# - turn columns into the one vector of numbers that a model reads
# - chain the steps to a pipeline, train it, and compare it with a baseline that knows nothing
# - record a training with MLflow, and find it again by name
# - load a saved pipeline, and hand it raw rows
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
from pyspark.ml import Pipeline
from pyspark.ml.evaluation import RegressionEvaluator
from pyspark.ml.feature import StringIndexer, VectorAssembler
from pyspark.ml.regression import RandomForestRegressor
from pyspark.sql import functions as F

orders, customers, lines = table("orders"), table("customer"), table("lineitem")

# %% [markdown]
# ## 3.1 Features (15 minutes)
# The question: **what will an order come to?** The column to predict, `o_totalprice`, is the *label*. What the model
# may look at are *features*. A first idea: who orders (the balance of the account and the market segment), and when
# (the month).
#
# 15,000 orders are enough here. They are picked by a hash of their key, and not by `sample()` or `limit()`: the same
# orders come out at every run, however the table is cut into partitions. A laptop's table has no more than that.

# %%
share = min(1.0, 15_000 / orders.count())
picked = orders.where(F.pmod(F.xxhash64("o_orderkey"), F.lit(1_000_000)) < int(share * 1_000_000))
both = picked.join(customers, picked["o_custkey"] == customers["c_custkey"], "inner")
label, balance = (
    F.col("o_totalprice").cast("double").alias("label"),
    F.col("c_acctbal").cast("double").alias("c_acctbal"),
)
month = F.month("o_orderdate").cast("double").alias("month")
first_idea = both.select("o_orderkey", label, balance, "c_mktsegment", month)
first_idea.show(5)

# %%
# Nulls first: most steps raise at one, in the middle of a training. Count, then decide.
nulls = [F.count(F.when(F.col(name).isNull(), 1)).alias(name) for name in first_idea.columns]
first_idea.agg(*nulls).show()

# %% [markdown]
# ### Texts become numbers: StringIndexer
# A model computes with numbers, and `c_mktsegment` is a text. **StringIndexer** learns which texts there are (`fit`),
# and numbers them (`transform`): the most frequent one is 0, whatever the alphabet says. It needs `fit` first; the
# indexer itself has no `transform`, only the model that `fit` returns.

# %%
indexer = StringIndexer(inputCol="c_mktsegment", outputCol="segment_index", handleInvalid="keep")
indexed = indexer.fit(first_idea).transform(first_idea)
indexed.groupBy("c_mktsegment", "segment_index").count().orderBy("segment_index").show()

# %% [markdown]
# Is segment 4 more than segment 1? No, and a tree does not think so: the indexer leaves a note with the column that
# these numbers are names, and the tree splits them into sets. A linear model ignores the note and would take them for
# a scale: put a `OneHotEncoder` in between. `handleInvalid="keep"` gives a text that was not there in training a
# number of its own; the default raises.
#
# ### Columns become a vector: VectorAssembler
# MLlib's models read **one** column of vectors. **VectorAssembler** puts columns side by side:

# %%
assembler = VectorAssembler(inputCols=["c_acctbal", "segment_index", "month"], outputCol="features")
assembler.transform(indexed).select("features", "label").show(5, truncate=False)

# %% [markdown]
# ### Steps become one: Pipeline
#
# ```
#  c_mktsegment ──► StringIndexer ──► segment_index ─┐
#  c_acctbal ────────────────────────────────────────┼─► VectorAssembler ──► features ──► model ──► prediction
#  month ────────────────────────────────────────────┘
# ```
#
# A **Pipeline** holds the steps, and `fit` goes through them. It returns a `PipelineModel`, in which every step is
# fitted. That one is given *raw* rows: what was learnt in training (which segment is number 2) cannot get lost.


# %%
def pipeline(numbers, trees=10, depth=5):
    index = StringIndexer(inputCol="c_mktsegment", outputCol="segment_index", handleInvalid="keep")
    together = VectorAssembler(inputCols=[*numbers, "segment_index"], outputCol="features")
    forest = RandomForestRegressor(labelCol="label", numTrees=trees, maxDepth=depth, seed=42)
    return Pipeline(stages=[index, together, forest])


# %% [markdown]
# ## 3.2 Training and MLflow (15 minutes)
#
# ### Keep some orders back
# A model can learn its rows by heart. Whether it learnt something that holds for *others* shows only on rows that it
# has never seen: a fifth is kept back. (The split does not prevent overfitting. It makes it visible.)
#
# `randomSplit` draws row by row within each partition: the seed fixes the draws, and another file layout keeps other
# orders back. Each half is also computed anew at each use. Here the key decides, as above, and the rows are written
# to a table and read back. (Where there is `cache`, people cache here. Serverless compute refuses it.)

# %%
train_rows, test_rows = first_idea.randomSplit([0.8, 0.2], seed=42)
print(f"randomSplit: {train_rows.count():,} to learn from, {test_rows.count():,} kept back")

kept_back = F.pmod(F.xxhash64("o_orderkey", F.lit(42)), F.lit(5)) == 0


def halves(rows, name):
    path = f"{FOLDER}/{name}"
    rows.write.format("delta").mode("overwrite").option("overwriteSchema", "true").save(path)
    saved = spark.read.format("delta").load(path)
    return saved.where(~kept_back), saved.where(kept_back)


train, test = halves(first_idea.dropna(), "first_idea")
print(f"by key: {train.count():,} to learn from, {test.count():,} kept back")

# %% [markdown]
# ### Forest, error, baseline
# A **random forest** averages decision trees, each grown on a random part of rows and features: sturdy, good on tables,
# content with numbers of any size. It can overfit all the same, with few rows and deep trees.
#
# **RMSE**, the root of the mean squared error, is in the label's unit (dollars): lower is better. **R²** is the share
# of the label's spread that is explained: 1 is perfect, 0 is as good as the mean. The mean is the **baseline**.


# %%
def measured(predictions):
    evaluator = RegressionEvaluator(labelCol="label", predictionCol="prediction")
    return {name: evaluator.evaluate(predictions, {evaluator.metricName: name}) for name in ("rmse", "r2")}


def told(name, figures):
    print(f"{name:<34} RMSE {figures['rmse']:>10,.0f}   R² {figures['r2']:>6.3f}")


mean = train.agg(F.avg("label").alias("mean")).first()["mean"]
told("always the mean", measured(test.withColumn("prediction", F.lit(mean))))
first_model = pipeline(["c_acctbal", "month"]).fit(train)
told("balance, segment and month", measured(first_model.transform(test)))

# %% [markdown]
# R² is about 0: the forest is no better than one number for all orders. More trees would not help, nor another model:
# **TPC-H draws prices, customers and dates independently of each other**, so that these features know nothing of the
# label. Shown alone, the RMSE would look like a success.
#
# ### Features that know something
# What does know? The order's own lines: how many, how many pieces, how dear. One row an order again: group the lines
# first, join afterwards.

# %%
price = F.col("l_extendedprice").cast("double")
ours = lines.join(picked.select("o_orderkey"), F.col("l_orderkey") == F.col("o_orderkey"), "left_semi")
pieces = F.sum(F.col("l_quantity").cast("double")).alias("quantity")
dear = [F.max(price).alias("dearest"), F.avg(price).alias("mean_price")]
per_order = ours.groupBy("l_orderkey").agg(F.count("*").cast("double").alias("lines"), pieces, *dear)
with_lines = first_idea.join(per_order, first_idea["o_orderkey"] == per_order["l_orderkey"]).drop("l_orderkey")
train, test = halves(with_lines.dropna(), "with_lines")

# %% [markdown]
# ### A training that is remembered: MLflow
# **MLflow** keeps *runs*: what a training was given, what it measured, and its files; runs belong to an *experiment*.
# It keeps what you log. (`mlflow.autolog` logs some of it by itself for some libraries; here each line is visible.) On
# a laptop the runs go into a small SQLite database, on Databricks into the workspace.

# %%
from pathlib import Path

import mlflow.spark
import pyspark
from mlflow.models import infer_signature

EXPERIMENT = "workshop" if ON_LAPTOP else f"/Users/{spark.sql('SELECT current_user()').first()[0]}/workshop"
if ON_LAPTOP:
    mlflow.set_tracking_uri(f"sqlite:///{FOLDER}/mlflow.db")
    if mlflow.get_experiment_by_name(EXPERIMENT) is None:
        mlflow.create_experiment(EXPERIMENT, artifact_location=Path(FOLDER, "mlflow").as_uri())
mlflow.set_experiment(EXPERIMENT)

# %%
RUN, MODEL = "TPCH_Order_Value_Model", "my_tpch_order_value_model"
NUMBERS = ["c_acctbal", "month", "lines", "quantity", "dearest", "mean_price"]
INPUTS = [*NUMBERS, "c_mktsegment"]
with mlflow.start_run(run_name=RUN):
    mlflow.log_params({"numTrees": 10, "maxDepth": 5, "features": ", ".join(INPUTS), "rows": train.count()})
    model = pipeline(NUMBERS).fit(train)  # indexes, assembles and trains
    predictions = model.transform(test)
    figures = measured(predictions)
    mlflow.log_metrics(figures)
    mlflow.log_metric("baseline_rmse", measured(test.withColumn("prediction", F.lit(mean)))["rmse"])
    some = predictions.select(*INPUTS, "prediction").limit(5).toPandas()
    # Requirements are said, because finding them out takes half a minute. Spark writes the model to dfs_tmpdir first:
    # Databricks wants that to be in a volume.
    needs = [f"pyspark=={pyspark.__version__}", f"mlflow=={mlflow.__version__}"]
    signature = infer_signature(some[INPUTS], some[["prediction"]])
    mlflow.spark.log_model(model, MODEL, signature=signature, pip_requirements=needs, dfs_tmpdir=f"{FOLDER}/mlflow-tmp")
told("with the order's lines", figures)
if ON_LAPTOP:
    print(f"mlflow ui --backend-store-uri sqlite:///{FOLDER}/mlflow.db --port 5001")

# %% [markdown]
# Same trees, same depth, other features: R² is above 0.9. **Features decide.** (A price is the sum of its lines.)
#
# **Look at the run.** On Databricks: *Experiments* in the left sidebar, experiment *workshop*, run
# `TPCH_Order_Value_Model`. On a laptop: run the command that the cell printed, and open its address.

# %% [markdown]
# **Watch for**
#
# - No *Experiments* in the sidebar: it is under *AI/ML*. The run is not there: refresh the page, and see that the
#   cell ended. `mlflow.search_runs`, below, asks without a page.
# - "segment_index does not exist": a step was given raw rows without the step before it. The pipeline keeps the order.
# - On Databricks `log_model` without a volume as `dfs_tmpdir` is refused: Spark may not write to `/tmp` there.
#
# ### Your turn
# Grow deeper trees. Compare the errors on rows that were learnt and on those kept back. What happens to the gap?

# %%
# One way. Write yours first, in a new cell above this one.
for depth in (2, 5, 10):
    deeper = pipeline(NUMBERS, trees=5, depth=depth).fit(train)
    learnt, unseen = measured(deeper.transform(train))["rmse"], measured(deeper.transform(test))["rmse"]
    print(f"depth {depth:>2}: RMSE {learnt:>9,.0f} learnt, {unseen:>9,.0f} kept back")

# %% [markdown]
# ## 3.3 Save and load (10 minutes)
# Later, in another process: find the run, load its model. Search **by experiment and by name**, finished runs only, the
# latest first. Without these, the first row may be somebody's aborted try in whatever experiment happens to be set.

# %%
finished = f"attributes.run_name = '{RUN}' and attributes.status = 'FINISHED'"
newest = ["attributes.start_time DESC"]
found = mlflow.search_runs(experiment_names=[EXPERIMENT], filter_string=finished, order_by=newest, max_results=1)
run_id = found["run_id"][0]
print(run_id, f"RMSE {found['metrics.rmse'][0]:,.0f}")
loaded = mlflow.spark.load_model(f"runs:/{run_id}/{MODEL}", dfs_tmpdir=f"{FOLDER}/mlflow-tmp")
print([type(stage).__name__ for stage in loaded.stages])

# %%
# All steps are inside. The model is given raw rows: a segment as a text, numbers as they are.
new_orders = test.orderBy("o_orderkey").limit(100).select(*INPUTS, "label")
scored = loaded.transform(new_orders)
scored.select("c_mktsegment", "lines", "label", F.round("prediction", 2).alias("prediction")).show(10)

# %% [markdown]
# Columns must have the names and types of training: the pipeline looks for `c_acctbal`, and not for `balance`.
#
# ### By name instead of by run: the registry
# A **registry** gives a model a name, and numbers its versions. On Databricks it is a part of Unity Catalog (names have
# three parts), and an account may not be allowed to use it. Then the run's id does.

# %%
name = MODEL if ON_LAPTOP else f"workspace.default.{MODEL}"
try:
    version = mlflow.register_model(f"runs:/{run_id}/{MODEL}", name).version
    print(f"{name}, version {version}")
except Exception as error:
    print(f"The registry refused: {str(error).splitlines()[0][:100]}. The run's id does: {run_id}")

# %% [markdown]
# ### Your turn
# One order that never was: 3 lines, 60 pieces, the dearest line 50,000, a line at 30,000 on average; a customer of the
# segment MACHINERY with a balance of 1,000, in June. What would it come to? And what if the segment were `"SPACE"`?

# %%
# One way. Write yours first, in a new cell above this one.
schema = ", ".join(f"{each} double" for each in NUMBERS) + ", c_mktsegment string"
numbers = (1000.0, 6.0, 3.0, 60.0, 50_000.0, 30_000.0)
made_up = spark.createDataFrame([(*numbers, "MACHINERY"), (*numbers, "SPACE")], schema)
loaded.transform(made_up).select("c_mktsegment", "prediction").show()

# %% [markdown]
# **Questions for the room.** How would you deploy this where you work: in a nightly batch, behind a web service, on a
# stream? Who needs the number, how soon, and what does it cost to be wrong?
#
# **In short.** A pipeline carries its preparation along, a baseline says whether it learnt anything, and MLflow
# remembers which training a model came from. Next: `04_real_time`.
