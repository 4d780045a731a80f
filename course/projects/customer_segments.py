# %% [markdown]
# # Project: Customer segments
#
# *Two to three days. The starter runs as it is, and stops where your work begins. `RUBRIC.md` says what counts.*
#
# **The question.** Marketing writes to everybody alike. Which groups of customers are there, and what would you do
# differently for each? The answer is a table `user_id, segment`, and a page that a person without Spark can act on.
#
# **The data.** `silver.orders` and `silver.users`; later `silver.events` (visits) and `silver.returns`.

# %%
from pyspark.ml import Pipeline
from pyspark.ml.clustering import KMeans
from pyspark.ml.evaluation import ClusteringEvaluator
from pyspark.ml.feature import StandardScaler, VectorAssembler
from pyspark.sql import functions as F

from emberlake.school import desk

spark, lake = desk()
orders = lake.read("silver.orders").where("status <> 'cancelled'")
as_of = orders.agg(F.max(F.to_date("ordered_at")).alias("day")).first()["day"]

# %% [markdown]
# ## A start: recency, frequency, value
#
# One row a customer. The day is an argument and no clock: next year the same code on the same data gives the same
# segments.

# %%
customers = orders.groupBy("user_id").agg(
    F.datediff(F.lit(as_of), F.to_date(F.max("ordered_at"))).cast("double").alias("recency"),
    F.count("*").cast("double").alias("frequency"),
    F.sum("amount").cast("double").alias("value"),
)
customers.describe("recency", "frequency", "value").show()

# %% [markdown]
# ## The baseline: a rule anybody can read
#
# Above or below the median in recency and in value: four segments, no model. What you build must tell marketing more.

# %%
middle = customers.agg(
    F.percentile_approx("recency", 0.5).alias("recency"), F.percentile_approx("value", 0.5).alias("value")
).first()
recent = F.when(F.col("recency") <= middle["recency"], "recent").otherwise("away")
dear = F.when(F.col("value") >= middle["value"], "high").otherwise("low")
rule = customers.withColumn("segment", F.concat_ws(", ", recent, dear))
rule.groupBy("segment").agg(F.count("*").alias("customers"), F.round(F.sum("value")).alias("value")).show()

# %% [markdown]
# ## A first k-means
#
# Distances count, so columns must be comparable: a logarithm for what is skewed, then one scale for all.

# %%
shaped = customers.select("user_id", "recency", *(F.log1p(name).alias(name) for name in ("frequency", "value")))


def clusters(k):
    stages = [
        VectorAssembler(inputCols=["recency", "frequency", "value"], outputCol="raw"),
        StandardScaler(inputCol="raw", outputCol="features", withMean=True),
        KMeans(k=k, seed=42, predictionCol="cluster"),
    ]
    return Pipeline(stages=stages).fit(shaped).transform(shaped)


quality = ClusteringEvaluator(predictionCol="cluster")
for k in (3, 4, 5):
    print(k, "clusters, silhouette", round(quality.evaluate(clusters(k)), 3))

# %% [markdown]
# ## From here on it is yours
#
# 1. Choose `k`: by silhouette, and by whether you can name each cluster. Say why.
# 2. Describe each: means, share of customers and of revenue, an example. Give names that marketing would use.
# 3. Add what might matter: categories bought, discounts, returns, visits. Does it change whom you would write to?
# 4. Are they stable? Another seed, another month: how many customers change their cluster? (Clusters have no order:
#    match them by their centres first.)
# 5. Write the table once a month, so that a second run of the same month changes nothing.
#
# **Traps.** Customers without an order are in no row here: decide what they are. A cluster of three rich customers is
# an outlier and no segment. `recency` grows for all while nothing is sold: compare months on the same day.
