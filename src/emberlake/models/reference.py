"""How the features of a training were spread: small histograms, counted by the engine, to measure drift from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

# Fifty bins for the test's distance; the index of stability joins them to ten.
BINS = 50
LEVELS = 50
OTHERS, NULL = "(others)", "(null)"
PREDICTION = "prediction"
_NUMBERS = ("double", "float", "bigint", "int", "smallint", "tinyint", "boolean")


def reference_of(features: DataFrame, predicted: DataFrame | None) -> dict[str, Any]:
    """Histograms of features and predictions.

    Args:
        features: one column a feature; columns that are neither numbers nor texts are left out.
        predicted: one column `prediction`.

    Returns:
        By feature: kind (number or level), and edges with counts (one more than edges: the first up to the first edge)
        or levels with counts; nulls. The prediction is there under its own name.
    """
    made = {**histograms(features)}
    if predicted is not None:
        made |= {PREDICTION: histograms(predicted)[PREDICTION]}
    return {"features": made}


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
    return {n: sorted(set(got[f"q{i}"] or ())) for i, n in enumerate(names)} if got else {}


def _number(name: str) -> Column:
    value = F.col(f"`{name}`").cast("double")
    return F.when(~F.isnan(value), value)


def _counted(rows: DataFrame, edges: dict[str, list[float]]) -> dict[str, Any]:
    if not edges:
        return {}
    asked = []
    for place, (name, ends) in enumerate(edges.items()):
        value = _number(name)
        # Rows up to each edge; the bins are their differences.
        asked += [F.count_if(value <= end).alias(f"c{place}_{i}") for i, end in enumerate(ends)]
        asked += [F.count(value).alias(f"n{place}"), F.count_if(value.isNull()).alias(f"z{place}")]
    got = rows.agg(*asked).first()
    made = {}
    for place, (name, ends) in enumerate(edges.items()):
        upto = [int(got[f"c{place}_{i}"]) for i in range(len(ends))] + [int(got[f"n{place}"])]
        counts = [after - before for before, after in zip([0, *upto], upto, strict=False)]
        made[name] = {"kind": "number", "edges": ends, "counts": counts, "nulls": int(got[f"z{place}"])}
    return made


def _levels(rows: DataFrame, name: str, like: dict[str, Any] | None) -> dict[str, Any]:
    column = F.col(f"`{name}`")
    if like is None:
        counted = rows.groupBy(column.alias("level")).agg(F.count("*").alias("rows"))
        top = counted.where("level is not null").orderBy(F.desc("rows"), "level").limit(LEVELS).collect()
        known = [row.level for row in top]
    else:
        known = [level for level in like["levels"] if level not in (OTHERS, NULL)]
    level = F.when(column.isNull(), NULL).when(column.isin(known), column).otherwise(OTHERS)
    got = {
        row.level: int(row.rows) for row in rows.groupBy(level.alias("level")).agg(F.count("*").alias("rows")).collect()
    }
    counts = {level: got.get(level, 0) for level in (*known, OTHERS, NULL)}
    return {"kind": "level", "levels": counts}
