# %% [markdown]
# # Module 6: MLlib
# *About 45 minutes; 8 exercises.*
#
# ## Goals
#
# - State a baseline before there is a model, and judge both on the same rows.
# - Split by time, so that a test asks for what is to come.
# - Build a pipeline that takes words and numbers, holds everything that was learnt, and can be saved and loaded.
# - Train and judge models for numbers, for classes, for groups and for recommendations.
# - Choose a setting by cross-validation, without the test.

# %% [markdown]
# ## The baseline first
#
# MLlib is Spark's library for models that are trained where the data are. Its API lives in `pyspark.ml`: DataFrames
# in, DataFrames out. (`pyspark.mllib`, on RDDs, is its older and frozen sibling.) It earns its place when the training
# rows do not fit one machine; for a few hundred thousand rows scikit-learn is quicker, and what this module says holds
# for both.
#
# What is to be predicted is the **label**, what it is predicted from are the **features**. A feature has to be known
# at the moment of the prediction; one that is not is a **leak**, and the lab of this module is about it.
#
# Before any model there is a question: what would somebody predict who knows nothing? For a number the mean of the
# past, for a class the most frequent one. A model that does not beat that is not worth running.

# %%
import time

from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.clustering import KMeans
from pyspark.ml.evaluation import BinaryClassificationEvaluator, ClusteringEvaluator, RegressionEvaluator
from pyspark.ml.feature import OneHotEncoder, StandardScaler, StringIndexer, VectorAssembler
from pyspark.ml.recommendation import ALS
from pyspark.ml.regression import LinearRegression, RandomForestRegressor
from pyspark.ml.tuning import CrossValidator, ParamGridBuilder
from pyspark.sql import functions as F

from emberlake.school import desk, explain_plan

spark, lake = desk()
orders = lake.read("gold.order_features").withColumn("label", F.col("amount").cast("double"))
orders = orders.fillna(0, ["lines", "units", "days_since_previous"])

# %% [markdown]
# ## Split by time
#
# A model is used on days that are still to come. `randomSplit` lays test rows between training rows of the same week
# and the same customers, so the test asks for what the model has seen. A split at a moment asks for what it will have
# to do.
#
# ![A random split mixes past and future; a split by time does not](pictures/split.svg)

# %%
CUT = "timestamp'2025-10-01'"
past = orders.where(f"ordered_at < {CUT}").cache()
test = orders.where(f"ordered_at >= {CUT}").cache()
rmse = RegressionEvaluator(metricName="rmse")

mean = past.agg(F.avg("label")).first()[0]
baseline = rmse.evaluate(test.withColumn("prediction", F.lit(mean)))
print(f"{past.count():,} orders to learn from, {test.count():,} to judge by")
print(f"The mean of the past is {mean:.2f} EUR; as a forecast it is off by {baseline:.2f} EUR (RMSE)")

# %% [markdown]
# The root of the mean squared error (RMSE) is in EUR and punishes large misses; the mean absolute error (MAE) does
# not. R² compares with the mean of the test itself: 0 is no better than that mean, which nobody had on the day.
#
# **Exercises:** 6.1
#
# ## A pipeline
#
# A model reads one column, `features`, of vectors. Stages lead to it. A **transformer** has `transform` and knows all
# it needs (`VectorAssembler`). An **estimator** has `fit`, looks at data, and gives a transformer: `StringIndexer`
# learns which words there are, `LinearRegression` its weights. A **Pipeline** is an estimator of stages; the
# **PipelineModel** that comes from `fit` holds all that was learnt, and can be saved as one. Whatever is fitted is
# fitted on the past, the indexer, too. The forecast below is made when a basket is filled and not yet priced: its
# lines and pieces are known, its money is not.
#
# ![A pipeline: fit makes of each estimator what it learnt](pictures/pipeline.svg)

# %%
number = StringIndexer(inputCol="channel", outputCol="channel_number", handleInvalid="keep")
places = OneHotEncoder(inputCol="channel_number", outputCol="channel_places")
numbers = ["lines", "units", "order_number", "days_since_previous"]
vector = VectorAssembler(inputCols=["channel_places", *numbers], outputCol="features")

model = Pipeline(stages=[number, places, vector, LinearRegression()]).fit(past)
predicted = model.transform(test)
predicted.select("channel", "channel_number", "features", "label", "prediction").show(3, truncate=60)
print("words that the indexer learnt:", model.stages[0].labelsArray[0])
print(f"RMSE {rmse.evaluate(predicted):.2f} EUR, baseline {baseline:.2f} EUR")

# %% [markdown]
# Three things to see in it. `StringIndexer` gives the most frequent word 0; what it did not see is an error unless
# `handleInvalid` is `keep` (a number of its own) or `skip` (the row is gone, and nobody says so). `OneHotEncoder`
# makes a place for each number, since a number's size means nothing, and leaves the last place out. `VectorAssembler`
# refuses null: decide what a missing value means before it. To look at a vector as an array, take `vector_to_array` of
# `pyspark.ml.functions`.
#
# `fit` runs jobs at once, several of them; `transform` is lazy and adds columns to a plan.
#
# **Exercises:** 6.2, 6.3, 6.4
#
# ## Trees, and a model that is kept
#
# A decision tree asks one feature after the other (more than 2 lines? fewer than 40 days?) and predicts the mean of
# the rows that end in the same leaf. It needs no scaling, and finds what a straight line cannot. A **random forest**
# is the mean of many trees, each grown on other rows and features. `maxDepth` says how many questions in a row: with
# few, a tree sees little; with many, it knows its own rows by heart. That is **overfitting**, and it shows as an error
# that is small on the past and not on the test.

# %%
for depth in (2, 10):
    forest = RandomForestRegressor(numTrees=10, maxDepth=depth, seed=7)
    grown = Pipeline(stages=[number, places, vector, forest]).fit(past)
    learnt, unseen = rmse.evaluate(grown.transform(past)), rmse.evaluate(grown.transform(test))
    print(f"depth {depth:>2}: RMSE {learnt:.2f} EUR on the past, {unseen:.2f} on the test")

# %% [markdown]
# A pipeline model is saved as a folder, with the words and places that its stages learnt. Another process loads it and
# gives it raw rows: nobody has to repeat the preparation, and nobody can do it in another way.

# %%
model.write().overwrite().save(lake.scratch("amounts"))
again = PipelineModel.load(lake.scratch("amounts"))
assert abs(rmse.evaluate(again.transform(test)) - rmse.evaluate(predicted)) < 1e-6
print([type(stage).__name__ for stage in again.stages])

# %% [markdown]
# A folder does not say which training it came from. **MLflow** keeps that: each training is a run with its settings,
# its figures and its model, and a **registry** gives models names and versions, so that a program can ask for the one
# in use. [The workshop's capstone](../../workshop/03_capstone.py) does both.
#
# ## Classes, groups, stars
#
# **Classes.** Will an order come back? Few do, so accuracy is high for a model that says no to all. `prediction` is 1
# where the probability is above `threshold`, 0.5 unless you set it, and for a rare class that may be nowhere. The area
# under the ROC curve looks at the scores instead: did those that came back get higher ones? It goes from 0.5 (a coin)
# to 1. With rare classes look at precision and recall (`areaUnderPR`) as well: its coin is the share of the rare
# class.
#
# A label has to be final before it is learnt. An order of yesterday may still come back, and **churn**, whether a
# customer stays away, is known only after as many days without an order as you say it takes.

# %%
returned = F.expr("double(status = 'returned')")
classifier = Pipeline(stages=[number, places, vector, LogisticRegression()])
scored = classifier.fit(past.withColumn("label", returned)).transform(test.withColumn("label", returned))
share = scored.agg(F.avg("label")).first()[0]
area = BinaryClassificationEvaluator(metricName="areaUnderROC").evaluate(scored)
curve = BinaryClassificationEvaluator(metricName="areaUnderPR").evaluate(scored)
print(
    f"'never' is right for {1 - share:.1%}; "
    f"area under ROC {area:.2f} (coin 0.50), under PR {curve:.2f} (coin {share:.2f})"
)

# %% [markdown]
# **Groups.** There is no label: k-means looks for k centres so that rows are near them. Near is a distance, so each
# feature is scaled first, and what identifies a row is left out. The silhouette (-1 to 1) says how much nearer rows
# are to their own group than to the next; whether the groups mean anything, people have to say.

# %%
customers = lake.read("gold.customer_360").where("orders > 0")
inputs = ["recency_days", "average_order_value", "returns"]
doubles = customers.select("user_id", *[F.col(name).cast("double") for name in inputs])
stages = [
    VectorAssembler(inputCols=inputs, outputCol="raw"),
    StandardScaler(inputCol="raw", outputCol="features"),
    KMeans(k=4, seed=7),
]
groups = Pipeline(stages=stages).fit(doubles).transform(doubles)
groups.groupBy("prediction").agg(
    F.count("*").alias("customers"), *[F.round(F.avg(n), 1).alias(n) for n in inputs]
).show()
print(f"silhouette {ClusteringEvaluator().evaluate(groups):.2f}")

# %% [markdown]
# **Exercises:** 6.5, 6.6
#
# **Stars.** ALS gives users and products hidden numbers whose product comes near the stars that were given. Of a
# newcomer it knows nothing (a cold start); `coldStartStrategy="drop"` leaves those rows out of figures, and what is
# shown to them is another matter (best sellers, say). Clicks and purchases are no stars: for those there is
# `implicitPrefs=True`.

# %%
ratings = lake.read("silver.ratings").selectExpr("user_id", "product_id", "double(rating) AS rating", "rated_at")
known = ratings.where("rated_at < timestamp'2025-07-01'")
later = ratings.where("rated_at >= timestamp'2025-07-01'")
columns = {"userCol": "user_id", "itemCol": "product_id", "ratingCol": "rating"}
taste = ALS(rank=4, maxIter=5, regParam=0.2, seed=7, coldStartStrategy="drop", **columns).fit(known)
stars = taste.transform(later).cache()
of_stars = RegressionEvaluator(labelCol="rating")
same = stars.withColumn("prediction", F.lit(known.agg(F.avg("rating")).first()[0]))
print(f"{stars.count()} of {later.count()} ratings have a prediction")
print(f"RMSE {of_stars.evaluate(stars):.2f} stars, of the mean {of_stars.evaluate(same):.2f}")

# %% [markdown]
# On a small shop the mean may win: a few ratings a user are little to learn taste from. That, too, is a result, and
# the baseline is what shows it. What the model is made for are lists: the products with the highest predictions for
# each user, those that they have rated already among them.

# %%
taste.recommendForAllUsers(3).show(3, truncate=90)

# %% [markdown]
# **Exercises:** 6.7
#
# ## Choosing a setting
#
# Settings (`regParam`, `maxDepth`) are chosen by validation: a part of the past judges models that were trained on the
# rest. `CrossValidator` does it for each fold and setting, and trains the best on all of the past at the end. Its
# folds are random unless `foldCol` names a column with the fold's number. The test is for one look at the end: who
# chooses by it has trained on it.
#
# Every fold judges once, so that with two spans of time the earlier one is judged by a model of the later one. Rows of
# the same weeks are then not on both sides, but the order of time is not kept. For a choice that keeps it, train each
# setting on the earlier span in a loop of your own, and judge it on the later one.

# %%
line = LinearRegression()
prepared = Pipeline(stages=[number, places, vector]).fit(past)
folded = prepared.transform(past).withColumn("fold", F.expr("int(ordered_at >= timestamp'2025-01-01')")).cache()
grid = ParamGridBuilder().addGrid(line.regParam, [0.0, 10.0, 300.0]).build()
search = CrossValidator(
    estimator=line, estimatorParamMaps=grid, evaluator=rmse, numFolds=2, foldCol="fold", parallelism=2
)
found = search.fit(folded)
for settings, error in zip(grid, found.avgMetrics, strict=True):
    print({param.name: value for param, value in settings.items()}, f"RMSE {error:.2f}")
print(f"the best on the test: {rmse.evaluate(found.transform(prepared.transform(test))):.2f}, baseline {baseline:.2f}")

# %% [markdown]
# The stages before the model were fitted once here, on all of the past and so on each judging fold, too. Three words
# give nothing away. Where a stage learns more (means of the label, a choice of features), hand the whole `Pipeline` to
# `CrossValidator`: it is then fitted anew for each fold.
#
# **Exercises:** 6.8
#
# ## Naive and tuned
#
# An iterative algorithm reads its rows again and again. Most of MLlib's keep the vectors themselves while one `fit`
# runs, and let go of them at its end. What stands before the vectors (joins, windows, UDFs) is then computed anew for
# each `fit`, unless the prepared rows are kept. Two trainings over a join that nobody kept, and over rows that were
# cached once:

# %%
totals = orders.join(
    orders.groupBy("user_id").agg(F.avg("label").alias("usual"), F.count("*").alias("times")), "user_id"
)
wide = VectorAssembler(inputCols=["usual", "times", *numbers], outputCol="features").transform(
    totals.withColumn("label", F.expr("double(amount > 200)"))
)


def trained(rows):
    return LogisticRegression(maxIter=10, tol=0).fit(rows)


begun = time.perf_counter()
for _ in range(2):  # two settings to compare: each prepares its rows anew
    trained(wide)
naive = time.perf_counter() - begun

begun = time.perf_counter()
kept = wide.select("features", "label").cache()
for _ in range(2):
    trained(kept)
tuned = time.perf_counter() - begun
print(f"prepared for each: {naive:.1f} s; kept: {tuned:.1f} s")
print(explain_plan(wide.select("features", "label")).text()[:600])
print(explain_plan(kept).text()[:600])
kept.unpersist()

# %% [markdown]
# What is gained is everything before the vectors, for each `fit` but the first: the second plan reads an
# `InMemoryTableScan`. Over Spark Connect on Databricks Free Edition `cache` is refused: write the prepared rows to a
# table, and read that. (And `usual` above is a leak: it averages orders that had not happened yet. The lab is about
# leaks.)
#
# ## Summary
#
# A figure of a model means something beside a baseline on the same rows. Past and future are split at a moment, and
# everything that is fitted is fitted on the past. A pipeline holds what was learnt as one, and is saved as one: words
# to numbers to places to a vector to a model. Each task has its figures: RMSE, area under ROC and PR, silhouette;
# accuracy hides what is rare. Settings are chosen by folds of the past, and the test is looked at once.
#
# ## What to read next
#
# - [MLlib guide: pipelines](https://spark.apache.org/docs/latest/ml-pipeline.html), and its pages on
#   [features](https://spark.apache.org/docs/latest/ml-features.html) and
#   [tuning](https://spark.apache.org/docs/latest/ml-tuning.html).
# - [Collaborative filtering](https://spark.apache.org/docs/latest/ml-collaborative-filtering.html): ALS, cold start,
#   implicit feedback.
# - *Learning Spark*, second edition, chapter 10: machine learning with MLlib.
