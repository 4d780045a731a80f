"""Patterns found by joins: every term is a frame of edges, joined to what was found before it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from emberlake.errors import GraphError
from emberlake.graphs.motifs.parser import parse
from emberlake.graphs.motifs.pattern import Pattern, Term

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


@dataclass(frozen=True)
class Kind:
    """Edges of one kind.

    Attributes:
        edges: src, dst and any other columns.
        source: what stands at src: "user".
        target: what stands at dst: "product". Ids of different things may be equal; a pattern cannot mix them up.
    """

    edges: DataFrame
    source: str
    target: str


def motifs(pattern: str, kinds: Mapping[str, Kind]) -> DataFrame:
    """All ways in which a pattern's vertices can be found: `(a)-[follows]->(b); !(b)-[follows]->(a)`.

    Two names may stand for the same vertex, as in GraphFrames: ask for `a <> b` with `where`. A term without an
    edge's name only has to be there, or with `!` must not be: edges that repeat do not multiply what is found. `()`
    is anybody, and does not multiply it either. An edge with a name, `-[e:follows]->`, is returned, each one.

    Sources: the language is that of GraphFrames (Dave, Jindal, Li, Xin, Gonzalez and Zaharia, GraphFrames: an
    integrated API for mixing graph and relational queries, 2016); a join a term, those first that only filter.

    Args:
        pattern: its grammar is in `emberlake.graphs.motifs.parser`.
        kinds: the edges that brackets name; `[]` will do where there is one kind.

    Returns:
        a column of ids for each vertex with a name, in the order in which they are named, and for each edge with a
        name one with a struct of its columns.

    Raises:
        GraphError: when the pattern is not understood, names a kind that is not there, has a name for two different
            things, does not hang together, or has a name only behind `!`.
    """
    read = parse(pattern)
    typed = [(term, _kind(read, term, kinds)) for term in read.terms]
    _check_names(read, typed)
    found, waiting = None, [pair for pair in typed if not pair[0].negated]
    while waiting:
        term, kind = waiting.pop(_next(read, [term for term, _ in waiting], found))
        found = _joined(found, term, kind.edges)
    assert found is not None
    for term, kind in typed:
        if term.negated:
            found = _without(found, term, kind.edges)
    vertices = dict.fromkeys(name for term, _ in typed if not term.negated for name in term.names)
    edges = [term.edge for term, _ in typed if term.edge]
    return found.select(*vertices, *edges)


def _next(pattern: Pattern, waiting: list[Term], found: DataFrame | None) -> int:
    """Which term is joined next: one whose vertices are all known, for it only filters; else one that is connected."""
    if found is None:
        return 0
    known = set(found.columns)
    for wanted in (2, 1):
        for place, term in enumerate(waiting):
            ends = sum(name in known for name in (term.src, term.dst))
            if ends == wanted or (wanted == 2 and ends == 1 and not (term.src and term.dst)):
                return place
    names = ", ".join(sorted(known))
    raise GraphError(
        f"The pattern does not hang together: {pattern.said(waiting[0])} shares no vertex with {names}.",
        "Every term needs a vertex that another one has; find separate patterns one by one.",
    )


def _joined(found: DataFrame | None, term: Term, edges: DataFrame) -> DataFrame:
    matches = _matches(term, edges)
    if found is None:
        return matches
    shared = [name for name in term.names if name in found.columns]
    # What adds no column only has to be there.
    how = "inner" if set(matches.columns) - set(found.columns) else "left_semi"
    return found.join(matches, shared, how)


def _without(found: DataFrame, term: Term, edges: DataFrame) -> DataFrame:
    return found.join(_matches(term, edges), list(term.names), "left_anti")


def _matches(term: Term, edges: DataFrame) -> DataFrame:
    """The term alone: a column for each name in it."""
    if term.src and term.src == term.dst:
        edges = edges.where("src = dst")
    ends = {name: end for end, name in (("dst", term.dst), ("src", term.src)) if name}
    columns = [F.col(ends[name]).cast("long").alias(name) for name in term.names]
    if not term.edge:
        return edges.select(*columns).distinct()
    return edges.select(*columns, F.struct(*(F.col(f"`{c}`") for c in edges.columns)).alias(term.edge))


def _kind(pattern: Pattern, term: Term, kinds: Mapping[str, Kind]) -> Kind:
    if not term.kind and len(kinds) == 1:
        return next(iter(kinds.values()))
    if term.kind in kinds:
        return kinds[term.kind]
    there = ", ".join(sorted(kinds))
    if not term.kind:
        raise GraphError(
            f"{pattern.said(term)} does not say of what kind the edge is.",
            f"There are the kinds {there}: name one in the brackets.",
        )
    close = difflib.get_close_matches(term.kind, kinds, 1)
    raise GraphError(
        f"There are no edges of the kind {term.kind!r} ({pattern.said(term)}).",
        f"{f'Did you mean {close[0]!r}? ' if close else ''}Kinds are: {there}.",
    )


def _check_names(pattern: Pattern, typed: list[tuple[Term, Kind]]) -> None:
    """Raise GraphError where names do not make one pattern of the terms."""
    things: dict[str, tuple[str, Term]] = {}
    edges: dict[str, Term] = {}
    for term, kind in typed:
        if not term.names:
            raise GraphError(
                f"{pattern.said(term)} has no vertex with a name.",
                "Name one end: (a)-[follows]->() is whoever follows.",
            )
        for name, thing in ((term.src, kind.source), (term.dst, kind.target)):
            seen, where = things.setdefault(name, (thing, term))
            if name and seen != thing:
                raise GraphError(
                    f"({name}) is a {seen} in {pattern.said(where)} and a {thing} in {pattern.said(term)}.",
                    "One name stands for one thing: take another name.",
                )
        if term.edge and (term.negated or term.edge in edges):
            why = "is the name of an edge that is not there" if term.negated else "is the name of two edges"
            raise GraphError(f"{term.edge!r} {why} ({pattern.said(term)}).", "Leave it out, or take another name.")
        if term.edge:
            edges[term.edge] = term
    _check_found(pattern, typed, edges)


def _check_found(pattern: Pattern, typed: list[tuple[Term, Kind]], edges: Mapping[str, Term]) -> None:
    found = {name for term, _ in typed if not term.negated for name in term.names}
    by_fold = {name.casefold(): name for name in (*found, *edges)}
    alike = sorted(name for name in (*found, *edges) if by_fold[name.casefold()] != name)
    if alike:
        raise GraphError(
            f"The names {alike[0]!r} and {by_fold[alike[0].casefold()]!r} differ only in capitals.",
            "Columns of tables do not tell them apart: take another name for one.",
        )
    both = sorted(found & edges.keys())
    if both:
        raise GraphError(
            f"{both[0]!r} is the name of a vertex and of an edge ({pattern.said(edges[both[0]])}).",
            "Take another name for one of them.",
        )
    for term, _ in typed:
        loose = [name for name in term.names if name not in found]
        if loose:
            raise GraphError(
                f"({loose[0]}) stands only behind '!' ({pattern.said(term)}): nothing says which ones to look at.",
                f"Write () for 'nobody at all', or add a term without '!' that has ({loose[0]}).",
            )
