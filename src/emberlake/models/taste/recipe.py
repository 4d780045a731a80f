"""The recipe `recommendations`: which products each customer is most likely to want next."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
from pyspark.sql import functions as F

from emberlake.errors import ModelError
from emberlake.models.ages import age_band
from emberlake.models.recipe import Fitted, Fitting, Metric, Recipe
from emberlake.models.taste import history, pictures, rivals, training
from emberlake.models.taste.evaluation import TOP, Scorer, judged, summed_up
from emberlake.models.taste.factors import Factors
from emberlake.models.taste.lists import lists

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import pyarrow as pa
    from pyspark.sql import DataFrame

    from emberlake.lake import Lake
    from emberlake.progress import Progress

READS = ("silver.order_items", "gold.order_features", "silver.products", "silver.users", "silver.events")
HOLDOUT_DAYS = 28
# The past has to be longer than what is asked of it.
FEWEST_DAYS = 3 * HOLDOUT_DAYS


def fit(fitting: Fitting) -> Fitted:
    """Learn from all but the last 28 days, and measure what is bought for the first time in those.

    Raises:
        ModelError: without order lines, with too few products or days, or if nobody came back in the hold-out.
    """
    fitting.progress("What each customer bought", 0.0)
    every = fitting.stage(history.lines(fitting.tables))
    first, until = _days(every)
    cut = until - timedelta(days=HOLDOUT_DAYS)
    before = every.where(F.col("day") < F.lit(cut))
    training.check(before, TOP)
    rows = fitting.stage(history.interactions(before))
    fitting.progress("Alternating least squares", 0.3)
    begun = perf_counter()
    items, vectors = training.factorise(rows, fitting.seed)
    fit_seconds = perf_counter() - begun
    document = training.document_of(items, vectors, before, cut)
    fitting.progress("Customers who came back", 0.6)
    holdout = fitting.stage(_holdout(fitting.tables, rows, every.where(F.col("day") >= F.lit(cut)), cut))
    known, cold = holdout.where(F.size("items") > 0), holdout.where(F.size("items") == 0)
    holdout_rows = known.count()
    if holdout_rows == 0:
        raise ModelError(
            f"No customer of before bought something new in the last {HOLDOUT_DAYS} days: nothing can be measured.",
            "Take in more recent orders first.",
        )
    factors = Factors(document)
    scorers = {"als": factors.scores, **_rivals(factors, before)}
    measured = summed_up(fitting.stage(judged(known, scorers, factors.products)), len(factors.products))
    new = summed_up(judged(cold, {"new": factors.scores}, factors.products), len(factors.products))
    metrics = measured.pop("als")
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
        train_rows=rows.count(),
        holdout_rows=holdout_rows,
        windows={
            "train": (first.isoformat(), (cut - timedelta(days=1)).isoformat()),
            "holdout": (cut.isoformat(), (until - timedelta(days=1)).isoformat()),
        },
        figures={"recommenders": lambda: pictures.recommenders({"this model": metrics, **measured})},
        limits=_limits(metrics, measured),
    )  # fmt: skip


def _days(every: DataFrame) -> tuple[date, date]:
    """The first day, and the day after the last one."""
    found = every.agg(F.min("day"), F.max("day")).first()
    if found is None or found[0] is None:
        raise ModelError(
            "No order has a line: it is not known which products were bought.",
            "Take in order lines first: order, product and quantity.",
        )
    first, last = found
    days = (last - first).days + 1
    if days < FEWEST_DAYS:
        raise ModelError(
            f"{days} days of orders are too short a past to hold out the last {HOLDOUT_DAYS} of them.",
            f"Recommendations need {FEWEST_DAYS} days of orders.",
        )
    return first, last + timedelta(days=1)


def _holdout(tables: Mapping[str, DataFrame], rows: DataFrame, after: DataFrame, cut: date) -> DataFrame:
    """Customers who bought something new: user_id, items, weights, looked, wanted, country, age."""
    bought = rows.where("item >= 0").select("user_id", "item")
    wanted = (
        after.select(F.col("user_id").cast("int"), F.col("product_id").cast("int").alias("item"))
        .distinct()
        .join(bought, ["user_id", "item"], "left_anti")
        .groupBy("user_id")
        .agg(F.sort_array(F.collect_list("item")).alias("wanted"))
    )
    age = age_band(F.year(F.lit(cut)), F.col("birth_year")).alias("age")
    people = tables["silver.users"].select(F.col("user_id").cast("int"), "country", age)
    return (
        _with_past(wanted, rows).join(history.looked_at(tables, cut), "user_id", "left").join(people, "user_id", "left")
    )


def _with_past(users: DataFrame, rows: DataFrame, how: str = "left") -> DataFrame:
    """These customers with items and weights, empty for those without a past."""
    empty = {"items": F.array().cast("array<int>"), "weights": F.array().cast("array<double>")}
    joined = users.join(history.histories(rows), "user_id", how)
    return joined.withColumns({name: F.coalesce(name, none) for name, none in empty.items()})


def _rivals(factors: Factors, before: DataFrame) -> dict[str, Scorer]:
    pairs = before.select("user_id", "product_id").distinct()
    alike = rivals.cosines(pairs).toArrow()
    one, other = (
        np.searchsorted(factors.products, alike.column(name).to_numpy()) for name in ("product_id", "other_id")
    )
    neighbours = (one, other, alike.column("cosine").to_numpy())
    given: dict[str, Any] = {"products": factors.products, "popularity": factors.popularity}
    return {
        "popularity": partial(rivals.popular, **given),
        "popular in favourite category": partial(rivals.popular_in_favourite, **given, categories=factors.categories),
        "item to item": partial(rivals.similar, products=factors.products, neighbours=neighbours),
    }


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
        inputs: silver.order_items, gold.order_features, silver.products, silver.users, silver.events.
        model: what `fit` has fitted.
        version: the model's version.

    Returns:
        The columns of gold.recommendations.
    """
    rows = history.interactions(history.lines(inputs))
    everyone = inputs["silver.users"].select(F.col("user_id").cast("int")).distinct()
    # Full, as an order may name a customer whom no table of customers knows.
    past = _with_past(everyone, rows, how="full").join(history.looked_at(inputs), "user_id", "left")
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
    optional=("silver.products", "silver.users", "silver.events"),
)
