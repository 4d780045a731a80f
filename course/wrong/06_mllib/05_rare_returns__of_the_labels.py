"""The accuracies are right, but the area is that of zeros and ones: once a threshold has cut the scores there is no
order left among them. `rawPredictionCol` is the column with the scores."""

from pyspark.ml.classification import LogisticRegression
from pyspark.ml.evaluation import BinaryClassificationEvaluator, MulticlassClassificationEvaluator
from pyspark.ml.feature import VectorAssembler
from pyspark.sql import functions as F

FEATURES = ["amount", "units", "discount"]


def answer(spark, lake):
    orders = (
        lake.read("gold.order_features")
        .selectExpr(
            "ordered_at", "double(status = 'returned') AS label", *[f"CAST({name} AS double)" for name in FEATURES]
        )
        .cache()
    )
    rows = VectorAssembler(inputCols=FEATURES, outputCol="features").transform(orders.fillna(0, FEATURES))
    past = rows.where("ordered_at < timestamp'2025-10-01'")
    test = rows.where("ordered_at >= timestamp'2025-10-01'")
    scored = LogisticRegression().fit(past).transform(test)
    return {
        "never": test.agg(F.avg(1 - F.col("label"))).first()[0],
        "accuracy": MulticlassClassificationEvaluator(metricName="accuracy").evaluate(scored),
        "auc": BinaryClassificationEvaluator(rawPredictionCol="prediction").evaluate(scored),
    }
