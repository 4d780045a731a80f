# %% [markdown]
# # 6.7 Stars to come
#
# `ALS` (alternating least squares) gives each user and each product a few hidden numbers, so that their product comes
# near the stars that were given. Of a user or product that was not there in training it knows nothing: the prediction
# is NaN, and so is every figure that it goes into, unless `coldStartStrategy="drop"` leaves such rows out. How many
# those are belongs to the result.
#
# **Goal.** Train `ALS(rank=4, maxIter=5, regParam=0.2, seed=7)` on the ratings of `silver.ratings` given before 1 July
# 2025, as explicit ratings (the default). Return a dictionary over those from then on: `ratings` (their number),
# `predicted` (for how many there is a prediction), `rmse` (over these) and `baseline` (the RMSE of the past's mean
# rating, over these as well).

# %%
from pyspark.ml.evaluation import RegressionEvaluator
from pyspark.ml.recommendation import ALS
from pyspark.sql import functions as F


def answer(spark, lake):
    ratings = lake.read("silver.ratings").selectExpr("user_id", "product_id", "double(rating) AS rating", "rated_at")
    past = ratings.where("rated_at < timestamp'2025-07-01'")
    test = ratings.where("rated_at >= timestamp'2025-07-01'")
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
print(answer(spark, lake))

# %%
check("6.7", answer)
