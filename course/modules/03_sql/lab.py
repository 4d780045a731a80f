# %% [markdown]
# # Lab 3: Revenue that nobody booked
#
# The board's report shows revenue by city. This month it is well above what finance has booked. No order came twice,
# and no query failed. About 20 minutes.

# %%
from pyspark.sql import functions as F

from emberlake.school import desk, explain_plan

spark, lake = desk()
for name in ("orders", "users", "addresses"):
    lake.read(f"silver.{name}").createOrReplaceTempView(name)

booked = spark.sql("SELECT SUM(amount) FROM orders WHERE status <> 'cancelled'").first()[0]
print(f"Finance has booked {booked:,} EUR.")

# %% [markdown]
# ## What happened
#
# The report joins the orders with the customers' addresses:

# %%
report = spark.sql("""
    SELECT a.city, COUNT(*) AS orders, SUM(o.amount) AS revenue
    FROM orders AS o
    JOIN addresses AS a ON a.user_id = o.user_id
    WHERE o.status <> 'cancelled'
    GROUP BY a.city
    ORDER BY revenue DESC
""")
report.show(5)
shown = report.agg(F.sum("revenue")).first()[0]
print(f"The report shows {shown:,} EUR, {shown / booked:.2f} times what was booked.")
assert shown != booked

# %% [markdown]
# The rows look like any others. Nothing in them says that they are wrong: each of them is true, and some are there more
# than once.
#
# ## Find it
#
# Take the aggregation away and count, before the join and after it. A join by a key that is there once at most on the
# right side can never have more rows than the left side.

# %%
kept = lake.read("silver.orders").where("status != 'cancelled'")
addresses = lake.read("silver.addresses")
joined = kept.join(addresses.select("user_id", "city"), "user_id")
print(f"{kept.count():,} orders, {joined.count():,} rows after the join")
print(f"{kept.join(addresses, 'user_id', 'left_anti').count():,} orders have no address and are lost by the inner join")

# %% [markdown]
# The join multiplies. An inner join may lose rows as well, those without a match, and the second number says whether it
# did. Where both happen the two errors may cancel out, which is worse than a sum that is too high: nobody looks. Now
# the key: how many rows has a user among the addresses?

# %%
versions = addresses.groupBy("user_id").count()
versions.groupBy("count").agg(F.count("*").alias("users")).orderBy("count").show()
addresses.where("user_id IN (SELECT user_id FROM addresses GROUP BY user_id HAVING COUNT(*) > 1)").select(
    "user_id", "city", "valid_from", "valid_to", "is_current"
).orderBy("user_id", "valid_from").show(4)

# %% [markdown]
# The grain of `silver.addresses` is a *version* of an address, not a user: it keeps history (a slowly changing
# dimension of type 2). Its key is `user_id` and `changed_at`. The report was right as long as nobody moved.
#
# In the plan it is seen after it ran: the join has more rows coming out than going in.

# %%
print(explain_plan(joined.groupBy("city").agg(F.sum("amount")), run=True).text())

# %% [markdown]
# ## Mend it
#
# Which address is meant? There are two honest answers. *Where do our customers live now?* takes the current version.
# *Where did the order's customer live when they ordered?* takes the version that held at that moment. Revenue of the
# past should not move when a customer does, so this report wants the second. The interval is half-open: from
# `valid_from`, until `valid_to`, which is null while the version holds. A LEFT join keeps orders without an address,
# under a name of their own.

# %%
mended = spark.sql("""
    SELECT COALESCE(a.city, '(unknown)') AS city, COUNT(*) AS orders, SUM(o.amount) AS revenue
    FROM orders AS o
    LEFT JOIN addresses AS a
      ON a.user_id = o.user_id
     AND o.ordered_at >= a.valid_from
     AND (o.ordered_at < a.valid_to OR a.valid_to IS NULL)
    WHERE o.status <> 'cancelled'
    GROUP BY COALESCE(a.city, '(unknown)')
    ORDER BY revenue DESC
""")
mended.show(5)

# %% [markdown]
# Two mends that are none: `SELECT DISTINCT` before the sum also drops two true orders of the same amount, and
# `dropDuplicates(["order_id"])` after the join keeps one address by chance, perhaps another one tomorrow.
#
# ## Prevent it
#
# Say what you believe about a key, where you use it. And reconcile: parts have to add up to the whole, to the cent.


# %%
def one_row_per(df, *key):
    """Give the DataFrame back if its key is one.

    Raises:
        ValueError: if two rows have the same key; the message has one of them.
    """
    twice = df.groupBy(*key).count().where("count > 1").limit(1).collect()
    if twice:
        values = {name: twice[0][name] for name in key}
        raise ValueError(f"{', '.join(key)} is no key: {twice[0]['count']} rows have {values}.")
    return df


told = ""
try:
    one_row_per(addresses, "user_id")
except ValueError as e:
    told = str(e)
print(told)

current = one_row_per(addresses.where("is_current"), "user_id")
by_home = (
    kept.join(current.select("user_id", "city"), "user_id", "left").groupBy("city").agg(F.sum("amount").alias("r"))
)

# %%
assert "is no key" in told
assert mended.agg(F.sum("revenue")).first()[0] == booked
assert mended.agg(F.sum("orders")).first()[0] == kept.count()
assert by_home.agg(F.sum("r")).first()[0] == booked
