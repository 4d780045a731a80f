# %% [markdown]
# # Project: A recommender
#
# *Two to three days. The starter runs as it is, and stops where your work begins. `RUBRIC.md` says what counts.*
#
# **The question.** Ten products for each customer's start page. They are good if the customer buys one of them next.
#
# **The data.** `silver.orders`, `silver.order_items`, `silver.products`; later `silver.ratings` and `silver.events`
# (views).

# %%
from pyspark.ml.recommendation import ALS
from pyspark.sql import Window
from pyspark.sql import functions as F

from emberlake.school import desk

spark, lake = desk()
orders = lake.read("silver.orders").where("status <> 'cancelled'").select("order_id", "user_id", "ordered_at")
bought = lake.read("silver.order_items").select("order_id", "product_id").join(orders, "order_id")

# %% [markdown]
# ## What is kept back: each customer's last order
#
# By time, as it will be used. `row_number` with a second column decides ties, so that it is the same order at each run.

# %%
newest = Window.partitionBy("user_id").orderBy(F.desc("ordered_at"), F.desc("order_id"))
numbered = orders.withColumn("n", F.row_number().over(newest)).select("order_id", "n")
bought = bought.join(numbered, "order_id")
truth = bought.where("n = 1").groupBy("user_id").agg(F.collect_set("product_id").alias("next"))
past = bought.where("n > 1").groupBy("user_id", "product_id").agg(F.count("*").alias("times"))
truth = truth.join(past.select("user_id").distinct(), "user_id", "left_semi")
print(truth.count(), "customers with an order before their last one")


# %% [markdown]
# ## The measure, and the baseline
#
# Hit rate at 10: the share of customers whose next order holds one of their ten. The baseline shows the ten products
# that are bought most, to everybody.


# %%
def hit_rate(lists):
    hits = truth.join(lists, "user_id", "left").select(F.arrays_overlap("next", "shown").alias("hit"))
    return hits.agg(F.avg(F.coalesce(F.col("hit"), F.lit(False)).cast("int")).alias("rate")).first()["rate"]


popular = [row["product_id"] for row in past.groupBy("product_id").agg(F.sum("times").alias("sold"))
           .orderBy(F.desc("sold"), "product_id").limit(10).collect()]  # fmt: skip
everybody = truth.select("user_id", F.array(*map(F.lit, popular)).alias("shown"))
print("the ten most bought:", round(hit_rate(everybody), 3))

# %% [markdown]
# ## A first ALS
#
# Purchases are no marks: not having bought is no dislike. `implicitPrefs` takes counts as confidence.

# %%
als = ALS(userCol="user_id", itemCol="product_id", ratingCol="times", implicitPrefs=True, rank=8, maxIter=5, seed=42)
top = als.fit(past.withColumn("times", F.col("times").cast("float"))).recommendForAllUsers(10)
lists = top.select("user_id", F.col("recommendations.product_id").alias("shown"))
print("ALS:", round(hit_rate(lists), 3))

# %% [markdown]
# ## From here on it is yours
#
# 1. `rank`, `regParam`, `alpha`: choose by the customers' last order but one, and look at the last one once.
# 2. Better baselines: popular in the favourite category; what was bought before; bought together with the last basket.
# 3. New customers have no vector: what do they see? And what of products that nobody has bought yet?
# 4. How much of the catalogue is ever shown? Show that number beside the hit rate.
# 5. Write the lists every night, ten rows a customer, in one commit, so that no reader sees half of them.
#
# **Traps.** A random split knows the future. Recommending what was bought before is right for coffee and wrong for
# sofas. Users and products must be whole numbers for ALS: keep the way back to their names.
