# %% [markdown]
# # Project: Log analysis on a stream
#
# *Two to three days. The starter runs as it is, and stops where your work begins. `RUBRIC.md` says what counts.*
#
# **The question.** The shop writes a line of log for each click. Within minutes somebody should know when something
# is wrong: no purchases any more, one device without a cart, ten times as many visits as usual.
#
# **The data.** Lines of text in a folder, made here from `silver.events`. In production they come from Kafka.

# %%
import shutil
import uuid

from pyspark.sql import functions as F

from emberlake.school import desk

spark, lake = desk()
LOGS, OUT = lake.scratch("logs"), lake.scratch(f"log_analysis_{uuid.uuid4().hex[:8]}")

# %% [markdown]
# ## Lines as they come
#
# Twelve files, in the order of time. Every thousandth line is broken: real logs are.

# %%
events = lake.read("silver.events").select("event_id", "occurred_at", "session_id", "event", "device")
line = F.concat_ws(
    " ",
    F.date_format("occurred_at", "yyyy-MM-dd'T'HH:mm:ss'Z'"),
    F.lit("INFO"),
    F.concat(F.lit("session="), F.col("session_id").cast("string")),
    F.concat(F.lit("device="), "device"),
    F.concat(F.lit("event="), "event"),
)
broken = F.when(F.pmod("event_id", F.lit(1000)) == 0, F.lit("2025-13-99 ???")).otherwise(line)
shutil.rmtree(LOGS, ignore_errors=True)
events.repartitionByRange(12, "occurred_at").select(broken.alias("value")).write.text(LOGS)
for row in spark.read.text(LOGS).head(2):
    print(row["value"])

# %% [markdown]
# ## Parse, and keep what does not parse
#
# `regexp_extract` gives an empty text where the pattern does not match, `try_to_timestamp` a null: nothing raises,
# and nothing is lost. Lines that cannot be read are counted, too. If there are suddenly many, that is the alarm.

# %%
PATTERN = r"^(\S+) (\w+) session=(\d+) device=(\w+) event=(\w+)$"


def parsed(lines):
    def part(number):
        return F.regexp_extract("value", PATTERN, number)

    at = F.try_to_timestamp(F.nullif(part(1), F.lit("")), F.lit("yyyy-MM-dd'T'HH:mm:ss'Z'"))
    return lines.select(at.alias("at"), part(4).alias("device"), part(5).alias("event"), "value")


batch = parsed(spark.read.text(LOGS))
batch.agg(F.count("*").alias("lines"), F.count("at").alias("read")).show()

# %% [markdown]
# ## Count by hour, on the stream
#
# The same function, on `readStream`. The watermark says how late a line may be; behind it an hour is final, and goes
# to the table. `availableNow` runs until all files are read, so that this ends.

# %%
stream = parsed(spark.readStream.option("maxFilesPerTrigger", 4).text(LOGS)).where("at is not null")
hours = stream.withWatermark("at", "1 hour").groupBy(F.window("at", "1 hour").alias("hour"), "event").count()
query = (
    hours.select(F.col("hour.start").alias("hour"), "event", "count")
    .writeStream.format("delta")
    .outputMode("append")
    .option("checkpointLocation", f"{OUT}/checkpoint")
    .trigger(availableNow=True)
    .start(f"{OUT}/hours")
)
query.awaitTermination()
counted = spark.read.format("delta").load(f"{OUT}/hours")
counted.groupBy("event").agg(F.sum("count").alias("lines"), F.count("*").alias("hours")).orderBy("event").show()

# %% [markdown]
# ## From here on it is yours
#
# 1. What is usual? For each hour of the week the median and the spread of the weeks before; an alarm where it is left
#    by far.
# 2. Plant a fault (no `purchase` for three hours; one device gone), and measure after how many minutes it is noticed,
#    and how many false alarms a week cost you.
# 3. Lines out of order and lines that come twice: what does your count make of them? (`dropDuplicatesWithinWatermark`)
# 4. Broken lines into a table of their own, with the reason.
# 5. Stop the query in the middle, start it again, and show that no line counts twice.
#
# **Traps.** Files are not read in the order of their times, so that the watermark can run ahead and drop a whole
# file: compare the stream's sum with the batch's, and explain the difference. A folder that is written over needs a
# new checkpoint.
