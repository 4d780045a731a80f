# %% [markdown]
# # Lab 9: The loop that got slower
#
# ## What happened
#
# A job walks the invitations: who came through whom, and through whom those came. Each round follows one more
# invitation. It was tried with three rounds and was quick. Then somebody asked for the whole chain, and the job
# never came back: every round took longer than the one before, although each had fewer users left. No error, no
# full disk; the driver was busy, and the executors were not.

# %%
import contextlib
import io
import time

from pyspark.sql import functions as F

from emberlake.school import desk

spark, lake = desk()
users = lake.read("silver.users").select("user_id", F.col("referred_by").alias("parent"))
parents = users.select(F.col("user_id").alias("parent"), F.col("parent").alias("grandparent"))
start = users.select("user_id", F.coalesce("parent", "user_id").alias("root"), "parent")


def one_more(rows):
    """Everybody one invitation further up: whoever has no parent is at the root."""
    return rows.join(parents, "parent", "left").select(
        "user_id", F.coalesce("parent", "root").alias("root"), F.col("grandparent").alias("parent")
    )


def described(df):
    """The plan as text."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        df.explain()
    return said.getvalue()


def walk(rounds, keep):
    """So many rounds, with the joins and seconds of each; `keep` is told every round's rows."""
    rows = start
    for number in range(rounds):
        begun = time.perf_counter()
        further = one_more(rows)
        rows = keep(further, number)
        left = rows.where("parent is not null").count()
        joins, seconds = described(further).count("Join "), time.perf_counter() - begun
        print(f"round {number + 1}: {left} still on their way, {joins} joins planned, {seconds:.2f} s")
    return rows


# Spark's first queries are slow whatever they ask: they are not to be the first round's.
one_more(start).where("parent is not null").count()
slow = walk(5, lambda rows, number: rows)

# %% [markdown]
# ## Find it
#
# Fewer and fewer are on their way, so the work is not in the rows. Look at the plan: how many joins has it, and
# how often is the table of users read? One round has one join. The fifth has five, and the count of every round
# ran all joins before it once more. Planning is done at the driver, which is why only the driver was busy. Five
# rounds of a thousand users are too short for a clock; what grows for certain is the number of joins.

# %%
joins = [described(rows).count("Join ") for rows in (one_more(start), one_more(one_more(start)), slow)]
print(f"joins in the plan after 1, 2 and 5 rounds: {joins}")
assert joins[0] < joins[1] < joins[2]

# %% [markdown]
# Where the Spark UI is on, its page of SQL queries shows the same: each query is longer than the one before. And a
# stack of the driver (`jstack`), taken while it is busy, is deep in the optimizer.
#
# ## Mend it
#
# Make a round's rows real and begin the next plan from them. A file works on every engine. `localCheckpoint()` does
# the same without a folder on Spark, and its rows are lost with an executor. `cache()` is not enough: it keeps the
# rows, and the plan goes on growing.


# %%
def to_file(rows, number):
    """The rows, written and read back."""
    path = lake.scratch(f"walk-{number}")
    rows.write.mode("overwrite").parquet(path)
    return spark.read.parquet(path)


quick = walk(5, to_file)
print(f"joins in the plan after 5 rounds: {described(quick).count('Join ')}")

# %% [markdown]
# Fewer rounds help, too. Pointer jumping follows two invitations in the first round, four in the second, eight in
# the third: a chain of a thousand takes ten rounds.
#
# ## Prevent it
#
# - Write down, for any loop over DataFrames, where its lineage is cut. `emberlake.graphs.Rounds` does it for each
#   round.
# - End a loop by what it still changes, and tell somebody: rounds done, change, seconds. A number that grows is
#   seen early.
# - Put the plan's size into a test: the plan of round five has no more joins than that of round one.

# %%
assert described(quick).count("Join ") == 0, "the last plan begins at a file"
assert described(slow).count("Join ") >= 5
same = slow.select("user_id", "root").exceptAll(quick.select("user_id", "root"))
assert same.count() == 0, "cutting the lineage changes no row"
