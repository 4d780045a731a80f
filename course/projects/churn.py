# %% [markdown]
# # Project: Churn
#
# *Two to three days. The starter runs as it is, and stops where your work begins. `RUBRIC.md` says what counts.*
#
# **The question.** Who will not order again in the next 60 days? A voucher costs 5 euros, and keeps one in ten of
# those who would have left. To whom should it go, and does it pay?
#
# **The data.** `silver.orders`, `silver.users`; later `silver.events`, `silver.returns`.

# %%
import datetime as dt

from pyspark.ml import Pipeline
from pyspark.ml.classification import GBTClassifier
from pyspark.ml.evaluation import BinaryClassificationEvaluator
from pyspark.ml.feature import VectorAssembler
from pyspark.sql import functions as F

from emberlake.school import desk

spark, lake = desk()
orders = lake.read("silver.orders").where("status <> 'cancelled'")
DAYS = 60

# %% [markdown]
# ## A moment in the past
#
# Everything before the moment may be a feature; what happens in the 60 days after it is the label. One function makes
# both, so that no feature can look over the edge.


# %%
def rows_at(moment):
    before = orders.where(F.col("ordered_at") < F.lit(moment))
    later = F.col("ordered_at").between(F.lit(moment), F.lit(moment + dt.timedelta(days=DAYS)))
    back = orders.where(later).select("user_id").distinct().withColumn("back", F.lit(1))
    known = (
        before.groupBy("user_id")
        .agg(
            F.datediff(F.to_date(F.lit(moment)), F.to_date(F.max("ordered_at"))).cast("double").alias("recency"),
            F.count("*").cast("double").alias("orders"),
            F.sum("amount").cast("double").alias("value"),
            (
                F.datediff(F.to_date(F.max("ordered_at")), F.to_date(F.min("ordered_at")))
                / F.nullif(F.count("*") - 1, F.lit(0))
            )
            .cast("double")
            .alias("gap"),
        )
        .fillna({"gap": 365.0})
    )  # of one order there is no gap: as if it were long
    return known.join(back, "user_id", "left").withColumn("label", F.when(F.col("back").isNull(), 1.0).otherwise(0.0))


last = orders.agg(F.max("ordered_at").alias("at")).first()["at"]
test_moment = last - dt.timedelta(days=DAYS)
train, test = rows_at(test_moment - dt.timedelta(days=DAYS)), rows_at(test_moment)
test.groupBy("label").count().show()

# %% [markdown]
# ## The baseline, and a first model
#
# Whoever has been away longest is most likely to stay away: recency alone ranks customers, without any training.

# %%
FEATURES = ["recency", "orders", "value", "gap"]
ranked = BinaryClassificationEvaluator(rawPredictionCol="recency")
print("recency alone, area under the curve:", round(ranked.evaluate(test), 3))

assembler = VectorAssembler(inputCols=FEATURES, outputCol="features")
model = Pipeline(stages=[assembler, GBTClassifier(maxIter=10, maxDepth=3, seed=42)]).fit(train)
print("boosted trees:", round(BinaryClassificationEvaluator().evaluate(model.transform(test)), 3))

# %% [markdown]
# ## From here on it is yours
#
# 1. Is 60 days right? Draw how long customers usually stay away, and say what "churn" means in this shop.
# 2. Better features: visits in the last 30 days, share of discounts, returns, the trend of the gaps.
# 3. Are the probabilities true? Of those with 0.7, do seven in ten stay away? Calibrate if not.
# 4. The voucher: at which probability does it pay? Draw the profit over the threshold, and compare with "everybody"
#    and "nobody".
# 5. Score all customers every week into a table; a second run of the same week changes nothing.
#
# **Traps.** A random split of rows puts the future into training: split by moment, as here. A customer who signed up
# yesterday cannot have churned. `status` may have changed after the moment: what was known then?
