# %% [markdown]
# # Lab 5: One key has it all
#
# A job that counts orders by customer has run for years. One day a task dies, always the same one, while the others
# were done long ago. About 25 minutes.

# %%
import time

from pyspark.sql import functions as F

from emberlake.school import desk

spark, lake = desk()
context = spark.sparkContext
TASKS = 8

# %% [markdown]
# ## What happened
#
# The shop has begun to let people order as guests, on the web and in the stores. All guests are booked on one account,
# number 0. `orders` below has forty times the orders of your shop, as pairs of account and order.

# %%
copies = spark.range(40).withColumnRenamed("id", "copy")
table = (
    lake.read("silver.orders").crossJoin(copies).selectExpr("IF(channel = 'app', user_id, 0) AS account", "order_id")
)
orders = table.rdd.map(lambda row: (row.account, row.order_id)).cache()
print(f"{orders.count():,} orders")

# %% [markdown]
# The job collects the orders of each account, and counts the different ones. Let 50,000 orders of one account be what
# fits into a task. Here a check says so; in a larger shop it is the operating system that ends the process (a lost
# executor, `Container killed`), or the JVM (`OutOfMemoryError`).

# %%
ROOM = 50_000


def different(values):
    held = list(values)
    if len(held) > ROOM:
        raise MemoryError(f"{len(held):,} values of one key")
    return len(set(held))


def naive(orders):
    return orders.groupByKey(TASKS).mapValues(different)


failure = ""
try:
    naive(orders).collect()
except Exception as error:
    # The last line of the traceback that the task's Python process sent.
    failure = next((line for line in str(error).splitlines() if line.startswith("MemoryError")), "")
print(failure)
assert "values of one key" in failure

# %% [markdown]
# ## Find it
#
# More memory would help until next month. What is different about the task that dies? Three looks, from cheap to dear.
#
# First, the keys: a sample is enough to see the largest.

# %%
sample = orders.sample(False, 0.05, seed=7).countByKey()
largest = sorted(sample.items(), key=lambda pair: -pair[1])[:3]
share = largest[0][1] / sum(sample.values())
print(f"largest keys in the sample: {largest}; the first has {share:.0%} of it")

# %% [markdown]
# Second, the partitions after the shuffle. Eight tasks, and one of them has most of the work: the job is as slow as
# it, and more tasks would not help, since a key cannot be in two.

# %%


def sizes(pairs):
    return pairs.mapPartitions(lambda rows: [sum(1 for _ in rows)]).collect()


def skew(pairs):
    """How many times the mean the largest partition is: 1 is even."""
    counts = sizes(pairs)
    return max(counts) / (sum(counts) / len(counts))


placed = orders.partitionBy(TASKS)
print("rows of each task:", sizes(placed))
print(f"skew: {skew(placed):.1f}")

# %% [markdown]
# Third, on a machine with the Spark UI: the stage's page has the times and the shuffled bytes of its tasks, with
# minimum, median and maximum. A maximum far from the median is this.
#
# ## Mend it
#
# **What can be put together from parts** needs no list. A number of orders, each counted as often as it comes, is a
# sum: `reduceByKey` adds up inside each partition before the shuffle, so that the hot key sends one pair a partition.
# The skew of the data stays, the skew of what moves is gone. (It counts all forty copies of an order: it answers
# another question than the job does.)

# %%
ones = orders.mapValues(lambda order: 1)
begun = time.perf_counter()
counts = ones.reduceByKey(lambda a, b: a + b, TASKS).collectAsMap()
print(f"{counts[0]:,} orders of guests, in {time.perf_counter() - begun:.1f} s")

combined = ones.mapPartitions(lambda rows: {key: None for key, _ in rows}.items())
print(f"pairs that move: {combined.count():,} instead of {orders.count():,}")

# %% [markdown]
# **What cannot**, such as different orders of a key, can be cut first: the key gets a **salt**, a small number made of
# the value, so that equal values keep meeting. The parts of the hot key go to many tasks; a second, small step puts
# them together by the bare key.

# %%
SALTS = 16


def salted(orders):
    return orders.map(lambda pair: ((pair[0], pair[1] % SALTS), pair[1]))


def tuned(orders):
    parts = salted(orders).groupByKey(TASKS).map(lambda pair: (pair[0][0], different(pair[1])))
    return parts.reduceByKey(lambda a, b: a + b, TASKS)


mended = tuned(orders).collectAsMap()
print("rows of each task:", sizes(salted(orders).partitionBy(TASKS)))
print(f"{mended[0]:,} different orders of guests, {len(mended):,} accounts")

# %% [markdown]
# The same as a DataFrame needs neither: `groupBy("account").agg(F.countDistinct("order_id"))` groups by account *and*
# order first, which spreads the hot key, and counts afterwards. Two shuffles, and no list anywhere. For a skewed
# *join* adaptive execution splits large partitions by itself (`spark.sql.adaptive.skewJoin.enabled`); an RDD has no
# such help.

# %%
counted = table.groupBy("account").agg(F.countDistinct("order_id").alias("orders"))
by_frame = {row.account: row.orders for row in counted.collect()}
print(f"{by_frame[0]:,} different orders of guests")

# %% [markdown]
# ## Prevent it
#
# Guests should not share a key at all: null, or an account a visit, says what is known. Where a key may grow hot,
# measure it in the job, and let the job say so before it dies: `skew` above is one pass over the data. And keep lists
# of values out of functions: whoever writes `groupByKey` says that one key fits into one task.

# %%
before, after = skew(placed), skew(salted(orders).partitionBy(TASKS))
print(f"skew before {before:.1f}, after {after:.1f}")
assert after < before / 2, "the salt has to spread the hot key"
assert mended == by_frame, "the salted count is the plain one"
assert counts[0] == 40 * mended[0]
