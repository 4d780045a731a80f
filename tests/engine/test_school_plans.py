"""Plans of real runs: what classic Spark and Spark Connect say after a run, and what is made of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from pyspark.sql import functions as F

from emberlake.engine.java import find_java
from emberlake.errors import EmberlakeError
from emberlake.school import explain_plan
from emberlake.school.plans import read_plan
from emberlake.school.plans.facts import broadcasts, caches, python_nodes, rows_out, scans, shuffles

spark_only = pytest.mark.only("spark")


@pytest.fixture
def orders(engine, tmp_path):
    path = str(tmp_path / "orders")
    # One file: the statistics of two would leave half of the rows unread.
    rows = engine.session.range(0, 1000, 1, 1).withColumn("user_id", F.col("id") % 10)
    rows.write.parquet(path)
    return engine.session.read.parquet(path)


@spark_only
def test_before_a_run_it_is_the_initial_plan_and_after_it_the_final_one_with_its_rows(engine, orders):
    users = engine.session.range(10).withColumnRenamed("id", "user_id")
    df = orders.where("id >= 500").join(F.broadcast(users), "user_id").groupBy("user_id").count()
    before = read_plan(df)
    assert (before.state, before.ran) == ("initial", False)
    assert len(df.collect()) == 10
    after = read_plan(df)
    assert (after.state, after.ran) == ("final", True)
    assert len(shuffles(after)) == 1 and [each.side for each in broadcasts(after)] == ["right"]
    assert rows_out(after.root) == 10
    (scan,) = scans(after)
    assert scan.node.metrics["numOutputRows"] == 1000 and scan.node.metrics["filesSize"] > 0


@spark_only
def test_running_leaves_the_rows_where_they_are_and_fills_in_the_figures(engine, orders):
    explained = explain_plan(orders.groupBy("user_id").count(), run=True)
    assert explained.plan.state == "final"
    assert any(each.rows for each in explained.movements)
    assert "plan that ran" in explained.text()


@spark_only
def test_a_cache_that_is_used_twice_and_a_python_udf_are_seen(engine, orders):
    kept = orders.where("id < 100").cache()
    twice = kept.groupBy("user_id").count().join(kept.groupBy("user_id").agg(F.max("id")), "user_id")
    assert len(twice.collect()) == 10
    assert len(caches(read_plan(twice))) == 2
    kept.unpersist()
    # Right above a scan of Parquet: what never ended while UDFs went by Arrow (docs/decisions/0124).
    told = orders.select(F.udf(lambda n: n + 1, "long")("id").alias("n"))
    assert len(told.collect()) == 1000
    assert len(python_nodes(read_plan(told))) == 1


@pytest.mark.only("sail")
def test_the_embedded_engine_says_that_its_plans_are_others(engine):
    with pytest.raises(EmberlakeError, match="not Spark's"):
        explain_plan(engine.session.range(3))


CONNECT = """
import json, sys
from pyspark.sql import SparkSession, functions as F
from emberlake.school.plans import read_plan
from emberlake.school.plans.facts import shuffles, rows_out
spark = SparkSession.builder.remote("local[2]").getOrCreate()
try:
    df = spark.range(1000).withColumn("k", F.col("id") % 10).groupBy("k").count()
    before = read_plan(df)
    df.collect()
    after = read_plan(df)
    told = [before.state, before.ran, after.state, after.ran, len(shuffles(after)), rows_out(after.root)]
    print("TOLD", json.dumps(told))
finally:
    spark.stop()
"""


@pytest.mark.once
def test_spark_connect_says_the_same(engine, tmp_path):
    java = find_java(engine.settings)
    environment = {**os.environ, "JAVA_HOME": str(java.home), "SPARK_LOCAL_IP": "127.0.0.1"}
    done = subprocess.run(
        [sys.executable, "-c", CONNECT], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=500
    )
    line = next((line for line in done.stdout.splitlines() if "TOLD" in line), "")
    assert line, done.stderr[-2000:]
    assert json.loads(line.split("TOLD ")[1]) == ["initial", False, "final", True, 1, 10]
