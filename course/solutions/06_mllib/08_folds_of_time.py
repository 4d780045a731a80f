"""The folds are spans of time, and the test is used once, at the end."""

from pyspark.ml.evaluation import RegressionEvaluator
from pyspark.ml.feature import VectorAssembler
from pyspark.ml.regression import LinearRegression
from pyspark.ml.tuning import CrossValidator, ParamGridBuilder
from pyspark.sql import functions as F

FEATURES = ["lines", "units", "previous_revenue"]


def answer(spark, lake):
    orders = (
        lake.read("gold.order_features")
        .selectExpr("ordered_at", "CAST(amount AS double) AS label", *[f"CAST({name} AS double)" for name in FEATURES])
        .cache()
    )
    rows = VectorAssembler(inputCols=FEATURES, outputCol="features").transform(orders.fillna(0, FEATURES))
    past = rows.where("ordered_at < timestamp'2025-10-01'")
    past = past.withColumn("fold", F.expr("int(ordered_at >= timestamp'2025-01-01')"))
    test = rows.where("ordered_at >= timestamp'2025-10-01'")
    line, rmse = LinearRegression(), RegressionEvaluator(metricName="rmse")
    grid = ParamGridBuilder().addGrid(line.regParam, [0.0, 300.0]).build()
    search = CrossValidator(estimator=line, estimatorParamMaps=grid, evaluator=rmse, numFolds=2, foldCol="fold")
    found = search.fit(past)
    chosen = found.bestModel.getOrDefault("regParam")
    return {"folds": list(found.avgMetrics), "chosen": chosen, "rmse": rmse.evaluate(found.transform(test))}
