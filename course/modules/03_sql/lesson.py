# %% [markdown]
# # Module 3: SQL and BI
# *About 35 minutes; 8 exercises.*
#
# ## Goals
#
# - Ask a DataFrame in SQL, with parameters instead of glued text.
# - Choose the kind of a join by what should happen to rows without a match, and notice when a join multiplies rows.
# - Compute running totals, ranks and shares by window functions, and say which rows each of them sees.
# - Read a business question as SQL: cohorts, RFM segments, subtotals, a pivot.
# - Run the platform's own reports, and read their SQL.

# %% [markdown]
# ## Views, SQL and parameters
#
# A view is a name for a DataFrame. Nothing is copied, and nothing runs. `spark.sql` gives a DataFrame, so that SQL and
# functions can be mixed as you like. Both become the same plan, so neither is quicker.

# %%
import time
from datetime import date

from pyspark.sql import functions as F

from emberlake.reports import find_report, list_reports, run_report
from emberlake.school import desk, explain_plan

spark, lake = desk()
for name in ("orders", "order_items", "payments", "users", "products", "events"):
    lake.read(f"silver.{name}").createOrReplaceTempView(name)

by_channel = spark.sql("""
    SELECT channel, COUNT(*) AS orders, ROUND(AVG(amount), 2) AS average
    FROM orders WHERE status <> 'cancelled'
    GROUP BY channel HAVING COUNT(*) > 100 ORDER BY average DESC
""")
by_channel.show()

# %% [markdown]
# SQL is written in one order and computed in another: FROM and JOIN, WHERE, GROUP BY, HAVING, window functions, SELECT,
# ORDER BY, LIMIT. That is why WHERE cannot see a sum (there are no groups yet), why HAVING can, and why a window
# function cannot stand in either: put it into a subquery and filter outside, or write `QUALIFY`, which is for windows
# what HAVING is for groups (Spark 4.2 has it, many databases do not).
#
# Values come in as **parameters**. `:since` in the text stands for a value from `args`, whatever characters are in it.
# A text glued together by an f-string breaks on the first name with a quote, and lets a stranger's text become SQL.

# %%
text = """
    SELECT country, SUM(amount) AS revenue
    FROM orders WHERE status <> 'cancelled' AND ordered_at >= :since AND ordered_at < :until
    GROUP BY country ORDER BY revenue DESC
    LIMIT :most
"""
spark.sql(text, args={"since": date(2025, 11, 1), "until": date(2025, 12, 1), "most": 3}).show()

# %% [markdown]
# **Exercises:** 3.1, 3.2
#
# ## Joins: what happens to rows without a match, and to those with many
#
# | kind | keeps | typical question |
# |---|---|---|
# | `INNER` | pairs that match | lines with their product |
# | `LEFT` | all of the left side, nulls where there is no match | all users, with their orders if any |
# | `FULL` | all of both sides | two lists compared |
# | `LEFT SEMI` | rows of the left that have a match, once each | users who ordered |
# | `LEFT ANTI` | rows of the left without a match | users who never ordered |
# | `CROSS` | every pair | a calendar of all days and shops |
#
# `ON o.user_id = u.user_id` says which rows are a pair. `USING (user_id)` says the same where the column has one name
# on both sides, and gives it once. A name that both tables have, such as `status`, needs its table before it:
# `orders.status`, or `o.status` after `FROM orders AS o`. With functions the kind is the third argument:
# `users.join(orders, "user_id", "left_anti")`.
#
# Two mistakes are in most wrong reports. The first is a filter on the right side after a LEFT join: `WHERE o.status =
# 'paid'` is not true where `o.status` is null, so those without a match are gone again. Put the condition into the ON.
# The second is a join that **multiplies**.
#
# ![An order with two attempts to pay comes out of the join twice](pictures/fan_out.svg)
#
# A join gives a row for each pair. If a key is there once on one side and twice on the other, its rows come out twice,
# with all their amounts. Know the **grain** of each table, what one row stands for, and bring both sides to one grain
# before you add up. Counting shows it:

# %%
count = spark.sql("""
    SELECT (SELECT COUNT(*) FROM orders) AS orders,
           COUNT(*) AS joined,
           COUNT(DISTINCT order_id) AS different_orders
    FROM orders JOIN payments USING (order_id)
""").first()
print(count)
assert count.joined > count.different_orders

# %% [markdown]
# Nulls match nothing, not even each other: `NULL = NULL` is null. `<=>` is the comparison that takes two nulls as
# equal. And `NOT IN` over a list that has a null in it is never true, for any row. It costs more, too: where nulls are
# possible Spark has to send the whole list to every task, while `NOT EXISTS` can be any kind of anti join.

# %%
for question in (
    "SELECT COUNT(*) FROM users WHERE user_id NOT IN (SELECT user_id FROM events)",
    "SELECT COUNT(*) FROM users WHERE NOT EXISTS (SELECT 1 FROM events WHERE events.user_id = users.user_id)",
):
    print(f"{spark.sql(question).first()[0]:5} from {question}")

# %% [markdown]
# **Exercises:** 3.3, 3.4
#
# ## Subqueries, and names for them
#
# A subquery in brackets may give one value (a **scalar** subquery), a list (`IN`, `EXISTS`), or a table (`FROM`). It is
# **correlated** if it uses a column of the query around it; Spark rewrites that to a join. `WITH` gives subqueries
# names, so that a long question reads from top to bottom. It is a name and not a table: what is used twice may be
# computed twice.
#
# Which products bring more than twice what a product of their category brings on average, and how much do they bring
# together? `sold` is used twice, and the second use is correlated by `category`:

# %%
spark.sql("""
    WITH sold AS (
        SELECT p.category, p.name, SUM(i.quantity * i.unit_price) AS revenue
        FROM order_items AS i JOIN products AS p USING (product_id)
        GROUP BY p.category, p.product_id, p.name
    )
    SELECT category, COUNT(*) AS products, ROUND(SUM(revenue), 2) AS revenue
    FROM sold AS s
    WHERE revenue > (SELECT 2 * AVG(revenue) FROM sold AS o WHERE o.category = s.category)
    GROUP BY category ORDER BY revenue DESC
""").show(5)

# %% [markdown]
# ## Window functions
#
# ![Three frames: the partition, from the beginning to here, two before to here](pictures/frames.svg)
#
# A grouping gives one row a group. A window function leaves every row and puts a value beside it, computed from the
# rows around: a rank, the row before, a running total, a share of the whole. PARTITION BY says which rows belong
# together, ORDER BY in which order, and the frame from where to where.
#
# Without ORDER BY the frame is the whole partition. With it, and without a frame, it is `RANGE BETWEEN UNBOUNDED
# PRECEDING AND CURRENT ROW`: from the beginning to here, and rows that the ORDER BY holds equal to this one are
# included. So in an order by day, two orders of one day get the same running total, the one after both. `ROWS` counts
# rows instead. `LAG(x)` is the value one row before, `LEAD(x)` one row after; at the ends they are null.

# %%
spark.sql("""
    WITH months AS (SELECT month, SUM(amount) AS revenue FROM orders WHERE status <> 'cancelled' GROUP BY month)
    SELECT month, revenue,
           SUM(revenue) OVER (ORDER BY month) AS running,
           ROUND(revenue / SUM(revenue) OVER (), 3) AS share,
           ROUND(revenue / LAG(revenue) OVER (ORDER BY month) - 1, 3) AS growth,
           ROUND(AVG(revenue) OVER (ORDER BY month ROWS BETWEEN 2 PRECEDING AND CURRENT ROW), 2) AS smooth,
           RANK() OVER (ORDER BY revenue DESC) AS place
    FROM months
    ORDER BY month
""").show(6)

# %% [markdown]
# `ROW_NUMBER` numbers rows and breaks ties as they come, `RANK` gives equals the same place and leaves a gap,
# `DENSE_RANK` leaves none. `NTILE(5)` cuts the ordered rows into fifths and numbers them from 1; where the number of
# rows does not divide by five, the first ones have a row more. Where ties decide who is in and who is out, add a key to
# the ORDER BY: without it the answer may change from run to run.
#
# With functions a window is made first, and a function stands `over` it:
# `F.lag("revenue").over(Window.orderBy("month"))`. `.rowsBetween(-2, 0)` at the end of the window is its frame: the two
# rows before, and this one.
#
# In the plan a window is an `Exchange` by the PARTITION BY, a `Sort`, and `Window`. Without a PARTITION BY all rows go
# to one task, and Spark warns of it. After an aggregation, as above, that is a handful of rows.
#
# **Exercises:** 3.5
#
# ## From a question to a query
#
# Business questions have words that hide a decision. "How many customers come back?" *Customers*: who signed up, or who
# bought? *Come back*: a second order, in the next month, ever? Cancelled ones, too? Write the answer's first row down
# by hand before you write SQL: its columns, and its grain. Then work from the grain back to the tables.
#
# **Cohorts** answer it by the month of the first order. The grain is cohort and month:

# %%
cohorts = spark.sql("""
    WITH kept AS (
        SELECT user_id, month, MIN(month) OVER (PARTITION BY user_id) AS cohort_month
        FROM orders WHERE status <> 'cancelled'
    )
    SELECT cohort_month, CAST(MONTHS_BETWEEN(month, cohort_month) AS INT) AS months_since,
           COUNT(DISTINCT user_id) AS customers
    FROM kept GROUP BY cohort_month, month
""")
cohorts.createOrReplaceTempView("cohorts")
cohorts.where("months_since <= 6").groupBy("cohort_month").pivot("months_since", list(range(7))).agg(
    F.first("customers")
).orderBy("cohort_month").show(6)

# %% [markdown]
# `pivot` turns values into columns, for people to read. With the list of values it is one pass; without it Spark has to
# find them first, in a run of its own. SQL has `PIVOT`, too. A sum with a condition for each column does the same in
# any database: `SUM(CASE WHEN channel = 'web' THEN amount END) AS web`. Spark has a shorter form of it:
# `SUM(amount) FILTER (WHERE channel = 'web') AS web`.
#
# **RFM** describes each customer by three numbers: how long ago the last order was (recency), how many orders there
# were (frequency), and what they were worth (money). Each becomes a score by its fifth, `NTILE(5)`. The platform keeps
# the scores in `gold.customer_360`, and names the segments that they make:

# %%
lake.read("gold.customer_360").where("orders > 0").groupBy("segment").agg(
    F.count("*").alias("customers"),
    F.round(F.avg("recency_days"), 1).alias("days_since"),
    F.round(F.avg("orders"), 1).alias("orders"),
    F.round(F.sum("revenue"), 0).alias("revenue"),
).orderBy(F.desc("revenue")).show(truncate=False)

# %% [markdown]
# **Subtotals** in one pass: `ROLLUP (a, b)` groups by a and b, by a, and by nothing; `CUBE (a, b)` by b alone, too;
# `GROUPING SETS` by what you list. In a subtotal the columns that were added up are null, and `GROUPING(a)` tells such
# a null from one that is a value (`GROUPING_ID` packs several of them into a number). In the plan it is an `Expand`:
# each row is copied once for every level.

# %%
spark.sql("""
    SELECT channel, status, GROUPING_ID(channel, status) AS level, COUNT(*) AS orders, SUM(amount) AS revenue
    FROM orders WHERE month = date'2025-11-01'
    GROUP BY ROLLUP (channel, status) ORDER BY level DESC, channel, status
""").show(6)

# %% [markdown]
# **Exercises:** 3.6, 3.7, 3.8
#
# ## The platform's reports
#
# A report of the platform is one `.sql` file: a comment says its question, parameters and units, and the rest is SQL
# with named parameters, as above. `emberlake report --list` shows them, and `emberlake report cohort_retention` runs
# one. Most read gold, where revenue is counted once: then a report need not remember which orders are cancelled.

# %%
print(len(list_reports()), "reports, among them:", ", ".join(report.name for report in list_reports()[:6]))
report = find_report("rfm_segments")
print(report.question, report.sql, sep="\n")

# %% [markdown]
# `:country` is null unless it is given, and `:country is null or …` then lets every row pass. The sum over all segments
# is a window over the few rows that the grouping leaves, not a second query:

# %%
run_report(spark, lake, "rfm_segments", {"country": "DE"}).show()

# %% [markdown]
# ## Naive and tuned
#
# The question: the revenue of each country in three channels, and in all. The naive version asks four times and joins
# the answers. The tuned one asks once, with conditions in the sums.

# %%
orders = lake.read("silver.orders").where("status != 'cancelled'")


def naive():
    parts = orders.groupBy("country").agg(F.sum("amount").alias("all"))
    for channel in ("web", "app", "store"):
        one = orders.where(F.col("channel") == channel).groupBy("country").agg(F.sum("amount").alias(channel))
        parts = parts.join(one, "country", "left")
    return parts


def tuned():
    sums = [F.sum(F.when(F.col("channel") == each, F.col("amount"))).alias(each) for each in ("web", "app", "store")]
    return orders.groupBy("country").agg(F.sum("amount").alias("all"), *sums)


for version in (naive, tuned):
    begun = time.perf_counter()
    version().collect()
    seconds = time.perf_counter() - begun
    moved = len(explain_plan(version(), run=True).movements)
    print(f"{version.__name__}: {seconds:.2f} s, data move {moved} times")

assert naive().orderBy("country").collect() == tuned().orderBy("country").collect()
assert len(explain_plan(tuned(), run=True).movements) < len(explain_plan(naive(), run=True).movements)

# %% [markdown]
# ## Summary
#
# - Views are names; SQL and functions make the same plans; values come in by `args`.
# - A join multiplies where a key is there several times: know the grain, count before and after.
# - `NOT EXISTS` or an anti join, not `NOT IN`, where nulls may be.
# - A window's frame says which rows it sees; with an ORDER BY it ends at the current row unless you say more.
# - One pass with conditions or grouping sets is better than several queries joined.
#
# ## What to read next
#
# - *SQL Reference*, above all *JOIN*, *GROUP BY Clause* and *Window Functions*,
#   <https://spark.apache.org/docs/latest/sql-ref.html>
# - *ANSI Compliance*: which mistakes raise, <https://spark.apache.org/docs/latest/sql-ref-ansi-compliance.html>
# - *NULL Semantics*, <https://spark.apache.org/docs/latest/sql-ref-null-semantics.html>
# - *The Data Warehouse Toolkit* (Kimball, Ross), chapters 1 to 3, on grain and facts.
