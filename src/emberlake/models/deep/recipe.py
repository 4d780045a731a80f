"""The recipe `two_tower`: the question of `recommendations`, answered by a network of two towers."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
from pyspark.sql import functions as F

from emberlake.models.deep import learning
from emberlake.models.deep.examples import compact, examples
from emberlake.models.deep.network import SIZE
from emberlake.models.deep.towers import Towers, document_of
from emberlake.models.recipe import Fitted, Fitting, Recipe
from emberlake.models.taste import RECOMMENDATIONS, pictures, rivals, training
from emberlake.models.taste.evaluation import judged, summed_up
from emberlake.models.taste.factors import Factors
from emberlake.models.taste.split import HOLDOUT_DAYS, Past, came_back, split

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

    from emberlake.models.taste.ranking import Matrix

NAME = "two towers"
ALS = "als"


def fit(fitting: Fitting) -> Fitted:
    """Learn from all but the last 28 days; the factorisation and the simple answers are measured beside it.

    Raises:
        ModelError: without order lines, with too few products, days or customers, or if nobody came back.
    """
    fitting.progress("What each customer bought", 0.0)
    past = split(fitting)
    known, _, holdout_rows = came_back(fitting, past)
    fitting.progress("Alternating least squares, to compare with", 0.2)
    begun = perf_counter()
    factors = training.document_of(*training.factorise(past.rows, fitting.seed), past.lines, past.cut)
    als_seconds = perf_counter() - begun
    begun = perf_counter()
    document, learnt = _learn(fitting, past, factors)
    fit_seconds = perf_counter() - begun
    fitting.progress("Customers who came back", 0.9)
    als, towers = Factors(factors), Towers(document)
    scorers = {NAME: towers.scores, ALS: als.scores, **rivals.scorers(als, past.lines)}
    measured = summed_up(fitting.stage(judged(known, scorers, towers.products)), len(towers.products))
    metrics = measured.pop(NAME)
    return Fitted(
        model=document,
        params={
            "size": SIZE, "batch": learning.BATCH, "rate": learning.RATE, "decay": learning.DECAY,
            "epochs": learnt.epochs, "seed": fitting.seed, "holdout_days": HOLDOUT_DAYS,
            "checked_days": learning.CHECKED_DAYS, "products": len(towers.products),
            "habits": int((towers.things < 0).sum()),
        },
        metrics={**metrics, "fit_seconds": fit_seconds, "als_fit_seconds": als_seconds},
        baselines=measured,
        holdout=known,
        train_rows=past.rows.count(),
        holdout_rows=holdout_rows,
        windows=past.windows,
        figures={"recommenders": lambda: pictures.recommenders({"this model": metrics, **measured})},
        limits=_limits(metrics, measured[ALS]),
    )  # fmt: skip


def _learn(fitting: Fitting, past: Past, factors: dict[str, Any]) -> tuple[dict[str, Any], learning.Learnt]:
    products = np.array(factors["products"], dtype=np.int64)
    given = examples(compact(past.lines), products)
    traits = _traits(past.lines)

    def tell(doing: str, fraction: float) -> None:
        fitting.progress(f"Two towers. {doing}", 0.3 + 0.6 * fraction)

    learnt = learning.learn(given, traits, fitting.seed, tell)
    return document_of(learnt.weights, given.things, traits, factors), learnt


def _traits(lines: DataFrame) -> Matrix:
    """A row a product, ascending; a column each category, price level, and both: 1 where it stands there."""
    shelf = F.first(F.struct("category", "level"), ignorenulls=True).alias("shelf")
    found = lines.groupBy("product_id").agg(shelf).orderBy("product_id").select("shelf.*").toArrow().to_pylist()
    named = [
        [kind for kind in (("category", c), ("level", at), ("shelf", c, at)) if None not in kind]
        for c, at in ((one["category"], one["level"]) for one in found)
    ]
    columns = {kind: place for place, kind in enumerate(sorted({kind for row in named for kind in row}, key=str))}
    traits = np.zeros((len(named), max(len(columns), 1)), np.float32)
    for place, row in enumerate(named):
        traits[place, [columns[kind] for kind in row]] = 1
    return traits


def _limits(metrics: dict[str, float], als: dict[str, float]) -> tuple[str, ...]:
    better = metrics["ndcg_at_10"] > als["ndcg_at_10"]
    return (
        f"It {'beats' if better else 'does NOT beat'} the factorisation:"
        f" NDCG@10 {metrics['ndcg_at_10']:.4f} against {als['ndcg_at_10']:.4f} on the same customers.",
        "It is an experiment: it writes no table, and lists for customers come from recommendations.",
        "Country and age are left out of the user tower on purpose: what was bought says more, and is fairer to use.",
        "It is trained in one process, on limited numbers of order lines and products.",
        f"Products first sold in the {HOLDOUT_DAYS} days before a training are shown to nobody until the next one.",
    )


def losses(model: dict[str, Any], holdout: DataFrame) -> pa.Table:
    """One less the NDCG@10 of each customer who bought something new."""
    towers = Towers(model)
    scored = judged(holdout, {NAME: towers.scores}, towers.products)
    people = holdout.select("user_id", "country", "age")
    rows = scored.select("user_id", (1 - F.col("ndcg")).alias("loss")).join(people, "user_id")
    return rows.select(F.col("user_id").alias("unit"), "loss", "country", "age").toArrow()


TWO_TOWER = Recipe(
    name="two_tower",
    title="Recommendations by two towers",
    question="Which products is each customer most likely to want next, as a neural network sees it?",
    reads=RECOMMENDATIONS.reads,
    metric=RECOMMENDATIONS.metric,
    fit=fit,
    losses=losses,
    flavor="json",
    why_no_inputs=RECOMMENDATIONS.why_no_inputs,
    optional=RECOMMENDATIONS.optional,
    package="autograd",
    extra="deep",
    by_default=False,
)
