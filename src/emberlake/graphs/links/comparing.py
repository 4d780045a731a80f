"""One table: how well each way of foretelling who will follow whom does, on the same follows held out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emberlake.errors import GraphError
from emberlake.graphs.links import embedding, network
from emberlake.graphs.links.compact import Array, compact
from emberlake.graphs.links.holding_out import SHARE, HoldOut, hold_out
from emberlake.graphs.links.judging import aucs
from emberlake.graphs.links.measures import MEASURES
from emberlake.graphs.links.pairs import score_pairs
from emberlake.progress import Progress, silent

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from emberlake.graphs.rounds import Rounds

TOGETHER, EMBEDDING, NETWORK = "all measures together", "node embedding", "graph neural network"


@dataclass(frozen=True)
class Way:
    """One way of foretelling.

    Attributes:
        auc: the chance that it puts a link above a non-link; None where it could not be tried.
        note: what it is made of, or why it was not tried.
    """

    name: str
    auc: float | None
    note: str


@dataclass(frozen=True)
class Comparison:
    """All ways, on the same pairs.

    Attributes:
        cut: since when follows were held out.
        links, others: pairs that came to be linked, and that did not.
        held_out: follows since the cut.
        strangers: those of them with a user who was not in the graph before: nothing can be said of these.
        linked_before: those of them that only follow back.
    """

    ways: tuple[Way, ...]
    cut: dt.date
    links: int
    others: int
    held_out: int
    strangers: int
    linked_before: int

    def auc(self, name: str) -> float | None:
        """Of one way."""
        return next(way.auc for way in self.ways if way.name == name)


def compare(
    follows: DataFrame,
    rounds: Rounds,
    share: float = SHARE,
    seed: int = 42,
    learn: bool = True,
    progress: Progress = silent,
) -> Comparison:
    """Hold the newest follows out, and foretell them in every way.

    Args:
        follows: src, dst (long), at (timestamp, UTC).
        learn: with those ways that are learnt in one process, on the driver; the network needs the extra `deep`.

    Raises:
        GraphError: if the follows cannot be split, or are too many to learn from.
    """
    progress("The newest follows are set aside", 0.0)
    held = hold_out(follows, rounds, share, seed=seed)
    scored = rounds.write("scored", _scored(held, rounds))
    found = aucs(scored, MEASURES)
    ways = [Way(name, found[name], "counted from common neighbours") for name in MEASURES[:-1]]
    ways.append(Way("preferential", found["preferential"], "the product of the degrees"))
    if learn:
        ways += _learnt(held, scored, rounds, share, seed, progress)
    counts = {row["linked"]: row["count"] for row in held.pairs.groupBy("linked").count().collect()}
    return Comparison(
        tuple(ways), held.cut, counts.get(1, 0), counts.get(0, 0), held.held_out, held.strangers, held.linked_before
    )


def _scored(held: HoldOut, rounds: Rounds) -> DataFrame:
    return score_pairs(held.known, held.pairs, rounds.part("scores")).join(held.pairs, ["a", "b"])


def _learnt(
    held: HoldOut, scored: DataFrame, rounds: Rounds, share: float, seed: int, progress: Progress
) -> Sequence[Way]:
    progress("All measures together", 0.2)
    ways = [_together(held, scored, rounds, share, seed)]
    progress("Node embedding", 0.3)
    net = compact(held.known)
    a, b, linked = net.places(held.pairs)
    vectors = embedding.embed(net, seed)
    size = vectors.vectors.shape[1]
    ways.append(Way(EMBEDDING, _auc(linked, vectors.scores(a, b)), f"{size} eigenvectors, walks of up to 3 steps"))
    if not network.installed():
        return [*ways, Way(NETWORK, None, "not tried: needs autograd, pip install 'emberlake[deep]'")]
    trained = network.train(net, seed, lambda doing, done: progress(doing, 0.4 + 0.6 * done))
    note = f"{network.SIZE} numbers a user, {network.LAYERS} layers, {trained.epochs} epochs"
    return [*ways, Way(NETWORK, _auc(linked, trained.scores(a, b)), note)]


def _together(held: HoldOut, scored: DataFrame, rounds: Rounds, share: float, seed: int) -> Way:
    """What the measures are worth is learnt one step further back in time: the pairs of the table teach nothing."""
    try:
        earlier = hold_out(held.known.edges, rounds.part("earlier"), share, seed=seed)
    except GraphError as e:
        return Way(TOGETHER, None, f"not tried: before the cut, {e.problem}")
    lesson, linked = _features(_scored(earlier, rounds.part("lesson")))
    if len(np.unique(linked)) < 2:
        return Way(TOGETHER, None, "not tried: too few pairs before the cut to learn from")
    return Way(TOGETHER, _fitted(lesson, linked, *_features(scored)), "a logistic regression over the five")


def _features(scored: DataFrame) -> tuple[Array, Array]:
    rows = scored.select("a", "b", "linked", *MEASURES).toArrow()
    order = np.lexsort((rows.column("b").to_numpy(), rows.column("a").to_numpy()))
    columns = [np.log1p(rows.column(name).to_numpy()[order]) for name in MEASURES]
    return np.column_stack(columns), rows.column("linked").to_numpy()[order]


def _fitted(lesson: Array, linked: Array, asked: Array, truth: Array) -> float:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(lesson, linked)
    return _auc(truth, model.decision_function(asked))


def _auc(linked: Array, scores: Array) -> float:
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(linked, scores))
