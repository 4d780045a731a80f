"""A DataFrame's plan: its text, and what was counted if it ran."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emberlake.school.plans.metrics import with_connect_metrics, with_jvm_metrics
from emberlake.school.plans.node import Plan
from emberlake.school.plans.text import PlanUnreadable, parse

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def read_plan(df: DataFrame, run: bool = False) -> Plan:
    """The physical plan of a DataFrame of classic Spark or Spark Connect.

    After `df.collect()`, `df.toPandas()` or `df.toArrow()` it is the plan that ran, with its figures. `count()` and
    `write` make a plan of their own, which this DataFrame does not know of.

    Args:
        df: the DataFrame.
        run: run it first. Classic Spark throws the rows away where they are; over Connect they come here.

    Raises:
        PlanUnreadable: if the session is not Spark's (the embedded engine has plans of another kind).
    """
    classic = "connect" not in type(df).__module__
    if run and classic:
        df._jdf.queryExecution().toRdd().count()  # type: ignore[operator]
    elif run:
        df.toArrow()
    text = _printed(df) if classic else df._explain_string(mode="formatted")  # type: ignore[operator]
    try:
        plan = parse(text)
    except PlanUnreadable:
        raise PlanUnreadable(
            "This session's plans cannot be read: they are not Spark's.",
            "Open the DataFrame on Spark (--engine spark); the embedded engine plans in its own way.",
        ) from None
    if classic:
        return with_jvm_metrics(plan, df)
    told = getattr(df.executionInfo, "metrics", None)
    return with_connect_metrics(plan, told) if told is not None else plan


def _printed(df: DataFrame) -> str:
    """What `df.explain` prints, of the DataFrame's own execution: after a run, the plan that ran."""
    jvm = df.sparkSession._jvm
    return str(
        jvm.org.apache.spark.sql.api.python.PythonSQLUtils.explainString(  # type: ignore[union-attr]
            df._jdf.queryExecution(),
            "formatted",  # type: ignore[operator]
        )
    )
