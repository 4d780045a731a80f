# %% [markdown]
# # 3.6 Cohorts
#
# "Do customers come back?" has no answer in a list of orders sorted by date: the old and the new are mixed. A cohort
# is all customers who began in the same month, and a row of the answer says how many of them ordered so many months
# later. `months_since` is 0 in the month itself, where everybody of the cohort is there.
#
# A customer who orders twice in a month is one customer.
#
# **Goal.** Return for every cohort and every month in which somebody of it ordered: `cohort_month` (the first day of
# the month of a customer's first order), `months_since` (how many months after it, a whole number) and `customers` (how
# many different customers of the cohort ordered in that month). A month in which nobody of a cohort ordered has no row.
# Orders whose `status` is `cancelled` count neither as first nor as
# later orders. `silver.orders` has `month`, the first day of the order's month.

# %%
from pyspark.sql import functions as F


def answer(spark, lake):
    lake.read("silver.orders").createOrReplaceTempView("orders")
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk, explain_plan

spark, lake = desk()
answer(spark, lake).show()
explain_plan(answer(spark, lake), run=True)

# %%
check("3.6", answer)
