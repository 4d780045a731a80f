"""What rows must be to be a graph: counted in one pass, and shown only where something is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from emberlake.errors import GraphError

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

SHOWN = 5


def ends(edges: DataFrame) -> DataFrame:
    """The vertices that edges name: id, each once."""
    return edges.select(F.col("src").alias("id")).unionAll(edges.select(F.col("dst").alias("id"))).distinct()


def check_edges(edges: DataFrame, weighted: bool) -> None:
    """Raise GraphError unless both ends of all edges are there, and weights are positive numbers."""
    faults = {"null": F.col("src").isNull() | F.col("dst").isNull()}
    if weighted:
        faults["weight"] = ~_positive(F.col("weight"))
    found = edges.agg(*(F.sum(F.when(fault, 1).otherwise(0)).alias(name) for name, fault in faults.items())).first()
    counts = found.asDict() if found else {}
    if counts.get("null"):
        raise GraphError(
            _told(counts["null"], "edge has a null end", "edges have a null end", edges.where(faults["null"])),
            "Every edge needs src and dst: drop such rows, or find out what became of their ids.",
        )
    if counts.get("weight"):
        wrong = edges.where(faults["weight"])
        raise GraphError(
            _told(counts["weight"], "edge has no positive weight", "edges have no positive weight", wrong),
            "Drop such edges (a weight of zero is no edge), or build the graph without weights.",
        )


def check_vertices(vertices: DataFrame, edges: DataFrame) -> None:
    """Raise GraphError unless ids are there once, and edges lead only to them."""
    seen = vertices.agg(
        F.count("*").alias("rows"), F.count("id").alias("ids"), F.countDistinct("id").alias("different")
    ).first()
    rows, ids, different = (seen["rows"], seen["ids"], seen["different"]) if seen else (0, 0, 0)
    if ids < rows:
        raise GraphError(
            _told(rows - ids, "vertex has no id", "vertices have no id", vertices.where(F.col("id").isNull())),
            "Drop such rows: no edge can lead to them.",
        )
    if different < rows:
        twice = vertices.groupBy("id").agg(F.count("*").alias("rows")).where("rows > 1")
        raise GraphError(
            _told(twice.count(), "id stands more than once", "ids stand more than once", twice)
            + " A vertex has one row.",
            "Keep one of them (dropDuplicates), or leave the vertices out: they are then the edges' ends.",
        )
    if dangling := _dangling(vertices, edges):
        raise dangling


def _dangling(vertices: DataFrame, edges: DataFrame) -> GraphError | None:
    # Ids are unique by now, so a join neither adds nor loses edges whose ends are there.
    src, dst = (vertices.select(F.col("id").alias(end)) for end in ("src", "dst"))
    whole = edges.select("src", "dst").join(src, "src").join(dst, "dst").count()
    if whole == edges.count():
        return None
    strays = ends(edges).join(vertices.select("id"), "id", "left_anti")
    wrong = (
        edges.join(strays.select(F.col("id").alias("src"), F.lit(True).alias("_from")), "src", "left")
        .join(strays.select(F.col("id").alias("dst"), F.lit(True).alias("_to")), "dst", "left")
        .where(F.col("_from").isNotNull() | F.col("_to").isNotNull())
        .select(*edges.columns)
    )
    return GraphError(
        _told(wrong.count(), "edge dangles", "edges dangle", wrong) + " An end of it is not among the vertices.",
        "Add the missing vertices, drop such edges, or leave the vertices out: they are then the edges' ends.",
    )


def _positive(weight: Column) -> Column:
    # NaN is greater than everything for both engines, so it is named.
    return weight.isNotNull() & ~F.isnan(weight) & (weight > 0) & (weight < float("inf"))


def _told(count: int, one: str, many: str, wrong: DataFrame) -> str:
    """A sentence with the count and the first rows."""
    shown = wrong.sort(*wrong.columns[:2]).limit(SHOWN).collect()
    rows = "; ".join(", ".join(f"{k}={v}" for k, v in row.asDict().items()) for row in shown)
    rest = f" and {count - len(shown):,} more" if count > len(shown) else ""
    return f"{count:,} {one if count == 1 else many}: {rows}{rest}."
