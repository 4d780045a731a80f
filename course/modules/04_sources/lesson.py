# %% [markdown]
# # Module 4: Data sources
# *About 35 minutes; 8 exercises.*
#
# ## Goals
#
# - Choose between CSV, JSON, Parquet and Delta, and say what each costs to read.
# - Say a schema, and decide what happens to lines that do not fit it.
# - Lay files out in folders that filters can choose, in sizes that are quick to read.
# - Read an older version of a table, merge changes into it, and let it grow a column on purpose.
# - Exchange data with a database, in parallel or in one transaction.

# %% [markdown]
# ## Four formats
#
# | | types | read by column | skips by value | can be changed | for |
# |---|---|---|---|---|---|
# | CSV | none | no | no | no | what people and old systems send |
# | JSON lines | few | no | no | no | events, nested data, APIs |
# | Parquet | yes | yes | yes | no | files that are written once |
# | Delta | yes | yes | yes | yes: rows, schema, versions | tables |
#
# Delta is Parquet with a log. `spark.read.format(…).load(path)` reads each of them and `df.write.format(…).save(path)`
# writes it; `spark.read.csv(path)` and `df.write.parquet(path)` are shorter forms. A folder that is there already is an
# error, unless the write says `mode("overwrite")` or `mode("append")`. The same orders, written four times:

# %%
import shutil
import sqlite3
import time
from pathlib import Path

from delta.tables import DeltaTable
from pyspark.sql import functions as F

from emberlake.school import desk, explain_plan

spark, lake = desk()
orders = lake.read("silver.orders").select("order_id", "user_id", "ordered_at", "status", "country", "amount")


def size(path):
    return sum(file.stat().st_size for file in Path(path).rglob("part-*"))


for form in ("csv", "json", "parquet", "delta"):
    path = lake.scratch(f"orders-{form}")
    shutil.rmtree(path, ignore_errors=True)  # so that the cell can be run again
    writer = orders.coalesce(1).write.format(form)
    (writer.option("header", True) if form == "csv" else writer).save(path)
    begun = time.perf_counter()
    reader = spark.read.format(form)
    if form in ("csv", "json"):
        reader = reader.schema(orders.schema)
    table = (reader.option("header", True) if form == "csv" else reader).load(path)
    total = table.agg(F.sum("amount")).first()[0]
    print(
        f"{form:8} {size(path) / 1024:7.0f} kB, one column added up in {time.perf_counter() - begun:.2f} s: {total:,}"
    )

# %% [markdown]
# On a shop of this size the times are those of starting a job; the sizes tell more. A text format writes the names
# (JSON) and every digit anew in each row. Parquet packs a column by itself: a country is one of eight, and takes three
# bits.
#
# ## Text at the door: schema and mode
#
# A CSV file has no types. `inferSchema=True` reads it twice, the first time to guess. The guess depends on the data of
# that day: a column that is empty becomes a text, a code such as `007` becomes 7, a price becomes a `double`. JSON
# readers guess, too, unless they are told. **Say the schema**; it is also the first test of a file. In a CSV file the
# columns are then taken by their place. The header is passed over, unless `enforceSchema=False` asks for its names to
# be compared.
#
# A line that does not fit has three fates, by the option `mode`: `PERMISSIVE`, which is the default (null where a value
# cannot be read, and the whole text in `_corrupt_record` if the schema has such a column), `DROPMALFORMED` (gone
# without a word), `FAILFAST` (the query fails). In a pipeline the first one, with the text kept, is what lets somebody
# ask the sender:

# %%
lines = [
    "order_id,amount,ordered_at",
    "1,19.90,2025-11-03 10:00:00",
    '2,"1.299,00",2025-11-03 11:00:00',
    "3,5.00,2025-11-03",
    "4,7.50",
    "5,free,2025-11-03 12:00:00",
]
(folder := Path(lake.scratch("sent"))).mkdir(parents=True, exist_ok=True)
(folder / "orders.csv").write_text("\n".join(lines))

schema = "order_id long, amount decimal(12,2), ordered_at timestamp, _corrupt_record string"
sent = spark.read.schema(schema).csv(str(folder), header=True)
sent.show(truncate=False)

# %% [markdown]
# Order 4 ends early, and order 5 has a word for an amount: both are kept with their text. Order 3 has a day without a
# time, which can be read as its midnight: whether that is right, only a rule of the business says. Order 2 is the worst
# one. Its comma is a decimal mark, but the reader takes a comma for what separates thousands, and drops it: 1.29900, in
# two digits 1.30. A schema catches what cannot be read, and not what can be read as something else: for that there are
# rules on values. (A file that is written with such commas throughout is read with the option `locale="de-DE"`.)
#
# The platform keeps what does not fit as well: what cannot be read goes to `_rescued` in bronze, and what breaks a rule
# to quarantine, with file and line.
#
# **Exercises:** 4.1, 4.2
#
# ## Folders and file sizes
#
# ![Folders by month: a filter opens one of them](pictures/folders.svg)
#
# `partitionBy("month")` writes a folder for each month. The value is in the folder's name and in no file, and a filter
# on it chooses folders before anything is opened: `PartitionFilters` in the plan. Choose a column that questions filter
# by and that has tens or hundreds of values, not millions: each folder has a file at least. (`user_id` is a bad choice,
# `ordered_at` a worse one.)
#
# Each task writes a file in every folder for which it has rows. Eight tasks and 24 months may become 192 files. For a
# reader every file is a round trip, an open and a footer before the first row. **A few hundred megabytes** is a good
# size for a file on a cluster. Before the write, bring what belongs together into one task:

# %%
parts = lake.read("silver.orders").select("order_id", "month", "amount").repartition(8, "order_id")
for name, written in (("as-it-is", parts), ("by-month", parts.repartition("month"))):
    path = lake.scratch(name)
    written.write.mode("overwrite").partitionBy("month").parquet(path)
    print(f"{name}: {len(list(Path(path).rglob('part-*')))} files in {len(list(Path(path).glob('month=*')))} folders")

# %%
november = spark.read.parquet(lake.scratch("by-month")).where("month = date'2025-11-01'")
print(explain_plan(november.agg(F.sum("amount")), run=True).text())

# %% [markdown]
# Types of folder names are guessed when they are read: `hour=08` comes back as the number 8, unless you say the schema.
#
# **Exercises:** 4.3, 4.4
#
# ## Delta: a table that can be changed
#
# ![The log of a Delta table: each version says which files are in it](pictures/delta_log.svg)
#
# Parquet files cannot be changed, and a folder of them has no boundary: who reads while another writes sees half of it.
# Delta adds a log. Each write is a numbered entry that says which files came and which went, and an entry is there or
# not. So a reader sees one version, whole.
#
# `DeltaTable.forPath(spark, path)` has the commands of a table: `merge`, `update`, `delete`, `history`. SQL has them,
# too; there a table without a name is called by its folder.

# %%
path = lake.scratch("prices")
shutil.rmtree(path, ignore_errors=True)
products = lake.read("silver.products").select("product_id", F.col("list_price").alias("price"))
products.write.format("delta").save(path)

prices = DeltaTable.forPath(spark, path)
changes = lake.read("silver.prices").where("is_current").select("product_id", "price")
(
    prices.alias("t")
    .merge(changes.alias("c"), "t.product_id = c.product_id")
    .whenMatchedUpdate(condition="t.price <> c.price", set={"price": "c.price"})
    .whenNotMatchedInsertAll()
    .execute()
)
prices.delete("price < 5")  # in SQL: DELETE FROM delta.`/its/folder` WHERE price < 5
prices.history().select("version", "operation", "operationMetrics").orderBy("version").show(truncate=90)

# %% [markdown]
# **MERGE** compares by a condition, updates what matches and inserts the rest. A row may match one row of the changes
# at most: bring these to one row a key first. Merging the same changes again changes nothing, which makes a job safe to
# repeat.
#
# **Time travel** reads what the log said at an earlier entry. It lasts as long as the files do: `VACUUM` removes those
# that no version of the last seven days needs.

# %%
for version in (0, 1, 2):
    then = spark.read.format("delta").option("versionAsOf", version).load(path)
    print(version, then.agg(F.count("*"), F.sum("price")).first())

# %% [markdown]
# **The schema is a promise.** An append with a column that the table does not have is refused, and one with another
# type, too. `mergeSchema` lets the column in; older rows are null in it. A type is changed only on purpose
# (`overwriteSchema` with all rows, or widening, where a table allows it).

# %%
coloured = products.limit(5).withColumn("colour", F.lit("red"))
try:
    coloured.write.format("delta").mode("append").save(path)
except Exception as e:
    print("refused:", str(e).splitlines()[0][:110])

coloured.write.format("delta").mode("append").option("mergeSchema", "true").save(path)
spark.read.format("delta").load(path).groupBy("colour").count().show()

# %% [markdown]
# **Exercises:** 4.5, 4.6, 4.7
#
# ## Databases
#
# `spark.read.jdbc` asks a database by SQL. It needs the database's driver as a JAR on Spark's class path
# (`spark.jars.packages`, or a file). Spark ships one, for Derby, a small database that lives in the JVM, so that it can
# be shown here. Filters and the choice of columns are handed on to the database: `PushedFilters` in the plan, with a
# star where Spark need not filter again. A grouping is computed by Spark, on all rows that come; to have the database
# do it, read a query of your own, `spark.read.format("jdbc").option("query", "SELECT …")`.
#
# By default one task reads everything through one connection. With a numeric or date column and its bounds, as many
# tasks as you say ask for a range each. The bounds only cut ranges; rows outside them are read, too.

# %%
url = "jdbc:derby:memory:shop;create=true"
small = orders.select("order_id", "country", "amount")
# A text would become a CLOB, which Derby does not compare.
small.write.mode("overwrite").option("createTableColumnTypes", "country VARCHAR(2)").jdbc(url, "orders")

from_db = spark.read.jdbc(url, "orders", column="order_id", lowerBound=1, upperBound=5000, numPartitions=4)
large = from_db.where("country = 'DE' AND amount > 100")
large.explain()
print(large.count(), "rows, read by up to 4 tasks")

# %% [markdown]
# Writing, each task has a connection and a transaction of its own. A task that fails is repeated, and a job that fails
# half-way leaves half of its rows. So write to a table beside the real one and exchange them, or upsert by key.
#
# For SQLite there is no driver in Spark, and SQLite takes one writer at a time. A result that is small goes by Python's
# own driver, in one transaction: `INSERT … ON CONFLICT (key) DO UPDATE` is an upsert, which updates the row of that key
# or inserts it. A large result goes by JDBC or by `foreachPartition`, with a connection for each task, to a database
# that takes many.

# %%
database = lake.scratch("shop.db")
sums = orders.groupBy("country").agg(F.sum("amount").cast("double").alias("revenue"))
with sqlite3.connect(database) as db:
    db.execute("CREATE TABLE IF NOT EXISTS sums (country TEXT PRIMARY KEY, revenue REAL)")
    upsert = "INSERT INTO sums VALUES (?, ?) ON CONFLICT (country) DO UPDATE SET revenue = excluded.revenue"
    db.executemany(upsert, [tuple(row) for row in sums.collect()])
    print(db.execute("SELECT * FROM sums ORDER BY revenue DESC LIMIT 3").fetchall())

# %% [markdown]
# **Exercises:** 4.8
#
# ## Naive and tuned
#
# The same lines in 200 files, and in one. The rows are the same, and so is the question.

# %%
lines = lake.read("silver.order_items")
lines.repartition(200).write.mode("overwrite").parquet(lake.scratch("naive"))
lines.coalesce(1).write.mode("overwrite").parquet(lake.scratch("tuned"))


def ask(name):
    table = spark.read.parquet(lake.scratch(name))
    return table.groupBy("product_id").agg(F.sum("quantity").alias("pieces")).orderBy("product_id")


answers = {}
for name in ("naive", "tuned"):
    ask(name).collect()  # the first one warms up
    begun = time.perf_counter()
    answers[name] = ask(name).collect()
    seconds = time.perf_counter() - begun
    files = len(list(Path(lake.scratch(name)).glob("part-*")))
    print(f"{name}: {files} files, {size(lake.scratch(name)) / 1024:.0f} kB, {seconds:.2f} s")

assert answers["naive"] == answers["tuned"]
assert size(lake.scratch("naive")) > 2 * size(lake.scratch("tuned"))

# %% [markdown]
# Two hundred footers cost more bytes than the rows, and each file is opened. A Delta table is mended in place:
# `OPTIMIZE` writes its small files together as a new version. That is the lab.
#
# Large files can be passed over, too. Parquet has the smallest and the largest value of each column in its footer, and
# Delta has them for each file in its log: a filter leaves out files whose range cannot match. That helps only where
# rows with near values lie together. `OPTIMIZE t ZORDER BY (user_id, product_id)` sorts the rows into files so that the
# ranges are narrow in several columns at once; folders could do that for one column with few values.
#
# ## Summary
#
# - Text has no types: say the schema, keep what does not fit, and leave text at the door.
# - Folders are for columns that questions filter by; file sizes are made before the write.
# - Delta's log makes a folder a table: whole versions, MERGE, history.
# - New columns come in by `mergeSchema`, on purpose; other changes are refused.
# - A write that may run twice has a key.
#
# ## What to read next
#
# - *Data Sources*: *CSV Files*, *JSON Files*, *Parquet Files*, *JDBC To Other Databases*,
#   <https://spark.apache.org/docs/latest/sql-data-sources.html>
# - *Table deletes, updates, and merges* and *Table batch reads and writes*,
#   <https://docs.delta.io/latest/delta-update.html>, <https://docs.delta.io/latest/delta-batch.html>
# - *Designing Data-Intensive Applications* (Kleppmann), chapter 3 (storage) and chapter 4 (schemas that change).
