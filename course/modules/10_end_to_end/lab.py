# %% [markdown]
# # Lab 10: The load that ran twice
#
# ## What happened
#
# On Monday the report said twice the revenue that anybody had hoped for, and there was much joy. On Tuesday finance
# had counted the money. One load had run twice in the night: the first time it wrote its rows and then lost the
# connection before it could say so. Whoever watches jobs saw a failure and started it again, which is
# what one does.

# %%
from pyspark.sql import functions as F

from emberlake.school import desk

spark, lake = desk()
orders = lake.read("silver.orders").where("status <> 'cancelled'").select("order_id", "ordered_at", "amount")
before = orders.where("ordered_at < timestamp'2025-11-01'")
news = orders.where("ordered_at >= timestamp'2025-11-01'")
path = lake.scratch("orders")
before.write.format("delta").mode("overwrite").save(path)


class ConnectionLost(Exception):
    """The answer never came."""


def load(rows, fail=False):
    """The nightly load, as it was."""
    rows.write.format("delta").mode("append").save(path)
    if fail:
        raise ConnectionLost("written, but nobody was told")


try:
    load(news, fail=True)
except ConnectionLost as error:
    print(f"the job failed: {error}; it is started again")
    load(news)


def revenue():
    """What the report says of November."""
    rows = spark.read.format("delta").load(path).where("ordered_at >= timestamp'2025-11-01'")
    return rows.agg(F.sum("amount")).first()[0]


right = news.agg(F.sum("amount")).first()[0]
print(f"revenue since November: {revenue():,}, and it should be {right:,}")
assert revenue() == 2 * right

# %% [markdown]
# ## Find it
#
# Revenue alone does not tell: perhaps it was a good month. A key that stands twice does. Then ask when: the
# table's history has a commit for each write, and two of them have the same number of rows.

# %%
table = spark.read.format("delta").load(path)
twice = table.groupBy("order_id").count().where("count > 1")
print(f"{twice.count():,} orders are there more than once, of {table.select('order_id').distinct().count():,}")
history = spark.sql(f"DESCRIBE HISTORY delta.`{path}`")
history.select("version", "operation", F.col("operationMetrics")["numOutputRows"].alias("rows")).orderBy(
    "version"
).show()

# %% [markdown]
# The two last commits are appends of equally many rows. A failed job says that it failed; it does not say that it
# did nothing.
#
# ## Mend it
#
# Delta keeps the versions: the table before the second append is still there. Restore it, and nothing is lost.
# (Where other commits came after, keep one row a key instead, and write the table anew.)

# %%
last = history.agg(F.max("version")).first()[0]
spark.sql(f"RESTORE TABLE delta.`{path}` TO VERSION AS OF {last - 1}").collect()
print(f"revenue since November: {revenue():,}")
assert revenue() == right

# %% [markdown]
# ## Prevent it
#
# Let the load be one that may run twice. MERGE by key finds its rows there and adds none. An append can have it,
# too: with each commit Delta notes the `txnAppId` and `txnVersion` of the write, and leaves out one of the same name
# whose number is not higher than the last. (Give each job a name of its own: a new job under an old name and a lower
# number would write nothing, without a word.) Both ways are tried here, each twice.


# %%
def merge(rows):
    """The nightly load by key."""
    rows.createOrReplaceTempView("news")
    spark.sql(f"""
        MERGE INTO delta.`{path}` AS t USING news AS s ON t.order_id = s.order_id
        WHEN MATCHED THEN UPDATE SET *
        WHEN NOT MATCHED THEN INSERT *
    """).collect()


def append_once(rows, folder, night):
    """The nightly load by name: the same night is written once."""
    named = rows.write.format("delta").mode("append").option("txnAppId", "nightly orders").option("txnVersion", night)
    named.save(folder)


by_name = lake.scratch("orders_by_name")
before.write.format("delta").mode("overwrite").save(by_name)
for attempt in (1, 2):
    merge(news)
    append_once(news, by_name, 20251201)
    by = [f"{spark.read.format('delta').load(folder).count():,}" for folder in (path, by_name)]
    print(f"after attempt {attempt}: {by[0]} rows by key, {by[1]} by name")
print(f"revenue since November: {revenue():,}")

# %% [markdown]
# And let somebody watch who does not trust loads: a check after each that the key is unique, and that rows
# written are rows read.

# %%
table = spark.read.format("delta").load(path)
named = spark.read.format("delta").load(by_name)
for rows in (table, named):
    assert rows.groupBy("order_id").count().where("count > 1").count() == 0, "an order stands twice"
    assert rows.count() == orders.count(), "rows were lost or added"
assert revenue() == right, "revenue is not that of the source"
