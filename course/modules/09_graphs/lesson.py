# %% [markdown]
# # Module 9: Graphs
# *About 35 minutes; 8 exercises.*
#
# ## Goals
#
# - Keep a graph as two tables, and count what meets at each vertex.
# - Look for patterns of edges by joins, and know what a hub does to a join.
# - Write an iterative program whose plans do not grow from round to round.
# - Ask the library for ranks, components, communities and triangles, and read what it says.
# - Predict new links, and say whom to tell first.

# %%
import contextlib
import io
import time
from pathlib import Path

from pyspark.sql import functions as F

from emberlake.graphs import Rounds, building, components, pagerank
from emberlake.school import desk, explain_plan

spark, lake = desk()

# %% [markdown]
# ## A graph is two tables
#
# Users follow each other, products are bought together, somebody brings a friend. Such things are graphs:
# vertices, and edges between them. In Spark a graph needs no type of its own. Vertices are a table with an id;
# edges are a table with two ids, where an edge begins and where it ends. All that you know of DataFrames goes on
# to hold.
#
# The shop's follows lead from the follower to the followed. The edge has a direction, and a column that says
# since when.

# %%
follows = lake.read("silver.follows")
users = lake.read("silver.users").select("user_id")
follows.show(3)
print(f"{users.count():,} vertices, {follows.count():,} edges")

# %% [markdown]
# The number of edges at a vertex is its degree; with directions there are two of them. Most users have few
# followers, and some have very many. That is so in nearly every graph that people make, and it is the one thing
# to keep in mind when such a graph is joined.

# %%
followers = follows.groupBy(F.col("followee_id").alias("user_id")).agg(F.count("*").alias("followers"))
followers.select(
    F.count("*").alias("followed users"),
    F.expr("percentile(followers, 0.5)").alias("median"),
    F.max("followers").alias("most"),
).show()

# %% [markdown]
# An aggregation of the edges has no row for a vertex without edges. Users whom nobody follows have to come from
# the table of the vertices, by a left join, and their count is 0 and not null.
#
# **Exercises:** 9.1
#
# ## Patterns are joins
#
# A motif is a small pattern of edges. Each edge of it is the table of edges once more, and where a name stands
# twice the join compares. `(a)-[]->(b); (b)-[]->(c)` is one join. An edge that must not be there is an anti join.
# A table that is joined with itself needs a name for each side: rename the columns, as here, or write
# `x, y = follows.alias("x"), follows.alias("y")` and `F.col("x.follower_id")`.
#
# ![A pattern of two edges and one that is absent, and the joins that find it](pictures/motif.svg)

# %%
first = follows.select(F.col("follower_id").alias("a"), F.col("followee_id").alias("b"))
second = first.select(F.col("a").alias("b"), F.col("b").alias("c"))
known = first.select("a", F.col("b").alias("c"))
near = first.join(second, "b").where("a <> c").join(known, ["a", "c"], "left_anti")
near.groupBy("a", "c").agg(F.count("*").alias("common")).orderBy(F.desc("common"), "a", "c").show(3)

# %% [markdown]
# Who is two steps away is likely to be followed next, and the more ways there are the likelier. To score such pairs
# is **link prediction**. Common neighbours are the plainest score; Adamic and Adar let a common neighbour count the
# less the more neighbours they have, since a star is everybody's acquaintance. `emberlake.graphs.links` has several,
# up to a small graph neural network, all judged on the same follows that were held out.
#
# A triangle is a pattern, too. Looked for as it stands it is found six times, once for each order of its corners.
# Asked for with a < b < c it is found once; the join is smaller by about as much.
#
# **Exercises:** 9.2, 9.4, 9.5
#
# ## What a hub does
#
# A join of edges with themselves makes followers × following rows at each vertex. A user with 10,000 followers who
# follows 1,000 others makes ten million rows alone, and all of them have the same key: where the join is shuffled
# they lie in one partition, and one task works while the others wait. That is skew, and it comes from the graph, not
# from the machine. Adaptive execution splits a partition that is too large, but it looks at the bytes that go into
# the join (256 MB or more by default): 11,000 edges are few, and the ten million rows are only made behind it.
#
# ![Edges in and out of a hub, and the rows that a join makes of them](pictures/hub.svg)

# %%
following = follows.groupBy(F.col("follower_id").alias("user_id")).agg(F.count("*").alias("following"))
through = followers.join(following, "user_id").withColumn("paths", F.col("followers") * F.col("following"))
total = through.agg(F.sum("paths")).first()[0]
print(f"{follows.count():,} edges make {total:,} paths of two steps")
through.orderBy(F.desc("paths"), "user_id").show(3)

# %% [markdown]
# The two counts above read the follows twice. Exercise 9.3 asks for one reading: an edge becomes two rows, one for each
# end (`F.explode` of an array of two structs), and one grouping sums both.
#
# Degrees foretell what a join will make, before it is made. Three things help: count instead of making the rows,
# where a count is all that is asked; orient the edges from the lower degree to the higher one, so that no vertex
# has many outgoing edges (triangles are counted like that); and leave a hub's edges out where they say nothing.
#
# **Exercises:** 9.3
#
# ## Rounds
#
# Paths, ranks and components need more than one step, and how many is not known before. Each round is a join of
# the edges with what the round before found. A DataFrame is a recipe: the recipe of round ten holds that of round
# nine, which holds that of round eight. Nothing was kept, so each action runs all of it, and the planner, too,
# has more to read in every round.
#
# What a DataFrame was made from is called its lineage, and here it grows. It is cut by making the rows real: written
# to a file and read back, a round's plan begins at the file. Spark has its own words for it: `checkpoint` writes to a
# folder that was named before (`spark.sparkContext.setCheckpointDir`), `localCheckpoint` keeps the rows in the
# executors and loses them with one, `cache` keeps rows but also the whole plan. A file does the same on every
# engine, also where `cache` is refused, as on Databricks Free Edition.
#
# ![The plan of each round without and with files in between](pictures/lineage.svg)

# %%
arcs = follows.select(F.col("followee_id").alias("src"), F.col("follower_id").alias("dst"))
star = followers.orderBy(F.desc("followers"), "user_id").first()["user_id"]


def reached_from(start, steps, keep):
    """Whom a message of `start` reaches, level by level; `keep` makes a round's rows real, or does not."""
    reached = spark.createDataFrame([(start, 0)], "user_id long, steps int")
    for step in range(1, steps + 1):
        last = reached.where(F.col("steps") == step - 1).select(F.col("user_id").alias("src"))
        near = arcs.join(last, "src").select(F.col("dst").alias("user_id")).distinct()
        new = near.join(reached, "user_id", "left_anti").withColumn("steps", F.lit(step))
        reached = keep(reached.unionAll(new), step)
    return reached


def to_file(rows, step):
    """The rows, written and read back."""
    path = lake.scratch(f"reached-{step}")
    rows.write.mode("overwrite").parquet(path)
    return spark.read.parquet(path)


reached_from(star, 3, to_file).groupBy("steps").count().orderBy("steps").show()

# %% [markdown]
# **Exercises:** 9.6, 9.7
#
# ## Ask the library
#
# `emberlake.graphs` has the usual methods as DataFrame programs. `Graph` is vertices and edges that were checked;
# `Rounds` is a folder for the rounds, gone at the end of the `with`. What a method returns lies in that folder:
# write it elsewhere, or collect it, before the end.

# %%
tables = {name: lake.read(name) for name in building.READS["follows"]}
graph = building.follows(tables)
with Rounds(spark, Path(lake.scratch("rounds"))) as rounds:
    ranks = {row["id"]: row["rank"] for row in pagerank(graph, rounds, most=5).collect()}
    parts = components(graph, rounds).groupBy("component").count().orderBy(F.desc("count"), "component").collect()
print(f"ranks sum to {sum(ranks.values()):.3f}; the first three: {sorted(ranks, key=lambda u: -ranks[u])[:3]}")
print(f"components: {len(parts)}; the largest has {parts[0]['count']:,} users")

# %% [markdown]
# PageRank is the share of time that a walker who goes along follows at random, and now and then starts anew anywhere,
# spends at each user. It asks who is followed by those who are followed themselves. These ranks sum to one; in
# exercise 9.7 each begins at 1, which is the same times the number of users. A component is everybody who is
# connected at all; in a social graph nearly all are in one, and it says little. Communities say more: sets of users
# with more edges between them than chance would have it. Louvain's method moves vertices while that helps, contracts
# what belongs together to one vertex, and begins again. A star ties everybody to everybody, so `building.quietened`
# makes a follow of a star weigh less.
#
# `triangles(graph, rounds)` and `louvain(building.quietened(graph), rounds)` are called the same way.
#
# Spark has a library of its own for graphs, GraphX, on RDDs and without Python. GraphFrames has DataFrames and Python;
# it is installed apart, and its releases for Spark 4 bring their own copy of GraphX. Its words are the ones used here
# (`id`, `src`, `dst`, motifs), and `to_graphframe(graph)` hands it a graph where it is installed.
#
# **Exercises:** 9.8
#
# ## Whom to tell first
#
# The most followed users need not be the best group of tellers: their followers are often the same people. To choose
# the group is called influence maximisation. Greedy choice takes one after another, each time the one who adds most.
# It reaches at worst 63 % of those whom the best group of that size would reach (Nemhauser, Wolsey and Fisher 1978),
# and in practice nearly all of them.

# %%
hears = {row["user_id"]: set(row["by"]) for row in follows.groupBy(F.col("followee_id").alias("user_id")).agg(
    F.collect_set("follower_id").alias("by")
).collect()}  # fmt: skip
loud = sorted(hears, key=lambda user: (-len(hears[user]), user))[:20]
told, chosen = set(), []
for _ in range(20):
    best = min(hears, key=lambda user: (-len(hears[user] - told), user))
    chosen.append(best)
    told |= hears[best]
print(
    f"the twenty most followed reach {len(set().union(*(hears[user] for user in loud)))}, chosen one by one {len(told)}"
)

# %% [markdown]
# This one fits into the driver, as a thousand users do. `emberlake graph spread` does it for a message that is
# passed on with a chance, on DataFrames.
#
# ## Naive and tuned
#
# The same three levels, once as one growing plan and once with a file after each. The answer is the same. What
# differs is how often the follows are read by the last plan, and it differs more with every round.


# %%
def scans(df):
    """How many files' scans a plan has."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        df.explain()
    return said.getvalue().count("FileScan")


found = {}
for name, keep in {"naive": lambda rows, step: rows, "tuned": to_file}.items():
    begun = time.perf_counter()
    rows = reached_from(star, 3, keep)
    found[name] = (rows.count(), scans(rows))
    print(f"{name}: {time.perf_counter() - begun:.1f} s, {found[name][1]} scans in the last plan")
assert found["naive"][0] == found["tuned"][0]
assert found["naive"][1] > found["tuned"][1] == 1

# %%
explain_plan(rows)

# %% [markdown]
# On so small a graph writing may take longer than planning: the file has its price, and it is paid once a round.
# With more rounds the plan without files grows until planning alone takes minutes, and a lost executor means that all
# rounds are run again.
#
# ## Summary
#
# - A graph is two tables: degrees are groupings, patterns joins, absent edges anti joins.
# - A hub makes followers × following rows at one key: look at degrees before joining edges with edges.
# - A loop over DataFrames grows its plan; cut the lineage every round, or every few, by a file or a checkpoint.
# - Ranks, components and communities answer different questions.
#
# ## What to read next
#
# - Spark SQL, Performance Tuning: <https://spark.apache.org/docs/latest/sql-performance-tuning.html>
# - Spark, RDD Programming Guide, on persistence and checkpoints:
#   <https://spark.apache.org/docs/latest/rdd-programming-guide.html>
# - Mark Newman, *Networks*, 2nd edition (2018): chapters 7 and 10 on measures and degrees.
# - Jure Leskovec, Anand Rajaraman, Jeffrey Ullman, *Mining of Massive Datasets*: chapters 5 (PageRank) and 10
#   (social graphs).
