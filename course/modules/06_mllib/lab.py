# %% [markdown]
# # Lab 6: Too good to be true
#
# A model forecasts how much a customer will spend in the next quarter. On paper it is excellent. In use its error is
# many times the one on paper. About 25 minutes.

# %%
from datetime import date, timedelta

from pyspark.ml.evaluation import RegressionEvaluator
from pyspark.ml.feature import VectorAssembler
from pyspark.ml.regression import LinearRegression
from pyspark.sql import functions as F

from emberlake.school import desk

spark, lake = desk()
orders = lake.read("gold.order_features").select("user_id", "ordered_at", F.col("amount").cast("double")).cache()
QUARTER = 92

# %% [markdown]
# ## What happened
#
# One row a customer who has ordered: features from `gold.customer_360`, which has everything about a customer, and as
# the label what the customer spent in the last quarter of the data.

# %%


def spent(orders, since, days):
    """What each customer spends from a day on, for so many days."""
    begin = F.lit(since).cast("timestamp")
    span = orders.where(
        (F.col("ordered_at") >= begin) & (F.col("ordered_at") < begin + F.expr(f"interval {days} days"))
    )
    return span.groupBy("user_id").agg(F.sum("amount").alias("label"))


def judged(train, test, features):
    """RMSE of a linear model, and of the training rows' mean, on the test."""
    rmse = RegressionEvaluator(metricName="rmse")
    vectors = VectorAssembler(inputCols=features, outputCol="features")
    model = LinearRegression(regParam=1.0).fit(vectors.transform(train))
    mean = train.agg(F.avg("label")).first()[0]
    predicted = model.transform(vectors.transform(test))
    return rmse.evaluate(predicted), rmse.evaluate(test.withColumn("prediction", F.lit(mean))), model


FEATURES = ["orders", "revenue", "recency_days", "orders_90d", "revenue_90d"]
buyers = lake.read("gold.customer_360").where("orders > 0")
customers = buyers.select("user_id", *[F.col(name).cast("double") for name in FEATURES])
labelled = customers.join(spent(orders, "2025-10-01", QUARTER), "user_id", "left").fillna(0, ["label"]).cache()
train, test = labelled.where("user_id % 5 != 0"), labelled.where("user_id % 5 = 0")

on_paper, baseline, model = judged(train, test, FEATURES)
print(f"on paper: RMSE {on_paper:.1f} EUR, the mean {baseline:.1f} EUR")
assert on_paper < baseline / 2

# %% [markdown]
# In use it forecasts the next quarter, from features of the day before it. The same weights, on features as they were
# on 30 September:

# %%


def features_before(orders, day):
    """What is known of each customer at the end of the day before: nothing from that day on."""
    moment = F.lit(day).cast("timestamp")
    known = orders.where(F.col("ordered_at") < moment)
    recent = F.col("ordered_at") >= moment - F.expr("interval 90 days")
    return known.groupBy("user_id").agg(
        F.count("*").cast("double").alias("orders"),
        F.round(F.sum("amount"), 2).alias("revenue"),
        F.datediff(F.date_sub(F.lit(day).cast("date"), 1), F.max("ordered_at")).cast("double").alias("recency_days"),
        F.sum(F.when(recent, 1.0).otherwise(0.0)).alias("orders_90d"),
        F.round(F.sum(F.when(recent, F.col("amount")).otherwise(0.0)), 2).alias("revenue_90d"),
    )


def rows_of(day):
    """One row for each customer known before a day: features from before it, the label from then on."""
    return features_before(orders, day).join(spent(orders, day, QUARTER), "user_id", "left").fillna(0, ["label"])


october = rows_of("2025-10-01").cache()
rmse = RegressionEvaluator(metricName="rmse")
in_use = rmse.evaluate(model.transform(VectorAssembler(inputCols=FEATURES, outputCol="features").transform(october)))
print(f"in use: RMSE {in_use:.1f} EUR")
assert in_use > 2 * on_paper

# %% [markdown]
# ## Find it
#
# A result that is too good is a finding. Which feature does it come from? Look at each one alone: a feature that
# explains nearly all is either the discovery of the year or the answer itself.

# %%
correlations = labelled.select(*[F.corr(name, "label").alias(name) for name in FEATURES]).first().asDict()
print({name: f"{value:.2f}" for name, value in correlations.items()})
suspect = max(correlations, key=lambda name: abs(correlations[name]))
print("most like the label:", suspect)
assert suspect == "revenue_90d"

# %% [markdown]
# `revenue_90d` is "revenue in the 90 days up to `as_of`", and `as_of` is the last day in the data. Those are the days
# of the label. The others are of that day, too: `orders` counts the orders that are to be forecast, `recency_days` is
# small for those who bought in the quarter. No column's name gives it away; the dates do:

# %%
as_of = lake.read("gold.customer_360").agg(F.max("as_of")).first()[0]
print(f"features are as of {as_of}, the label begins on 2025-10-01")
assert str(as_of) > "2025-10-01"

# %% [markdown]
# The split did not help either: it is by customer, so that train and test both lie in the same quarter. A leak of time
# does not show in a test that has the same leak.
#
# ## Mend it
#
# Every row gets a day. Features are made of what lies before it, the label of what comes from it on. Training rows
# have an earlier day, so that their label is known on the day of the forecast: 1 July's quarter has ended on 1
# October.

# %%
learnt_on, asked_on = "2025-07-01", "2025-10-01"
july = rows_of(learnt_on).cache()
honest, honest_baseline, mended = judged(july, october, FEATURES)
print(f"trained on July, judged on October: RMSE {honest:.1f} EUR, the mean {honest_baseline:.1f} EUR")

# %% [markdown]
# The figure is far worse than the one on paper, and it is the one that will be met, because the model was judged as it
# will be used. It may lie near what the leaky model came to in use: what somebody spent lately is a fair guess for the
# next quarter, whichever way a model comes to it. What is gained is a figure that holds. Whether it beats the mean is
# now a fair question.
#
# ## Prevent it
#
# Make the moment a part of the function, as `features_before` does, and test it: what comes after the day may not
# change a feature. Add orders from the future, a thousand times as dear, and compare. The same test tells the leaky
# features, which were as of the last day of the data.

# %%


def changed(day, since):
    """How many customers' features, as of the end of the day before `day`, change with the orders from `since` on."""
    later = orders.where(F.col("ordered_at") >= F.lit(since).cast("timestamp"))
    disturbed = orders.union(later.withColumn("amount", F.col("amount") * 1000))
    return features_before(disturbed, day).exceptAll(features_before(orders, day)).count()


leaky = changed(str(as_of + timedelta(days=1)), asked_on)
kept_apart = changed(asked_on, asked_on) + changed(learnt_on, learnt_on)
print(f"customers whose features the future changes: {leaky} as of the last day, {kept_apart} as of each row's own day")

label_ends = date.fromisoformat(learnt_on) + timedelta(days=QUARTER)
assert leaky > 0, "the test has to tell features that know the future"
assert kept_apart == 0, "a feature knows what comes after its day"
assert label_ends <= date.fromisoformat(asked_on), "the training label has ended before the forecast"
assert honest > on_paper, "the honest error is the larger one"
