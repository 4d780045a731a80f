"""The predictions are no stars: `implicitPrefs` reads the ratings as how sure we are that somebody liked something,
and predicts about 0 to 1. Stars are explicit."""

from pyspark.ml.evaluation import RegressionEvaluator
from pyspark.ml.recommendation import ALS
from pyspark.sql import functions as F


def answer(spark, lake):
    ratings = lake.read("silver.ratings").selectExpr("user_id", "product_id", "double(rating) AS rating", "rated_at")
    past = ratings.where("rated_at < timestamp'2025-07-01'")
    test = ratings.where("rated_at >= timestamp'2025-07-01'")
    columns = {"userCol": "user_id", "itemCol": "product_id", "ratingCol": "rating"}
    als = ALS(rank=4, maxIter=5, regParam=0.2, seed=7, coldStartStrategy="drop", implicitPrefs=True, **columns)
    predicted = als.fit(past).transform(test).cache()
    mean = past.agg(F.avg("rating")).first()[0]
    rmse = RegressionEvaluator(labelCol="rating", metricName="rmse")
    return {
        "ratings": test.count(),
        "predicted": predicted.count(),
        "rmse": rmse.evaluate(predicted),
        "baseline": rmse.evaluate(predicted.withColumn("prediction", F.lit(mean))),
    }
