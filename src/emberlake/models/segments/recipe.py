"""The recipe `segments`: which kinds of customers there are, and of which kind each one is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pyspark.sql import functions as F

from emberlake.errors import ModelError
from emberlake.models.ages import age_band
from emberlake.models.recipe import Fitted, Fitting, Metric, Recipe
from emberlake.models.segments import clustering, pictures
from emberlake.models.segments.behaviour import FEWEST_ORDERS, behaviour, main_channels
from emberlake.models.segments.naming import segment_names
from emberlake.models.segments.silhouette import nearest, silhouette, spread
from emberlake.progress import Progress
from emberlake.tables import find

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa
    from numpy.typing import NDArray
    from pyspark.ml import PipelineModel
    from pyspark.sql import DataFrame

    from emberlake.lake import Lake

READS = ("gold.order_features", "gold.customer_360", "silver.order_items", "silver.products")
# One customer in five is held out: customers, not days, because a segment is what somebody is all along.
HOLDOUT_ONE_IN = 5
FEWEST_HELD_OUT = 5
_TRAITS = ("country", "birth_year", "segment")


def fit(fitting: Fitting) -> Fitted:
    """Find the segments of four fifths of the customers who came again, and measure them on the others.

    Raises:
        ModelError: if there are too few customers, or all do the same.
    """
    fitting.progress("How each customer buys", 0.0)
    orders = fitting.tables["gold.order_features"]
    channels = main_channels(orders)
    rows = fitting.stage(_with_traits(behaviour(fitting.tables, channels), fitting.tables["gold.customer_360"]))
    known = rows.where(F.col("orders") >= FEWEST_ORDERS)
    turn = F.pmod(F.xxhash64("user_id", F.lit(fitting.seed)), F.lit(HOLDOUT_ONE_IN))
    train, rest = known.where(turn != 0), known.where(turn == 0)
    fitting.progress("k-means for each number of segments", 0.3)
    found = clustering.cluster(train, channels, fitting.stage, fitting.seed)
    fitting.progress("Customers that were held out", 0.8)
    train_rows, holdout_rows = train.count(), rest.count()
    if holdout_rows < FEWEST_HELD_OUT:
        raise ModelError(
            f"{holdout_rows} customers are held out, too few to measure segments on.",
            f"At least {FEWEST_HELD_OUT}, one in {HOLDOUT_ONE_IN}, are needed: take in more orders first.",
        )
    holdout = fitting.stage(clustering.share(rest, clustering.SAMPLE / max(holdout_rows, 1), fitting.seed))
    features, centres, before = clustering.parts_of(found.model)
    points = clustering.as_points(before.transform(holdout).orderBy("user_id"))
    rfm = np.array([row.segment or "" for row in holdout.orderBy("user_id").select("segment").collect()])
    measured = _measures(points, nearest(points, centres))
    names = segment_names(features, centres)
    first, last = orders.agg(F.to_date(F.min("ordered_at")), F.to_date(F.max("ordered_at"))).first() or ("", "")
    labels = nearest(found.points, centres)
    between = np.bincount(labels, minlength=len(centres)) @ centres**2
    raw = clustering.raw_columns(channels)
    return Fitted(
        model=found.model,
        params={
            "k": len(centres), "features": ", ".join(features), "fewest_orders": FEWEST_ORDERS, "seed": fitting.seed,
            "max_iterations": clustering.MOST_ITERATIONS, "sample": clustering.SAMPLE,
            **{f"segment_{number}": name for number, name in enumerate(names)},
        },
        metrics={
            **measured, "fit_seconds": found.fit_seconds, "search_seconds": found.search_seconds,
            **{f"silhouette_k{k}": value for k, value in found.by_k.items()},
        },
        baselines={
            "one segment": _measures(points, np.zeros(len(points))),
            "RFM segments by fifths": _measures(points, rfm),
        },
        holdout=holdout,
        train_rows=train_rows,
        holdout_rows=holdout_rows,
        sample=rows.select(*raw).limit(5),
        features=train.select(*raw),
        windows={"orders": (str(first), str(last))},
        importance=dict(zip(features, (between / between.sum()).tolist(), strict=True)),
        figures={
            "segments": lambda: pictures.segments(found.points, labels, features, names),
            "centres": lambda: pictures.centres(centres, features, names, np.bincount(labels)),
            "silhouette_by_k": lambda: pictures.silhouette_by_k(found.by_k, len(centres)),
        },
        limits=(
            f"Customers with fewer than {FEWEST_ORDERS} orders get the nearest segment, on little evidence.",
            "Segments describe the past as a whole: who has changed lately still lies near what they were.",
            "Numbers and words of segments may change with every training; the customers behind them change less.",
        ),
    )  # fmt: skip


def _measures(points: NDArray[Any], labels: NDArray[Any]) -> dict[str, float]:
    return {"silhouette": silhouette(points, labels), "spread": spread(points, labels)}


def _with_traits(rows: DataFrame, customers: DataFrame) -> DataFrame:
    """With what the card compares groups by, and the RFM segment that is the baseline."""
    return rows.join(customers.select("user_id", *_TRAITS), "user_id", "left")


def losses(model: PipelineModel, holdout: DataFrame) -> pa.Table:
    """How undecided each customer's segment is: the distance to its centre over that to the next one, 0 to 1.

    One less the simplified silhouette (Hruschka, de Castro, Campello 2004): it compares models of any number of
    segments and any scale of features.
    """
    scored = model.transform(holdout).withColumn("_far", clustering.distances(model))
    own, other = F.element_at("_far", 1), F.element_at("_far", 2)
    age = age_band(F.year("as_of"), F.col("birth_year"))
    loss = F.when(other > 0, own / other).otherwise(1.0)
    return scored.select(F.col("user_id").alias("unit"), loss.alias("loss"), "country", age.alias("age")).toArrow()


def rows_today(model: PipelineModel, tables: Mapping[str, DataFrame]) -> DataFrame:
    """The rows that the model is asked about now: one a customer with an order, with `user_id` and `as_of`."""
    return behaviour(tables, clustering.channels_of(model))


def segments_of(inputs: Mapping[str, DataFrame], model: PipelineModel, version: int) -> DataFrame:
    """The segment of every customer with an order.

    Args:
        inputs: gold.order_features, silver.order_items, silver.products.
        model: what `fit` has fitted.
        version: the model's version.

    Returns:
        The columns of gold.customer_segments; distances in standard deviations.
    """
    features, centres, _ = clustering.parts_of(model)
    rows = model.transform(rows_today(model, inputs))
    words = F.array(*[F.lit(name) for name in segment_names(features, centres)])
    return rows.select(
        "user_id",
        "as_of",
        F.col("cluster").cast("int"),
        F.get(words, F.col("cluster")).alias("segment"),
        F.element_at(clustering.distances(model), 1).alias("distance"),
        F.lit(version).cast("int").alias("model_version"),
    ).select(*find("gold.customer_segments").names)


def inputs(model: PipelineModel, tables: Mapping[str, DataFrame]) -> DataFrame:
    """How those who came again buy today, with the channels that the model was fitted with."""
    return behaviour(tables, clustering.channels_of(model)).where(F.col("orders") >= FEWEST_ORDERS)


def write(lake: Lake, model: PipelineModel, version: int, progress: Progress) -> dict[str, int]:
    """Give every customer a segment in gold."""
    progress("The segment of each customer", 0.0)
    inputs = {name: lake.read(name) for name in READS}
    lake.overwrite("gold.customer_segments", segments_of(inputs, model, version))
    return {"gold.customer_segments": lake.rows("gold.customer_segments")}


SEGMENTS = Recipe(
    name="segments",
    title="Customer segments",
    question="Which kinds of customers do we have, and of which kind is each one?",
    reads=READS,
    metric=Metric("silhouette", "Silhouette on customers held out", higher_is_better=True),
    fit=fit,
    losses=losses,
    write=write,
    inputs=inputs,
    optional=("silver.order_items", "silver.products"),
)
