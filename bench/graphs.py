"""Ranks, components and triangles of networks: their memory, how they grow with the edges, and beside igraph."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import TYPE_CHECKING, Any

from bench.graph_edges import EACH, users_at, write_edges
from bench.meter import BenchError
from bench.rows import Goal, Limit, Row
from bench.series import Contestant, Series

if TYPE_CHECKING:
    from pathlib import Path

    from bench.meter import Sample
    from bench.registry import Scales
    from bench.series import Round
    from bench.stage import Stage
    from bench.tasks import Prepare, Run

# Shop scales: 1 M users with 20 M edges, a tenth of that, and 50,000 users with a million edges.
LARGE, SMALL, IN_MEMORY = 100, 10, 5
CHAIN = 100_000
# Seconds for a million edges, about, and before that.
_ESTIMATES = {"ranks": (2.0, 5), "components": (1.5, 5), "triangles": (6.0, 5)}
_WHAT = {
    "ranks": "PageRank, 10 rounds", "components": "connected components", "triangles": "triangles of each vertex"
}  # fmt: skip


def series(scales: Scales) -> Series:
    """For each algorithm three rows, and the rounds of a chain."""
    large, small, little = scales.of(LARGE), scales.of(SMALL), scales.of(IN_MEMORY)
    contestants = {c.name: c for name in _WHAT for c in _contestants(name, {large, small, little}, little)}
    contestants["chain"] = Contestant("chain", _chain, 15)
    rows = [row for name in _WHAT for row in _rows(name, large, small, little)]
    rows.append(
        Row("graph_chain", f"connected components of a chain of {CHAIN:,}", "rounds", "chain", Limit(25, "limit"),
            "the limit of 25 rounds", Goal("<=", 1), scales.of(1), 1, value=lambda sample: sample.said["rounds"],
            parts=lambda sample: {"seconds": sample.seconds})
    )  # fmt: skip
    return Series("graphs", tuple(contestants.values()), tuple(rows))


def _rows(name: str, large: float, small: float, little: float) -> list[Row]:
    ours, what = f"{name} {large:g}", _WHAT[name]
    rows = [
        Row(f"graph_{name}_memory", f"{what}, {_edges(large)}", "GB", ours, Limit(4, "limit"), "the limit of 4 GB",
            Goal("<=", 1), large, LARGE, value=lambda sample: sample.peak / 1e9, parts=_parts)
    ]  # fmt: skip
    if large != small:
        rows.append(
            Row(f"graph_{name}_growth", f"{what}, {_edges(large)}", "s", ours, f"{name} {small:g}",
                f"itself at {_edges(small)}", Goal("<=", 12), large, LARGE, parts=_parts)
        )  # fmt: skip
    rows.append(
        Row(f"graph_{name}_igraph", f"{what}, {_edges(little)}", "s", f"{name} {little:g}", f"igraph {name}",
            "igraph, in memory, one core", None, little, IN_MEMORY, check=_same, parts=_parts)
    )  # fmt: skip
    return rows


def _contestants(name: str, sizes: set[float], little: float) -> list[Contestant]:
    each, start = _ESTIMATES[name]

    def of(size: float, label: str, run: Run, share: float = 1) -> Contestant:
        millions = users_at(size) * EACH / 1e6
        return Contestant(
            label, run, start + share * each * millions, prepare=_prepared(size), prepare_estimate=millions
        )

    ours = [of(size, f"{name} {size:g}", _ours(name, size)) for size in sorted(sizes)]
    return [*ours, of(little, f"igraph {name}", _igraph(name, little), 0.5)]


@cache
def _prepared(size: float) -> Prepare:
    return lambda stage: _edges_at(stage, size)


def _edges_at(stage: Stage, size: float) -> Path:
    folder = stage.work / "data" / f"edges-{size:g}"
    if not folder.exists():
        write_edges(folder, users_at(size))
    return folder


def _ours(name: str, size: float) -> Run:
    def run(turn: Round) -> Sample:
        given = (str(_edges_at(turn.stage, size)), str(users_at(size)), str(turn.root(f"{name}-{size:g}")))
        return _part(turn.stage.python("bench.graph_run", name, *given))

    return run


def _igraph(name: str, size: float) -> Run:
    def run(turn: Round) -> Sample:
        edges = str(_edges_at(turn.stage, size))
        return _part(turn.stage.python("bench.peers.igraph_run", name, edges, str(users_at(size))))

    return run


def _chain(turn: Round) -> Sample:
    return _part(turn.stage.python("bench.graph_run", "chain", str(CHAIN), str(turn.root("chain"))))


def _part(sample: Sample) -> Sample:
    """Timed from the edges on: an engine's start is measured by other rows."""
    return dataclasses.replace(sample, **sample.said["part"])


def _same(ours: Sample, peer: Sample) -> None:
    """The same answer, but for what ten rounds leave of the ranks."""
    for key in ("components", "sum", "triangles", "edges"):
        if ours.said.get(key) != peer.said.get(key):
            raise BenchError(f"{key}: {ours.said.get(key)} is not igraph's {peer.said.get(key)}.")
    if "best" in peer.said and ours.said["best"][:3] != peer.said["best"][:3]:
        raise BenchError(f"The best three are {ours.said['best'][:3]}, igraph's {peer.said['best'][:3]}.")


def _parts(sample: Sample) -> dict[str, Any]:
    return {name: sample.said[name] for name in ("engine", "rounds", "edges")}


def _edges(size: float) -> str:
    return f"{users_at(size) * EACH / 1e6:g} M edges"
