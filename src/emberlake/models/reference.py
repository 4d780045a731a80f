"""How the features of a training were spread: small histograms, counted by the engine, to measure drift from."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

# Fifty bins for the test's distance; the index of stability joins them to ten.
BINS = 50
LEVELS = 50
OTHERS, NULL = "(others)", "(null)"
PREDICTION = "prediction"
# How rows are counted into bins; counts of another way cannot be compared with these.
FORMAT = 2
_NUMBERS = ("double", "float", "bigint", "int", "smallint", "tinyint", "boolean")


def reference_of(features: DataFrame, predicted: DataFrame | None) -> dict[str, Any]:
    """Histograms of features and predictions.

    Args:
        features: one column a feature; columns that are neither numbers nor texts are left out.
        predicted: one column `prediction`.

    Returns:
        By feature: kind (number or level), and edges with counts (one more than edges: the first below the first edge)
        or levels with counts; nulls. The prediction is there under its own name.
    """
    made = {**histograms(features)}
    if predicted is not None:
        made |= {PREDICTION: histograms(predicted)[PREDICTION]}
    return {"format": FORMAT, "features": made}


def histograms(rows: DataFrame, like: dict[str, Any] | None = None) -> dict[str, Any]:
    """Count rows into bins, in two passes at most whatever the number of columns.

    Args:
        like: histograms whose edges and levels are taken; None: own ones, at quantiles and the most frequent levels.
    """
    kinds = {n: k for n, k in _kinds(rows).items() if like is None or n in like}
    numbers = [name for name, kind in kinds.items() if kind == "number"]
    levels = [name for name, kind in kinds.items() if kind == "level"]
    edges = {n: like[n]["edges"] for n in numbers} if like is not None else _edges(rows, numbers)
    return _counted(rows, edges) | {name: _levels(rows, name, like[name] if like else None) for name in levels}


def _kinds(rows: DataFrame) -> dict[str, str]:
    found = {}
    for field in rows.schema.fields:
        kind = field.dataType.simpleString()
        if kind in _NUMBERS or kind.startswith("decimal"):
            found[field.name] = "number"
        elif kind == "string":
            found[field.name] = "level"
    return found


def _edges(rows: DataFrame, names: list[str]) -> dict[str, list[float]]:
    """Quantiles, each value once."""
    if not names:
        return {}
    shares = [i / BINS for i in range(1, BINS)]
    # Within 0.1 % of a rank: a bin holds 2 %.
    asked = [F.percentile_approx(_number(n), shares, F.lit(1_000)).alias(f"q{i}") for i, n in enumerate(names)]
    got = rows.agg(*asked).first()
    ends = {n: sorted({q for q in got[f"q{i}"] or () if isfinite(q)}) for i, n in enumerate(names)} if got else {}
    return {name: found or [0.0] for name, found in ends.items()}


def _number(name: str) -> Column:
    value = F.col(f"`{name}`").cast("double")
    return F.when(~F.isnan(value), value)


def _counted(rows: DataFrame, edges: dict[str, list[float]]) -> dict[str, Any]:
    """All columns in one pass; a bin is from its edge, included, to the next one."""
    if not edges:
        return {}
    from pyspark.ml.feature import Bucketizer

    inf, places = float("inf"), range(len(edges))
    values = rows.select(*[_number(name).alias(f"v{i}") for i, name in enumerate(edges)])
    bins = Bucketizer(
        splitsArray=[[-inf, *ends, inf] for ends in edges.values()],
        inputCols=[f"v{i}" for i in places], outputCols=[f"b{i}" for i in places], handleInvalid="keep",
    ).transform(values)  # fmt: skip
    each = F.explode(
        F.array(*[F.struct(F.lit(i).alias("place"), F.col(f"b{i}").cast("int").alias("bin")) for i in places])
    )
    counted = bins.select(each.alias("one")).groupBy("one.place", "one.bin").agg(F.count("*").alias("rows")).collect()
    got = {(row.place, row.bin): int(row.rows) for row in counted}
    made = {}
    for place, (name, ends) in enumerate(edges.items()):
        counts = [got.get((place, number), 0) for number in range(len(ends) + 1)]
        # What is no number lies in a bin of its own, after the last.
        made[name] = {"kind": "number", "edges": ends, "counts": counts, "nulls": got.get((place, len(ends) + 1), 0)}
    return made


def _levels(rows: DataFrame, name: str, like: dict[str, Any] | None) -> dict[str, Any]:
    column = F.col(f"`{name}`")
    if like is None:
        return _top_levels(rows.groupBy(column.alias("level")).agg(F.count("*").alias("rows")))
    known = [level for level in like["levels"] if level not in (OTHERS, NULL)]
    level = F.when(column.isNull(), NULL).when(column.isin(known), column).otherwise(OTHERS)
    got = {
        row.level: int(row.rows) for row in rows.groupBy(level.alias("level")).agg(F.count("*").alias("rows")).collect()
    }
    counts = {level: got.get(level, 0) for level in (*known, OTHERS, NULL)}
    return {"kind": "level", "levels": counts}


def _top_levels(counted: DataFrame) -> dict[str, Any]:
    """The most frequent levels, and what is left, from one pass over the rows."""
    from pyspark.sql import Window

    known = F.col("level").isNotNull()
    rank = F.row_number().over(Window.partitionBy(known).orderBy(F.desc("rows"), "level"))
    kept = F.when(~known, NULL).when(rank <= LEVELS, F.col("level")).otherwise(OTHERS)
    ranked = counted.select("rows", rank.alias("rank"), kept.alias("kept")).groupBy("kept")
    got = ranked.agg(F.sum("rows").alias("rows"), F.min("rank").alias("rank")).orderBy("rank").collect()
    counts = {row.kept: int(row.rows) for row in got if row.kept not in (OTHERS, NULL)}
    rest = {row.kept: int(row.rows) for row in got if row.kept in (OTHERS, NULL)}
    return {"kind": "level", "levels": counts | {name: rest.get(name, 0) for name in (OTHERS, NULL)}}
