"""One algorithm by igraph, compiled C on one core, all edges in memory; timed from the edges on, as ours is.

python -m bench.peers.igraph_run ALGORITHM EDGES USERS
"""

from __future__ import annotations

import json
import sys
from typing import Any

import igraph
import numpy as np
import pyarrow.parquet as pq

from bench.part import Part


def ranks(graph: igraph.Graph) -> dict[str, Any]:
    # PRPACK goes on until it has converged: it cannot be told to stop after ten rounds.
    found = np.array(graph.pagerank())
    best = np.lexsort((np.arange(len(found)), -found))[:10]
    return {"best": best.tolist(), "rank": float(found[best[0]])}


def components(graph: igraph.Graph) -> dict[str, Any]:
    members = np.array(graph.connected_components(mode="weak").membership)
    smallest = np.full(members.max() + 1, len(members))
    np.minimum.at(smallest, members, np.arange(len(members)))
    return {"components": len(smallest), "sum": int(smallest[members].sum())}


def triangles(graph: igraph.Graph) -> dict[str, Any]:
    return {"triangles": len(graph.as_undirected(mode="collapse").simplify().list_triangles())}


def main(algorithm: str, edges: str, users: int) -> None:
    """Run it, and print what it found."""
    with Part() as part:
        table = pq.read_table(edges)
        pairs = np.column_stack([table.column(name).to_numpy() for name in ("src", "dst")])
        graph = igraph.Graph(n=users, edges=pairs, directed=True)
        said = {"ranks": ranks, "components": components, "triangles": triangles}[algorithm](graph)
    print(json.dumps(said | {"part": part.figures, "edges": len(pairs)}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
