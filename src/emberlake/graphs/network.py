"""Everything that gold keeps about the shop's graphs, built one after the other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from emberlake.graphs import building
from emberlake.graphs.graph import Graph
from emberlake.graphs.history import history, quarters
from emberlake.graphs.influence import communities, influence
from emberlake.graphs.links import recommended_follows
from emberlake.graphs.membership import memberships
from emberlake.graphs.rounds import Round, Rounds
from emberlake.graphs.trees import trees
from emberlake.progress import Progress, silent
from emberlake.tables import GRAPHS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from emberlake.lake import Lake

READS = ("silver.users", "silver.follows", "gold.order_features")
# What recommendations are measured on (models/taste): communities are also those of before.
HELD_OUT_DAYS = 28


@dataclass
class Network:
    """What was built.

    Attributes:
        rows: of each gold table.
        figures: follows, users, communities (of two users or more), inside_share, largest (users of the largest
            community), most_influential, trees, invited.
        why_not: why there is no graph of follows; empty where there is one.
    """

    rows: dict[str, int] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    why_not: str = ""


def build_network(lake: Lake, progress: Progress = silent) -> Network:
    """Write the tables of `GRAPHS` anew; without follows or invitations theirs are left empty, or never made.

    Args:
        progress: told the algorithm at work and its round.
    """
    made = Network()
    tables = {name: lake.read(name) for name in READS}
    tell = _Teller(progress)
    with Rounds(lake.session, lake.settings.scratch, told=tell.round, work="graphs") as rounds:
        tell("reading who follows whom", 0.0)
        found = building.follows(tables)
        graph = Graph(rounds.write("users", found.vertices), rounds.write("follows", found.edges), directed=True)
        if graph.edges.limit(1).collect():
            _of_follows(lake, tables, graph, rounds, tell)
        else:
            made.why_not = "Nobody follows anybody in this data: import follows, or make a shop."
            _empty(lake, [name for name in GRAPHS if name != "referrals"])
        tell("trees of invitations", 0.9)
        _of_invitations(lake, tables, rounds)
    made.rows = {f"gold.{name}": lake.rows(f"gold.{name}") for name in GRAPHS if lake.exists(f"gold.{name}")}
    made.figures = _figures(lake, made)
    tell("done", 1.0)
    return made


class _Teller:
    """Rounds as progress: nobody knows how many there will be, so they only come nearer to their stretch's end."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._from, self._doing = progress, 0.0, ""

    def __call__(self, doing: str, fraction: float) -> None:
        self._from, self._doing = fraction, doing
        self._progress(doing, fraction)

    def round(self, done: Round) -> None:
        share = done.number / (done.number + 10)
        self._progress(f"{self._doing}: {done.work}, round {done.number}", self._from + 0.12 * share)


def _of_follows(lake: Lake, tables: Mapping[str, DataFrame], graph: Graph, rounds: Rounds, tell: _Teller) -> None:
    last = _last_day(tables, graph)
    # Four weeks before the end, as a model that holds them out would have seen it.
    day = quarters(last - dt.timedelta(days=HELD_OUT_DAYS), 1)[0]
    found = building.follows(tables, dt.datetime.combine(day, dt.time(), dt.UTC))
    then = Graph(rounds.write("users-then", found.vertices), rounds.write("follows-then", found.edges), True)
    tell("communities", 0.05)
    members = rounds.write("members", memberships([building.quietened(graph), building.quietened(then)], rounds))
    tell("influence", 0.3)
    lake.overwrite("gold.influence", influence(graph, members.where("part = 0").drop("part"), rounds))
    tell("what communities are", 0.5)
    lake.overwrite("gold.communities", communities(graph, lake.read("gold.influence")))
    tell("whom to follow next", 0.55)
    lake.overwrite("gold.recommended_follows", _typed(recommended_follows(graph, rounds), "recommended_follows"))
    tell("how it was", 0.7)
    rows = history(tables["silver.users"].select("user_id", "signed_up_at"), graph, quarters(last), rounds)
    of_then = members.where("part = 1").select(F.col("id").alias("user_id"), F.lit(day).alias("as_of"), "community")
    rows = rows.join(of_then, ["user_id", "as_of"], "left")
    lake.overwrite("gold.graph_history", _typed(rows, "graph_history"))


def _last_day(tables: Mapping[str, DataFrame], graph: Graph) -> dt.date:
    """The day after the last order, or else after the last follow: up to it the data speaks."""
    # Seconds, because a collected timestamp is in the machine's time zone.
    for rows, column in ((tables["gold.order_features"], "ordered_at"), (graph.edges, "followed_at")):
        last = rows.agg(F.max(F.col(column).cast("double"))).first()
        if last is not None and last[0] is not None:
            return dt.datetime.fromtimestamp(last[0], dt.UTC).date() + dt.timedelta(days=1)
    return dt.date(1970, 1, 1)


def _of_invitations(lake: Lake, tables: Mapping[str, DataFrame], rounds: Rounds) -> None:
    found = building.referrals(tables)
    if not found.edges.limit(1).collect():
        _empty(lake, ["referrals"])
        return
    rows = trees(Graph(found.vertices, rounds.write("invitations", found.edges), directed=True), rounds)
    part = rows.where("parent IS NOT NULL OR children > 0")
    lake.overwrite(
        "gold.referrals",
        part.select(
            F.col("id").alias("user_id"), F.col("parent").alias("referred_by"), F.col("root").alias("root_id"),
            "generation", F.col("children").alias("invited"), F.col("descendants").alias("invited_in_all"),
        ),
    )  # fmt: skip


def _typed(rows: DataFrame, table: str) -> DataFrame:
    return rows.select(*(F.col(column.name).cast(column.type) for column in GRAPHS[table].columns))


def _empty(lake: Lake, names: list[str]) -> None:
    """What was written from follows that are gone must not stay."""
    for name in names:
        if lake.rows(f"gold.{name}"):
            lake.overwrite(f"gold.{name}", lake.session.createDataFrame([], GRAPHS[name].ddl))


def _figures(lake: Lake, made: Network) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    if made.rows.get("gold.communities"):
        every = lake.read("gold.communities").agg(
            F.count_if(F.col("users") > 1), F.max("users"), F.sum("users"), F.sum("follows_inside"),
            F.sum(F.col("follows_inside") + F.col("follows_out")),
        ).first()  # fmt: skip
        assert every is not None
        first = lake.read("gold.influence").where("place = 1").first()
        assert first is not None
        figures |= {
            "communities": every[0], "largest": every[1], "users": every[2], "follows": every[4],
            "inside_share": every[3] / every[4], "most_influential": first["user_id"],
        }  # fmt: skip
    if made.rows.get("gold.referrals"):
        trees_ = lake.read("gold.referrals").agg(F.count_if(F.col("generation") == 0), F.count("*")).first()
        assert trees_ is not None
        figures |= {"trees": trees_[0], "invited": trees_[1] - trees_[0]}
    return figures
