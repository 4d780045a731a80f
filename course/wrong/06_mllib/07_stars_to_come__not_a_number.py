"""The error is NaN: users and products that were not there in training have the prediction NaN, and one of them is
enough. Look at `coldStartStrategy`."""

from pyspark.ml.evaluation import RegressionEvaluator
from pyspark.ml.recommendation import ALS
from pyspark.sql import functions as F


def answer(spark, lake):
    ratings = lake.read("silver.ratings").selectExpr("user_id", "product_id", "double(rating) AS rating", "rated_at")
    past = ratings.where("rated_at < timestamp'2025-07-01'")
    test = ratings.where("rated_at >= timestamp'2025-07-01'")
    columns = {"userCol": "user_id", "itemCol": "product_id", "ratingCol": "rating"}
    predicted = ALS(rank=4, maxIter=5, regParam=0.2, seed=7, **columns).fit(past).transform(test).cache()
    mean = past.agg(F.avg("rating")).first()[0]
    rmse = RegressionEvaluator(labelCol="rating", metricName="rmse")
    return {
        "ratings": test.count(),
        "predicted": predicted.count(),
        "rmse": rmse.evaluate(predicted),
        "baseline": rmse.evaluate(predicted.withColumn("prediction", F.lit(mean))),
    }
