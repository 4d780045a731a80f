"""The recipe `recommendations`: which products each customer is most likely to want next."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from emberlake.models.recipe import Fitted, Fitting, Metric, Recipe
from emberlake.models.taste import history, pictures, rivals, training
from emberlake.models.taste.evaluation import judged, summed_up
from emberlake.models.taste.factors import Factors
from emberlake.models.taste.lists import lists
from emberlake.models.taste.split import HOLDOUT_DAYS, Past, came_back, split, with_past
from emberlake.models.tried import tried
from emberlake.tables import find

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import pyarrow as pa
    from pyspark.sql import DataFrame

    from emberlake.lake import Lake
    from emberlake.progress import Progress

READS = (
    "silver.order_items", "gold.order_features", "silver.products", "silver.users", "silver.events",
    "gold.graph_history", "gold.influence",
)  # fmt: skip

# The factorisation of what customers did, and the one that also knows what their communities buy.
_PLAIN, _RICHER = "als", "als with fellows"


def fit(fitting: Fitting) -> Fitted:
    """Learn from all but the last 28 days, and measure what is bought for the first time in those.

    Raises:
        ModelError: without order lines, with too few products or days, or if nobody came back in the hold-out.
    """
    fitting.progress("What each customer bought", 0.0)
    past = split(fitting)
    fitting.progress("Alternating least squares", 0.3)
    document, fit_seconds = _factorised(past, past.rows, fitting.seed)
    factors = Factors(document)
    scorers = {_PLAIN: factors.scores, **rivals.scorers(factors, past.lines)}
    fellows = fitting.stage(history.fellows(_communities(fitting.tables, past.cut), past.lines))
    richer, rows, seconds = document, past.rows, fit_seconds
    if fellows.limit(1).collect():
        fitting.progress("The same, with what fellows buy", 0.45)
        rows = fitting.stage(rows.unionByName(fellows))
        richer, seconds = _factorised(past, rows, fitting.seed)
        scorers[_RICHER] = Factors(richer).scores
    fitting.progress("Customers who came back", 0.6)
    # Factors that know nothing of fellows pass over them in a customer's history.
    known, cold, holdout_rows = came_back(fitting, past, rows)
    lists_ = fitting.stage(judged(known, scorers, factors.products))
    measured = summed_up(lists_, len(factors.products))
    metrics, others = measured.pop(_PLAIN), measured.pop(_RICHER, None)
    found = None
    if others is not None:
        found = tried(
            "What a customer's community buys more than others", *(_lost(lists_, m) for m in (_PLAIN, _RICHER))
        )
        if found.helps:
            document, factors, metrics, fit_seconds = richer, Factors(richer), others, seconds
        metrics |= {"fellows_gain": found.gain}
    items = factors.items
    new = summed_up(judged(cold, {"new": factors.scores}, factors.products), len(factors.products))
    return Fitted(
        model=document,
        params={
            "rank": training.RANK, "regularisation": training.REGULARISATION, "alpha": training.ALPHA,
            "iterations": training.ITERATIONS, "habit_weight": history.HABIT_WEIGHT, "seed": fitting.seed,
            "holdout_days": HOLDOUT_DAYS, "products": len(factors.products),
            "habits": int((items < 0).sum()),
        },
        metrics={
            **metrics, "fit_seconds": fit_seconds,
            **({"ndcg_at_10_of_new": new["new"]["ndcg_at_10"]} if new else {}),
        },
        baselines=measured,
        holdout=known,
        train_rows=past.rows.count(),
        holdout_rows=holdout_rows,
        windows=past.windows,
        figures={"recommenders": lambda: pictures.recommenders({"this model": metrics, **measured})},
        tried=(found.sentence,) if found else (),
        limits=_limits(metrics, measured),
    )  # fmt: skip


def _communities(tables: Mapping[str, DataFrame], day: date | None = None) -> DataFrame:
    """The community of each user, as it was when the day's quarter began, or is now: user_id, community; or no rows."""
    name = "gold.influence" if day is None else "gold.graph_history"
    known = tables.get(name)
    if known is None:
        known = tables["silver.order_items"].sparkSession.createDataFrame([], find(name).ddl)
    if day is not None:
        known = known.where(F.col("as_of") == F.trunc(F.lit(day), "quarter"))
    return known.select("user_id", "community")


def _factorised(past: Past, rows: DataFrame, seed: int) -> tuple[dict[str, Any], float]:
    """The document of these interactions, and the seconds that the factorisation took."""
    begun = perf_counter()
    items, vectors = training.factorise(rows, seed)
    seconds = perf_counter() - begun
    return training.document_of(items, vectors, past.lines, past.cut), seconds


def _lost(lists_: DataFrame, model: str) -> pa.Table:
    rows = lists_.where(F.col("model") == model)
    return rows.select(F.col("user_id").alias("unit"), (1 - F.col("ndcg")).alias("loss")).toArrow()


def _limits(metrics: dict[str, float], baselines: dict[str, dict[str, float]]) -> tuple[str, ...]:
    best = max(baselines, key=lambda name: baselines[name]["ndcg_at_10"])
    theirs = baselines[best]["ndcg_at_10"]
    beaten = metrics["ndcg_at_10"] > theirs
    return (
        f"It {'beats' if beaten else 'does NOT beat'} the best simple answer, {best}:"
        f" NDCG@10 {metrics['ndcg_at_10']:.4f} against {theirs:.4f}.",
        "Products that a customer has already bought are never shown: it is about what is new to them.",
        f"Products first sold in the {HOLDOUT_DAYS} days before a training are shown to nobody until the next one.",
        "A customer without an order gets what sells in the category they looked at most, or at all.",
        "What was out of stock could not be bought: the model takes that for lack of interest.",
    )


def losses(model: dict[str, Any], holdout: DataFrame) -> pa.Table:
    """One less the NDCG@10 of each customer who bought something new."""
    factors = Factors(model)
    scored = judged(holdout, {"als": factors.scores}, factors.products)
    people = holdout.select("user_id", "country", "age")
    rows = scored.select("user_id", (1 - F.col("ndcg")).alias("loss")).join(people, "user_id")
    return rows.select(F.col("user_id").alias("unit"), "loss", "country", "age").toArrow()


def recommendations(inputs: Mapping[str, DataFrame], model: dict[str, Any], version: int) -> DataFrame:
    """Ten products for every customer: known ones, and those without an order.

    Args:
        inputs: the tables of `READS`.
        model: what `fit` has fitted.
        version: the model's version.

    Returns:
        The columns of gold.recommendations.
    """
    bought = history.lines(inputs)
    rows = history.interactions(bought).unionByName(history.fellows(_communities(inputs), bought))
    everyone = inputs["silver.users"].select(F.col("user_id").cast("int")).distinct()
    # Full, as an order may name a customer whom no table of customers knows.
    past = with_past(everyone, rows, how="full").join(history.looked_at(inputs), "user_id", "left")
    return lists(past, Factors(model), version)


def write(lake: Lake, model: dict[str, Any], version: int, progress: Progress) -> dict[str, int]:
    """Give every customer a list in gold."""
    progress("Ten products for each customer", 0.0)
    lake.overwrite("gold.recommendations", recommendations({name: lake.read(name) for name in READS}, model, version))
    return {"gold.recommendations": lake.rows("gold.recommendations")}


RECOMMENDATIONS = Recipe(
    name="recommendations",
    title="Recommendations",
    question="Which products is each customer most likely to want next?",
    reads=READS,
    metric=Metric("ndcg_at_10", "NDCG@10 on new products of the last 28 days", higher_is_better=True),
    fit=fit,
    losses=losses,
    write=write,
    flavor="json",
    why_no_inputs="It reads no row of features: it learns from who bought which product, all customers together.",
    optional=("silver.products", "silver.users", "silver.events", "gold.graph_history", "gold.influence"),
)
