"""What a page shows: at most some thousand users, their links, and which of these lead from community to community."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from pyspark.sql import functions as F

from emberlake.errors import GraphError
from emberlake.graphs.page.layout import layout

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

Array = npt.NDArray[Any]

MOST = 5_000
MOST_LINKS = 100_000


@dataclass(frozen=True)
class Scene:
    """Users and links, laid out.

    Attributes:
        id, community: of each user, ascending by id.
        x, y: where each is drawn, in widths of a dot.
        src, dst: places of users; each link once.
        outside: links of each user to other communities.
        touched: how many other communities these lead to.
        figures: what else is known of each user, by name.
        users, links: how many there are in all.
        focus: the community that was asked for.
    """

    id: Array
    community: Array
    x: Array
    y: Array
    src: Array
    dst: Array
    outside: Array
    touched: Array
    figures: dict[str, list[Any]]
    users: int
    links: int
    focus: int | None


def scene(people: DataFrame, edges: DataFrame, community: int | None = None, most: int = MOST) -> Scene:
    """Choose what is shown, fetch it and lay it out.

    Of a community: its members, then those outside with most links to them. Of all: everybody, or where they are more
    than `most`, those with most links. Equals go by id.

    Args:
        people: id, community (long), and any other columns: figures that are told of a user.
        edges: src, dst; loops and repeated edges are left out, and ends that are not among the people.
        most: users shown.

    Raises:
        GraphError: for a community that nobody is in, no users at all, or a page too large to be read.
    """
    if not 1 <= most <= MOST:
        raise GraphError(f"A page cannot show {most:,} users.", f"Give 1 to {MOST:,}: more cannot be told apart.")
    links = edges.where("src <> dst").select("src", "dst").distinct()
    known = people.select("id")
    links = links.join(known.withColumnRenamed("id", "src"), "src", "left_semi")
    links = links.join(known.withColumnRenamed("id", "dst"), "dst", "left_semi").select("src", "dst")
    ranked = _ranked(people, links, community)
    shown = people.join(ranked.limit(most).select("id"), "id").toArrow().sort_by("id")
    if not len(shown):
        _refuse(people, community)
    chosen = shown.select(["id"])
    ends = people.sparkSession.createDataFrame(chosen.to_pandas())
    here = links.join(ends.withColumnRenamed("id", "src"), "src", "left_semi")
    here = here.join(ends.withColumnRenamed("id", "dst"), "dst", "left_semi").select("src", "dst")
    fetched = here.orderBy("src", "dst").limit(MOST_LINKS).toArrow()
    return laid_out(shown, fetched, (people.count(), links.count()), community)


def _ranked(people: DataFrame, links: DataFrame, community: int | None) -> DataFrame:
    """Who is shown first: id, in that order."""
    both = links.select(F.col("src").alias("id"), F.col("dst").alias("other"))
    both = both.unionAll(links.select(F.col("dst").alias("id"), F.col("src").alias("other")))
    if community is None:
        degree = both.groupBy("id").agg(F.count("*").alias("degree"))
        rows = people.select("id").join(degree, "id", "left").fillna(0, ["degree"])
        return rows.orderBy(F.col("degree").desc(), "id").select("id")
    members = people.where(F.col("community") == community).select("id", F.lit(1).alias("member"))
    to_members = both.join(members.select(F.col("id").alias("other")), "other", "left_semi")
    degree = to_members.groupBy("id").agg(F.count("*").alias("degree"))
    rows = degree.join(members, "id", "full").fillna(0, ["degree", "member"])
    return rows.orderBy(F.col("member").desc(), F.col("degree").desc(), "id").select("id")


def _refuse(people: DataFrame, community: int | None) -> None:
    sizes = people.groupBy("community").agg(F.count("*").alias("users"))
    largest = sizes.orderBy(F.col("users").desc(), "community").limit(5).collect()
    if community is None or not largest:
        raise GraphError("There are no users to show.", "Build the graph first.")
    told = ", ".join(f"{row['community']} ({row['users']:,} users)" for row in largest)
    raise GraphError(f"Nobody is in community {community}.", f"The largest are {told}.")


def laid_out(people: pa.Table, links: pa.Table, totals: tuple[int, int], focus: int | None = None) -> Scene:
    """A scene of rows that were chosen.

    Args:
        people: id (ascending), community, and figures.
        links: src, dst, ids of these people.
        totals: how many users and links there are in all.
    """
    ids = people.column("id").to_numpy()
    community = people.column("community").fill_null(-1).to_numpy()
    src, dst = (np.searchsorted(ids, links.column(name).to_numpy()) for name in ("src", "dst"))
    x, y = layout(community, src, dst)
    outside, touched = _bridging(community, src, dst)
    figures = {name: people.column(name).to_pylist() for name in people.column_names if name not in ("id", "community")}
    return Scene(ids, community, x, y, src, dst, outside, touched, figures, *totals, focus)


def _bridging(community: Array, src: Array, dst: Array) -> tuple[Array, Array]:
    """Links of each user to other communities, and to how many."""
    across = community[src] != community[dst]
    who = np.concatenate([src[across], dst[across]])
    other = np.concatenate([community[dst[across]], community[src[across]]])
    outside = np.bincount(who, minlength=len(community))
    pairs = np.unique(np.stack([who, other]), axis=1) if len(who) else np.empty((2, 0), dtype=np.int64)
    return outside, np.bincount(pairs[0], minlength=len(community))
