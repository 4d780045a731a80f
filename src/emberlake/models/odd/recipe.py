"""The recipe `odd_orders`: which orders somebody should look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pyspark.sql import functions as F

from emberlake.errors import ModelError
from emberlake.models.ages import age_band
from emberlake.models.odd import pictures
from emberlake.models.odd.history import judged
from emberlake.models.odd.injection import average_precision, with_injected
from emberlake.models.odd.learning import ORDERS_A_FALSE_ALARM, learn
from emberlake.models.odd.signs import SIGNS, Ordinary, with_explanation, with_scores
from emberlake.models.recipe import Fitted, Fitting, Metric, Recipe
from emberlake.progress import Progress
from emberlake.tables import find

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa
    from numpy.typing import NDArray
    from pyspark.sql import DataFrame

    from emberlake.lake import Lake

READS = ("gold.order_features", "silver.order_items", "silver.users", "silver.addresses")
# The last fifth of the history is held out.
HOLDOUT_SHARE = 0.2
# Of more, a part is measured: an alarm in 10,000 is then seen 20 times.
MOST_MEASURED = 200_000


def fit(fitting: Fitting) -> Fitted:
    """Learn what ordinary orders are like, and measure on later ones, some of which are made odd.

    Raises:
        ModelError: with too few orders, or when all are of the same amount.
    """
    fitting.progress("What ordinary orders are like", 0.0)
    tables, orders = fitting.tables, fitting.tables["gold.order_features"]
    first, until, last = _days(orders)
    before = {**tables, "gold.order_features": orders.where(F.col("ordered_at") < F.lit(until))}
    ordinary = learn(before, fitting.stage)
    fitting.progress("Orders that were held out", 0.6)
    later = judged(tables, ordinary.low, ordinary.high).where(F.col("ordered_at") >= F.lit(until))
    people = tables["silver.users"].select("user_id", "birth_year")
    rows = with_injected(later, fitting.seed).join(people, "user_id", "left")
    total = orders.where(F.col("ordered_at") >= F.lit(until)).count()
    turn = F.pmod(F.xxhash64("order_id", F.lit(fitting.seed + 2)), F.lit(1_000_000))
    holdout = fitting.stage(rows.where(turn < round(min(1.0, MOST_MEASURED / max(total, 1)) * 1_000_000)))
    scored = with_scores(holdout, ordinary).select("score", "log_amount", "injected").toArrow()
    score, amount = (scored.column(name).to_numpy() for name in ("score", "log_amount"))
    kind = np.array([name or "" for name in scored.column("injected").to_pylist()])
    measured = _measures(score, kind, ordinary.threshold)
    # The global z-score ranks as the amount does; it may call as many orders odd as ours does.
    alarms = int((score >= ordinary.threshold).sum())
    limit = np.sort(amount)[-alarms] if alarms else np.inf
    return Fitted(
        model=ordinary.to_json(),
        params={"orders_a_false_alarm": ORDERS_A_FALSE_ALARM, "holdout_share": HOLDOUT_SHARE, "seed": fitting.seed},
        metrics=measured,
        baselines={"z-score of the amount over the whole shop": _measures(amount, kind, float(limit))},
        holdout=holdout,
        train_rows=before["gold.order_features"].count(),
        holdout_rows=len(score),
        windows={"train": (first, until), "holdout": (until, last)},
        figures={
            "scores": lambda: pictures.scores(score, kind, ordinary.threshold),
            "recall": lambda: pictures.recall(measured, SIGNS),
        },
        limits=(
            "Unusual is not fraudulent: an odd order is one to look at.",
            "It was measured on ordinary orders that were made odd, because no list of real ones exists.",
            "The first order of a burst, and mostly the second, look like any other: they are not found.",
            "Signs are judged one by one, so that three weak ones together are not odd.",
        ),
    )


def _days(orders: DataFrame) -> tuple[str, str, str]:
    """The first day, the first day held out, and the last one, as ISO dates.

    Raises:
        ModelError: without any order.
    """
    moment = F.col("ordered_at").cast("long")
    found = orders.agg(
        F.to_date(F.min("ordered_at")).alias("first"),
        F.to_date(F.percentile_approx(moment, 1 - HOLDOUT_SHARE, 10_000).cast("timestamp")).alias("until"),
        F.to_date(F.max("ordered_at")).alias("last"),
    ).first()
    if found is None or found.first is None:
        raise ModelError("There are no orders to learn from.", "Build gold first: `emberlake build`.")
    return str(found.first), str(found.until), str(found.last)


def _measures(score: NDArray[Any], kind: NDArray[Any], threshold: float) -> dict[str, float]:
    odd, alarm = kind != "", score >= threshold
    found = {f"recall_{sign}": float(alarm[kind == sign].mean()) if (kind == sign).any() else 0.0 for sign in SIGNS}
    rate = float(alarm[~odd].mean()) if (~odd).any() else 0.0
    return {"average_precision": average_precision(score, odd), "alarms_per_10000": 10_000 * rate, **found}


def losses(model: dict[str, Any], holdout: DataFrame) -> pa.Table:
    """1 for an odd order that was missed and for an ordinary one that was called odd, 0 else."""
    ordinary = Ordinary.from_json(model)
    alarm = F.col("score") >= F.lit(ordinary.threshold)
    wrong = (alarm != F.col("injected").isNotNull()).cast("double")
    age = age_band(F.year("ordered_at"), F.col("birth_year"))
    rows = with_scores(holdout, ordinary)
    return rows.select(F.col("order_id").alias("unit"), wrong.alias("loss"), "country", age.alias("age")).toArrow()


def odd_orders_of(inputs: Mapping[str, DataFrame], model: dict[str, Any], version: int) -> DataFrame:
    """The orders that are odd, each by what was known before it.

    Args:
        inputs: the tables of `READS`.
        model: what `fit` has learnt.
        version: the model's version.

    Returns:
        The columns of gold.odd_orders.
    """
    ordinary = Ordinary.from_json(model)
    scored = with_scores(judged(inputs, ordinary.low, ordinary.high), ordinary)
    found = with_explanation(scored.where(F.col("score") >= F.lit(ordinary.threshold)), ordinary)
    return found.withColumn("model_version", F.lit(version).cast("int")).select(*find("gold.odd_orders").names)


def write(lake: Lake, model: dict[str, Any], version: int, progress: Progress) -> dict[str, int]:
    """List the odd orders in gold."""
    progress("Odd orders", 0.0)
    inputs = {name: lake.read(name) for name in READS}
    lake.overwrite("gold.odd_orders", odd_orders_of(inputs, model, version))
    return {"gold.odd_orders": lake.rows("gold.odd_orders")}


ODD_ORDERS = Recipe(
    name="odd_orders",
    title="Odd orders",
    question="Which orders are so unlike what the customer and the shop do that somebody should look at them?",
    reads=READS,
    metric=Metric("average_precision", "Average precision on orders made odd", higher_is_better=True),
    fit=fit,
    losses=losses,
    write=write,
    flavor="json",
    why_no_inputs="It reads no row of features: it sets each order against what its customer and the shop did before.",
    optional=("silver.order_items", "silver.users", "silver.addresses"),
)
