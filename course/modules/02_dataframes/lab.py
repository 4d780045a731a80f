# %% [markdown]
# # Lab 2: A wrong key and a null trap
#
# ## What happened
#
# Marketing asked for the revenue by the channel that brought the customer, without orders that used the welcome
# coupon. The numbers came quickly and looked like numbers. A month later somebody added them up: they were far
# below the shop's revenue. No error, no warning.

# %%
from pyspark.sql import functions as F

from emberlake.school import desk

spark, lake = desk()
orders = lake.read("silver.orders").where("status <> 'cancelled'")
users = lake.read("silver.users")


def as_it_was():
    """The report that was sent."""
    kept = orders.where(F.col("coupon") != "WELCOME5").select("user_id", "country", "order_id", "amount")
    customers = users.select("user_id", "country", F.col("channel").alias("came_by"))
    return kept.join(customers, ["user_id", "country"]).groupBy("came_by").agg(F.sum("amount").alias("revenue"))


as_it_was().orderBy("came_by").show()
shown = as_it_was().agg(F.sum("revenue")).first()[0]
everything = orders.agg(F.sum("amount")).first()[0]
with_it = orders.where("coupon = 'WELCOME5'").agg(F.coalesce(F.sum("amount"), F.lit(0))).first()[0]
print(f"shown {shown:,}, but the shop's revenue is {everything:,}, of which {with_it:,} used the coupon")
assert shown < everything - with_it

# %% [markdown]
# ## Find it
#
# Count rows after every step, and ask each step whether it may lose any. Two of them lose rows that nobody wanted
# to lose.

# %%
steps = {
    "orders": orders,
    "without the coupon": orders.where(F.col("coupon") != "WELCOME5"),
    "that have no coupon at all": orders.where("coupon is null"),
    "that find their user by both columns": orders.join(users, ["user_id", "country"], "left_semi"),
    "that find their user by user_id": orders.join(users, "user_id", "left_semi"),
}
for name, rows in steps.items():
    print(f"{rows.count():>6,} {name}")

# %% [markdown]
# The filter: where `coupon` is null, `coupon != 'WELCOME5'` is null, and a filter keeps what is true. Most orders
# have no coupon, and they are gone. The plan says it in one word: among the filters is `isnotnull(coupon)`, which Spark
# may add since a row without a coupon can never pass.
#
# The key: both tables have a column `country`. In one it is where the user lives, in the other where the order
# goes to. A join on all columns of the same name (as `NATURAL JOIN` does) drops each gift to another country.

# %%
orders.where(F.col("coupon") != "WELCOME5").select("order_id").explain()
elsewhere = orders.join(users.select("user_id", F.col("country").alias("home")), "user_id").where("country <> home")
print(f"{elsewhere.count():,} orders go to another country than their user's")

# %% [markdown]
# ## Mend it
#
# Compare null-safely, and join on what identifies a user. A left join keeps an order whose user is unknown, and
# says so.


# %%
def mended():
    """Every order that did not use the coupon counts once."""
    kept = orders.where(~F.col("coupon").eqNullSafe("WELCOME5")).select("user_id", "order_id", "amount")
    customers = users.select("user_id", F.col("channel").alias("came_by"))
    came_by = F.coalesce("came_by", F.lit("unknown")).alias("came_by")
    return kept.join(customers, "user_id", "left").groupBy(came_by).agg(F.sum("amount").alias("revenue"))


mended().orderBy("came_by").show()

# %% [markdown]
# ## Prevent it
#
# - A sum of parts is compared with the whole: a report that loses rows does not pass.
# - Before a join, count whether the key is unique on the side that must not multiply; after it, count the rows.
# - Name the key. A column that has the same name in two tables need not mean the same.

# %%
total = mended().agg(F.sum("revenue")).first()[0]
assert total == everything - with_it, "the parts do not add up to the whole"
assert users.groupBy("user_id").count().where("count > 1").count() == 0, "a user stands twice"
