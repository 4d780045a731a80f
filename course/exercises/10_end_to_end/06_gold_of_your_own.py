# %% [markdown]
# # 10.6 A gold table of your own
#
# A mart has one row for what its readers ask about: here a day and a country. Sales and refunds are two facts with
# days of their own. Each is summed by itself, and then the two are put together; joined before they are summed, an
# order with two returns counts twice (a fan-out). A day on which nothing was sold but something came back is in only
# one of the two, and so is a day with sales and no refund: both have to stay.
#
# **Goal.** Return `day`, `country`, `orders`, `revenue` and `refunds`: orders that are not cancelled and their
# `amount`, by the day of `ordered_at`; and the `refund` of `silver.returns` of such orders, by the day of
# `returned_at`. The country is the order's. What there is none of is 0; a day and country with neither has no row.
# (In silver every order has a `status`, so the filter below loses none; where it may be null, say what becomes of it.)

# %%
from pyspark.sql import functions as F


def answer(spark, lake):
    orders = lake.read("silver.orders").where("status <> 'cancelled'")
    returns = lake.read("silver.returns")
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
answer(spark, lake).show()

# %%
check("10.6", answer)
