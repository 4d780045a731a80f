# %% [markdown]
# # 6.4 A forecast of amounts
#
# Who forecasts knows the past. A test that is drawn at random lies between the training rows in time, so the model has
# seen orders of the same customers and weeks; it is judged on a task that it will never have. Split by time. And each
# feature must be known at the moment of the forecast, which here is when the basket is filled and not yet priced:
# parts of the answer among the features make any model perfect, and useless.
#
# **Goal.** Forecast `amount` (as a double) by `LinearRegression` (its defaults) from `lines`, `units` and
# `previous_revenue` of `gold.order_features`; nulls count as 0. Train on orders before 1 October 2025. Return a
# dictionary with two errors over the orders from then on: `baseline`, the RMSE of the training rows' mean, and `rmse`,
# that of the model. (RMSE is the root of the mean squared error. The rows are cached: the mean, the training and both
# errors read them.)

# %%
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
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
print(answer(spark, lake))

# %%
check("6.4", answer)
