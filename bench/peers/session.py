"""A SparkSession as Delta's own "quick start" has it, with nothing else set."""

from __future__ import annotations

import os

from pyspark.sql import SparkSession


def plain_session(name: str) -> SparkSession:
    """Spark's defaults with Delta; its JARs come from BENCH_JARS, which spares this session Ivy's seconds."""
    return (
        SparkSession.builder.appName(name)
        .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
        .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
        .config("spark.driver.extraClassPath", os.environ["BENCH_JARS"])
        # The data is in UTC, and a notebook says so too.
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
