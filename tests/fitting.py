"""What a recipe is given, without MLflow around it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from emberlake.models.recipe import Fitting


def fitting(session: SparkSession, tables: Mapping[str, DataFrame], folder: Path) -> Fitting:
    """A training that stages into `folder`."""
    numbers = itertools.count()

    def stage(rows: DataFrame) -> DataFrame:
        path = str(folder / str(next(numbers)))
        rows.write.parquet(path)
        return session.read.parquet(path)

    return Fitting(session, tables, stage)
