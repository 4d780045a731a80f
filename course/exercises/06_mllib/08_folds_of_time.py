# %% [markdown]
# # 6.8 Folds of time
#
# A setting that is chosen by the test makes the test a part of the training. `CrossValidator` cuts the training rows
# into folds, trains on all but one and judges on that one, for each setting; the mean over the folds decides.
# `foldCol` names a column with each row's fold (0, 1, …), an int, so that the cut is yours and not drawn at random.
# `avgMetrics` has a mean for each setting, in the order of the grid. (Every fold judges
# once, so that the earlier one is judged by a model of the later one.)
#
# **Goal.** Forecast `amount` (as a double, named `label`) from `lines`, `units` and `previous_revenue` of
# `gold.order_features` (null is 0) with `LinearRegression`. Choose `regParam` from 0 and 300, in this order, by
# cross-validation of RMSE on the orders before 1 October 2025 in two folds: 0 before 1 January 2025, 1 from then on.
# Return a dictionary: `folds`, the list of the two mean errors; `chosen`, the better `regParam`; and `rmse`, the error
# of the best model on the orders from 1 October 2025 on.

# %%
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
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
print(answer(spark, lake))

# %%
check("6.8", answer)
