"""One algorithm of the room `graphs` on edges in Parquet, on the engine that `auto` means, timed from the edges on.

python -m bench.graph_run ALGORITHM EDGES USERS ROOT
python -m bench.graph_run chain LENGTH ROOT
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from bench.part import Part
from emberlake.engine import open_engine, resolve_engine
from emberlake.graphs import Graph, Round, Rounds, components, pagerank
from emberlake.settings import read_settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# What two answers are compared by; sums over many rows, so that each row counts.
Said = dict[str, Any]


def ranks(graph: Graph, rounds: Rounds) -> Said:
    """The best ten of ten rounds."""
    best = pagerank(graph, rounds, most=10, tolerance=0).sort(F.col("rank").desc(), "id").limit(10).collect()
    return {"best": [row["id"] for row in best], "rank": best[0]["rank"]}


def parts(graph: Graph, rounds: Rounds) -> Said:
    """How many components, and the sum of the smallest ids over all vertices."""
    found = components(graph, rounds).agg(F.countDistinct("component"), F.sum("component")).first()
    return {"components": found[0], "sum": found[1]} if found else {}


def threes(graph: Graph, rounds: Rounds) -> Said:
    """Triangles, each once."""
    from emberlake.graphs import triangles

    found = triangles(graph.undirected(), rounds).agg(F.sum("triangles")).first()
    return {"triangles": found[0] // 3} if found else {}


ALGORITHMS: dict[str, Callable[[Graph, Rounds], Said]] = {"ranks": ranks, "components": parts, "triangles": threes}


def run(session: SparkSession, scratch: Path, algorithm: str, edges: str, users: int) -> Said:
    """The algorithm on these edges, its checks of the input included."""
    told: list[Round] = []
    with Rounds(session, scratch, told=told.append) as rounds, Part() as part:
        graph = Graph.of(session.read.parquet(edges), session.range(users), directed=True)
        said = ALGORITHMS[algorithm](graph, rounds)
    return said | {"part": part.figures, "rounds": told[-1].number if told else 0, "edges": graph.edges.count()}


def chain(session: SparkSession, scratch: Path, length: int) -> Said:
    """Components of one long chain."""
    told: list[Round] = []
    edges = session.range(length - 1).select(F.col("id").alias("src"), (F.col("id") + 1).alias("dst"))
    with Rounds(session, scratch, told=told.append) as rounds, Part() as part:
        said = parts(Graph.of(edges, directed=True), rounds)
    return said | {"part": part.figures, "rounds": told[-1].number}


def main(arguments: list[str]) -> None:
    """Run what was asked for, and print what it said."""
    settings = read_settings(root=Path(arguments[-1]))
    with open_engine(settings, resolve_engine(settings)) as engine:
        if arguments[0] == "chain":
            said = chain(engine.session, settings.scratch, int(arguments[1]))
        else:
            said = run(engine.session, settings.scratch, arguments[0], arguments[1], int(arguments[2]))
    print(json.dumps(said | {"engine": engine.name}))


if __name__ == "__main__":
    main(sys.argv[1:])
