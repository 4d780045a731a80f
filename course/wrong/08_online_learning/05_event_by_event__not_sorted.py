"""The learner saw the orders as the files have them, and what it has learned depends on their order. Sort a batch by
`ordered_at` and `order_id` before it is collected."""

from river import linear_model, preprocessing


def features(row):
    """What is known of an order's basket before its value is."""
    return {"lines": float(row.lines or 0), "units": float(row.units or 0), "coupon": float(row.has_coupon)}


def new_model():
    """A model that has learned nothing yet."""
    return preprocessing.StandardScaler() | linear_model.LinearRegression(l2=0.001)


def answer(spark, lake):
    model, judged = new_model(), {"events": 0, "mae": 0.0}

    def learn(batch, number):
        rows = batch.select("order_id", "ordered_at", "lines", "units", "has_coupon", "amount")
        for row in rows.collect():
            said, came = model.predict_one(features(row)), float(row.amount)
            model.learn_one(features(row), came)
            judged["events"] += 1
            judged["mae"] += (abs(said - came) - judged["mae"]) / judged["events"]

    stream = spark.readStream.format("delta").load(lake.path("gold.order_features"))
    query = (
        stream.writeStream.foreachBatch(learn)
        .option("checkpointLocation", lake.scratch("checkpoint"))
        .trigger(availableNow=True)
        .start()
    )
    query.awaitTermination()
    return judged
