# %% [markdown]
# # Lab 4: Small files, and a column that changed
#
# A till in each store sends its orders every few minutes as a file. After some weeks two things have gone wrong at
# once: the table became slow, and one morning its sum cannot be computed any more. About 20 minutes.

# %%
import shutil
import time
from pathlib import Path

import pyarrow.parquet as pq
from pyspark.sql import functions as F

from emberlake.school import desk

spark, lake = desk()
store = lake.read("silver.orders").select("order_id", "ordered_at", "amount")
true_sum = store.agg(F.sum("amount")).first()[0]

# %% [markdown]
# ## What happened
#
# The files were put into a folder as they came. First 120 small ones; then the till got new software, which writes the
# amount as a text with a comma, and names its cashier.

# %%
folder = lake.scratch("till")
shutil.rmtree(folder, ignore_errors=True)
old = store.where("ordered_at < timestamp'2025-12-01'")
new = store.where("ordered_at >= timestamp'2025-12-01'").select(
    "order_id",
    "ordered_at",
    F.translate(F.col("amount").cast("string"), ".", ",").alias("amount"),
    F.concat(F.lit("till-"), F.col("order_id") % 3).alias("cashier"),
)
old.repartition(120).write.parquet(folder)
new.repartition(20).write.mode("append").parquet(folder)  # nobody asked whether it fits

failure = ""
try:
    print(spark.read.schema(old.schema).parquet(folder).agg(F.sum("amount")).first())
except Exception as e:
    failure = str(e)
print("The sum:", failure.strip().splitlines()[0][:160])
assert failure

# %% [markdown]
# The append went through: a folder of Parquet files has no schema of its own, only its files have. The error came to
# those who read, days later. And reading as a whole has become slow:

# %%
begun = time.perf_counter()
spark.read.parquet(folder).select("order_id").distinct().count()
slow = time.perf_counter() - begun
files = list(Path(folder).glob("part-*"))
print(f"{slow:.2f} s for {len(files)} files of {sum(f.stat().st_size for f in files) / len(files) / 1024:.1f} kB each")

# %% [markdown]
# ## Find it
#
# Which files have which schema? A footer says it, and can be read without the rows.

# %%
schemas = {}
for file in files:
    schema = pq.read_schema(file)
    told = ", ".join(f"{field.name} {field.type}" for field in schema)
    schemas.setdefault(told, []).append(file.name)
for told, names in schemas.items():
    print(f"{len(names):4} files: {told}")
assert len(schemas) == 2

# %% [markdown]
# ## Mend it
#
# Each kind is read by its own schema and brought to one: the amount is a number, and the cashier is null where there
# was none. A text that is no number even with a point in place of the comma is null after `try_cast` (a `cast` would
# raise), and has to be looked at. Then all of it goes into a Delta table, in one file.

# %%
old_files, new_files = (
    [f"{folder}/{name}" for told, names in schemas.items() if ("cashier" in told) == kind for name in names]
    for kind in (False, True)
)
number = F.translate("amount", ",", ".").try_cast("decimal(12,2)")
read_old = spark.read.parquet(*old_files)
read_new = spark.read.parquet(*new_files).withColumn("number", number)
unreadable = read_new.where("number IS NULL AND amount IS NOT NULL").count()
print(unreadable, "amounts could not be read")

both = read_old.unionByName(read_new.drop("amount").withColumnRenamed("number", "amount"), allowMissingColumns=True)
table = lake.scratch("till-table")
shutil.rmtree(table, ignore_errors=True)
both.coalesce(1).write.format("delta").save(table)

begun = time.perf_counter()
spark.read.format("delta").load(table).select("order_id").distinct().count()
print(f"{slow:.2f} s before, {time.perf_counter() - begun:.2f} s now")

# %% [markdown]
# ## Prevent it
#
# The table refuses what does not fit. The day on which the software changes, the load fails, and not the report.

# %%
refused = ""
try:
    new.limit(10).write.format("delta").mode("append").save(table)
except Exception as e:
    refused = str(e)
print("The append:", refused.strip().splitlines()[0][:160])

# %% [markdown]
# Small files come again with every load; it is how they arrive. `OPTIMIZE` writes them together as a new version of the
# same rows, once a day or after so many loads.

# %%
later = both.limit(60).withColumn("order_id", F.col("order_id") + 10_000_000)
later.repartition(12).write.format("delta").mode("append").save(table)


def files_in_table():
    return spark.sql(f"DESCRIBE DETAIL delta.`{table}`").first()["numFiles"]


before = files_in_table()
spark.sql(f"OPTIMIZE delta.`{table}`")
after = files_in_table()
print(f"{before} files before OPTIMIZE, {after} after")

# %%
mended = spark.read.format("delta").load(table)
assert unreadable == 0
assert mended.where("order_id < 10000000").agg(F.sum("amount")).first()[0] == true_sum
assert mended.where("cashier IS NOT NULL AND order_id < 10000000").count() == new.count()
assert refused and after < before
