# %% [markdown]
# # 6.6 Groups of customers
#
# K-means puts each row to the nearest of k centres, and moves the centres to the middle of their rows, until nothing
# changes. Nearest is a distance: a feature in thousands (revenue) drowns one in units (orders). `StandardScaler`
# divides each by its standard deviation. And an identifier is no feature, however much it is a number.
#
# **Goal.** Group the customers of `gold.customer_360` who have an order by `recency_days`, `orders` and `revenue` (as
# doubles), each scaled by its standard deviation (the mean is not taken off), into 3 groups by `KMeans` with seed 7.
# Return a row for each group, without its number: `customers`, and the means `recency`, `orders` and `revenue` in
# their own units.

# %%
from pyspark.ml import Pipeline
from pyspark.ml.clustering import KMeans
from pyspark.ml.feature import StandardScaler, VectorAssembler
from pyspark.sql import functions as F

FEATURES = ["recency_days", "orders", "revenue"]


def answer(spark, lake):
    customers = lake.read("gold.customer_360").where("orders > 0")
    rows = customers.select("user_id", *[F.col(name).cast("double") for name in FEATURES])
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
answer(spark, lake).show()

# %%
check("6.6", answer)
