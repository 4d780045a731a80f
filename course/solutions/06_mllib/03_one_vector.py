"""Three stages, fitted on the past; nulls are given a meaning before."""

from pyspark.ml import Pipeline
from pyspark.ml.feature import OneHotEncoder, StringIndexer, VectorAssembler
from pyspark.ml.functions import vector_to_array


def answer(spark, lake):
    orders = lake.read("gold.order_features").fillna(0, ["days_since_previous"])
    past = orders.where("ordered_at < timestamp'2025-12-01'")
    december = orders.where("ordered_at >= timestamp'2025-12-01'")
    stages = [
        StringIndexer(inputCol="channel", outputCol="number"),
        OneHotEncoder(inputCol="number", outputCol="places", dropLast=False),
        VectorAssembler(inputCols=["places", "items_amount", "days_since_previous"], outputCol="vector"),
    ]
    done = Pipeline(stages=stages).fit(past).transform(december)
    return done.select("order_id", vector_to_array("vector").alias("features"))
