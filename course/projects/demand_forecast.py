# %% [markdown]
# # Project: A demand forecast
#
# *Two to three days. The starter runs as it is, and stops where your work begins. `RUBRIC.md` says what counts.*
#
# **The question.** How many units of each category will be sold on each of the next 28 days? The warehouse orders by
# it: too much costs rent, too little costs sales. So it wants a range as well as a number.
#
# **The data.** `silver.order_items`, `silver.orders`, `silver.products`; later `silver.prices`.

# %%
import datetime as dt

from pyspark.sql import Window
from pyspark.sql import functions as F

from emberlake.school import desk

spark, lake = desk()
sold = (
    lake.read("silver.order_items")
    .join(lake.read("silver.orders").where("status <> 'cancelled'").select("order_id", "ordered_at"), "order_id")
    .join(F.broadcast(lake.read("silver.products").select("product_id", "category")), "product_id")
    .groupBy("category", F.to_date("ordered_at").alias("day"))
    .agg(F.sum("quantity").cast("double").alias("units"))
)

# %% [markdown]
# ## Days without sales are days, too
#
# A day on which nothing was sold has no row. For a mean over "the last seven days" it must have one, with 0.

# %%
first, last = sold.agg(F.min("day"), F.max("day")).first()
calendar = spark.sql("SELECT explode(sequence(:first, :last)) AS day", {"first": first, "last": last})
daily = calendar.crossJoin(sold.select("category").distinct()).join(sold, ["category", "day"], "left").fillna(0.0)
print(daily.count(), "rows,", daily.where("units = 0").count(), "of them without a sale")

# %% [markdown]
# ## The baseline: the same weekday, the week before
#
# For 28 days ahead the last week that is known is repeated. The score is the mean absolute error as a share of the mean
# demand, over all categories.

# %%
edge = last - dt.timedelta(days=28)
kept_back = daily.where(F.col("day") > F.lit(edge))
last_week = daily.where((F.col("day") <= F.lit(edge)) & (F.col("day") > F.lit(edge - dt.timedelta(days=7))))
repeated = last_week.select("category", F.dayofweek("day").alias("weekday"), F.col("units").alias("prediction"))
scored = kept_back.withColumn("weekday", F.dayofweek("day")).join(F.broadcast(repeated), ["category", "weekday"])
share = F.sum(F.abs(F.col("units") - F.col("prediction"))) / F.sum("units")
scored.groupBy("category").agg(F.round(share, 3).alias("error")).orderBy("category").show()
print("all:", round(scored.agg(share.alias("error")).first()["error"], 3))

# %% [markdown]
# ## A first feature
#
# What was sold 28 days before is known 28 days ahead. What was sold yesterday is not.

# %%
by_day = Window.partitionBy("category").orderBy("day")
with_past = daily.withColumn("units_28_ago", F.lag("units", 28).over(by_day)).dropna()
with_past.orderBy("category", "day").show(3)

# %% [markdown]
# ## From here on it is yours
#
# 1. More that is known in time: the mean of the four weeks before, weekday, month, holidays, announced prices.
# 2. One model for all categories (`GBTRegressor`), or one each by `applyInPandas`? Which is better, which is quicker?
# 3. Ranges: how far were forecasts off in the past, at this distance? Give an 80 % range, and count how often it held.
# 4. Go back in time four times, 28 days each, and report the mean and the worst.
# 5. Write `category, day, units, low, high` every week, so that old forecasts stay and can be judged later.
#
# **Traps.** `fillna(0)` before a product existed invents days without demand. A shop that was sold out sold nothing:
# demand was not 0. A percentage of nearly nothing is huge: sum first, divide then.
