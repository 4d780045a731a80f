"""Who will order nothing for a while: learnt at earlier moments, measured at the latest one."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from emberlake.errors import ModelError
from emberlake.models.churn.features import AHEAD_DAYS, GRAPH, NAMES, NUMBERS, OBSERVED_DAYS, customers_at
from emberlake.models.churn.today import READS, inputs, probability, span, write
from emberlake.models.classification import (
    brier,
    calibration_error,
    calibration_figure,
    counted,
    lift_figure,
    ranking,
)
from emberlake.models.importance import importance, importance_figure
from emberlake.models.recipe import Fitted, Fitting, Metric, Recipe
from emberlake.models.tried import tried

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.ml import Pipeline
    from pyspark.sql import Column, DataFrame

TREES, DEPTH, BINS, STEP = 25, 3, 64, 0.15
# Moments to learn from lie so many days apart, the latest one so early that its outcome was known at the hold-out's.
APART_DAYS, MOST_MOMENTS = 45, 7
FEWEST_CUSTOMERS = 100
_LABEL = "stays_away"
_LEAST = 1e-6
_LIMITS = (
    f"It speaks of customers who ordered in the last {OBSERVED_DAYS} days, and of the next {AHEAD_DAYS} days only.",
    "Who leaves and who merely orders seldom look alike for a while: the probability is that of no order, not of a"
    " decision to leave.",
    "Country, loyalty and how a customer was won are taken as they are today, for the past as well.",
    "It learns from earlier seasons: before an unusually strong or weak season its probabilities are too high or too"
    " low, while the order of the customers still holds.",
)


def fit(fitting: Fitting) -> Fitted:
    """Train at earlier moments and measure at the latest one whose outcome is known.

    Raises:
        ModelError: when the history is too short, too few customers are active, all or none of them stay away, or
            nothing tells them apart.
    """
    tell = fitting.progress
    tell("How long the history is", 0.0)
    moments = moments_of(*span(fitting.tables["gold.order_features"]))
    tell("What was known of each customer", 0.1)
    rows = fitting.stage(labelled(customers_at(fitting.tables, moments)))
    latest = F.lit(moments[0])
    train, holdout = rows.where(F.col("moment") < latest), rows.where(F.col("moment") == latest)
    facts = _facts(rows, latest)
    tell("Growing trees", 0.5)
    plain = pipeline(fitting.seed, facts).fit(train)
    holdout = fitting.stage(holdout)
    if not facts["follows"]:
        return _measured(fitting, plain, train, holdout, moments, facts)
    tell("Growing trees that know who follows whom", 0.65)
    other = pipeline(fitting.seed, facts, GRAPH).fit(train)
    tell("Measuring at the latest moment", 0.85)
    trial = tried("Who follows whom (followers, following, rank)", losses(plain, holdout), losses(other, holdout))
    facts["graph"] = GRAPH if trial.helps else ()
    measured = _measured(fitting, other if trial.helps else plain, train, holdout, moments, facts)
    measured.metrics |= {"graph_gain": trial.gain}
    measured.tried = (trial.sentence,)
    return measured


def moments_of(first: dt.datetime | None, end: dt.datetime | None) -> list[dt.datetime]:
    """The moments to look back from, the hold-out's first.

    Raises:
        ModelError: when two of them do not fit between the first order and the end.
    """
    needed = OBSERVED_DAYS + 2 * AHEAD_DAYS
    days = (end - first).days if first is not None and end is not None else 0
    if end is None or days < needed:
        raise ModelError(
            f"The orders span {days:,} days; to learn who stays away takes {needed:,}: {OBSERVED_DAYS} to observe, and"
            f" twice {AHEAD_DAYS} to see what came of it.",
            "Import a longer history of orders.",
        )
    steps = min(MOST_MOMENTS, 1 + (days - needed) // APART_DAYS)
    latest = end - dt.timedelta(days=AHEAD_DAYS)
    return [latest, *(latest - dt.timedelta(days=AHEAD_DAYS + APART_DAYS * step) for step in range(steps))]


def labelled(customers: DataFrame) -> DataFrame:
    """Customers with stays_away: 1.0 where no order came, else 0.0."""
    return customers.withColumn(_LABEL, (F.col("orders_ahead") == 0).cast("double")).drop("orders_ahead")


def pipeline(seed: int, facts: dict[str, Any], more: tuple[str, ...] = ()) -> Pipeline:
    """The estimator; an age that nobody has told is left out, because there is no median to put in its place.

    Args:
        more: numbers beside `NUMBERS`.
    """
    from pyspark.ml import Pipeline
    from pyspark.ml.classification import GBTClassifier
    from pyspark.ml.feature import Imputer, StringIndexer, VectorAssembler

    numbers = [name for name in (*NUMBERS, *more) if name != "age" or facts["ages"]]
    index, known = [f"{name}_index" for name in NAMES], [f"{name}_known" for name in numbers]
    return Pipeline(
        stages=[
            StringIndexer(inputCols=list(NAMES), outputCols=index, handleInvalid="keep"),
            Imputer(inputCols=numbers, outputCols=known, strategy="median"),
            VectorAssembler(inputCols=known + index, outputCol="features"),
            GBTClassifier(
                labelCol=_LABEL, maxIter=TREES, maxDepth=DEPTH, maxBins=facts["bins"], stepSize=STEP, seed=seed,
                minInstancesPerNode=20,
            ),
        ]
    )  # fmt: skip


def losses(model: Any, holdout: DataFrame) -> pa.Table:
    """The log loss of each customer."""
    of_truth = F.when(F.col(_LABEL) == 1.0, probability()).otherwise(1 - probability())
    loss = -F.log(F.greatest(of_truth, F.lit(_LEAST)))
    scored = model.transform(holdout)
    return scored.select(
        F.col("user_id").alias("unit"), loss.alias("loss"), "country", F.col("age_band").alias("age")
    ).toArrow()


def _facts(rows: DataFrame, latest: Column) -> dict[str, Any]:
    train, holdout = F.col("moment") < latest, F.col("moment") == latest
    row = rows.agg(
        F.count_if(train).alias("train"), F.count_if(holdout).alias("holdout"),
        F.avg(F.when(train, F.col(_LABEL))).alias("train_share"),
        F.avg(F.when(holdout, F.col(_LABEL))).alias("holdout_share"),
        F.count(F.when(train, F.col("age"))).alias("ages"),
        F.count(F.when(train, F.col("followers"))).alias("follows"),
        *(F.stddev(F.when(train, F.col(name))).alias(f"spread {name}") for name in NUMBERS),
        *(F.approx_count_distinct(name).alias(f"kinds {name}") for name in NAMES),
    ).first()  # fmt: skip
    assert row is not None
    facts = row.asDict()
    _require(facts)
    facts["bins"] = max(BINS, int(1.2 * max(facts[f"kinds {name}"] for name in NAMES)) + 2)
    return facts


def _require(facts: dict[str, Any]) -> None:
    if min(facts["train"], facts["holdout"]) < FEWEST_CUSTOMERS:
        raise ModelError(
            f"Only {facts['train']:,} rows to learn from and {facts['holdout']:,} active customers to measure on; it"
            f" takes at least {FEWEST_CUSTOMERS} of each.",
            "Import more customers or a longer history, or make a larger shop: --scale.",
        )
    for side in ("train", "holdout"):
        share = facts[f"{side}_share"]
        if share in (0.0, 1.0):
            who = "every" if share else "no"
            raise ModelError(
                f"In the {side} rows {who} active customer orders nothing for {AHEAD_DAYS} days: there is nothing to"
                " tell apart.",
                "Check that the orders' times are right and that the history is whole up to its end.",
            )
    if not any(facts[f"spread {name}"] for name in NUMBERS if name != "month"):
        raise ModelError(
            "All active customers look alike: every feature has the same value.",
            "Check the columns user_id, ordered_at and amount of the imported orders.",
        )


def _measured(
    fitting: Fitting,
    model: Any,
    train: DataFrame,
    holdout: DataFrame,
    moments: list[dt.datetime],
    facts: dict[str, Any],
) -> Fitted:
    label = F.col(_LABEL)
    scored = fitting.stage(model.transform(holdout).select(_LABEL, probability().alias("said"), "recency_days"))
    counts = counted(scored, F.col("said"), label)
    # Scores of groups must lie within a narrow range: recency in shares of the observation.
    lately = counted(scored, F.col("recency_days") / OBSERVED_DAYS, label)
    base, came = facts["train_share"], facts["holdout_share"]
    shares = importance(model)
    rows = train.select(*NUMBERS, *facts.get("graph", ()), *NAMES)
    learnt = moments[1:]
    ahead = dt.timedelta(days=AHEAD_DAYS)
    return Fitted(
        model=model,
        params={
            "trees": TREES, "depth": DEPTH, "step": STEP, "bins": facts["bins"], "seed": fitting.seed,
            "observed_days": OBSERVED_DAYS, "ahead_days": AHEAD_DAYS, "moments": len(learnt),
        },
        metrics={
            **ranking(counts), "brier": brier(scored, F.col("said"), label),
            "calibration_error": calibration_error(counts), "stay_away_share": came,
        },
        baselines={
            "recency": ranking(lately),
            "base_rate": {"pr_auc": came, "roc_auc": 0.5, "brier": came * (1 - base) ** 2 + (1 - came) * base**2},
        },
        holdout=holdout,
        train_rows=facts["train"],
        holdout_rows=facts["holdout"],
        sample=rows.limit(20),
        # The rows of today are all of one month: as drift it would say the date.
        features=rows.drop("month"),
        windows={
            "train": (
                (learnt[-1] - dt.timedelta(days=OBSERVED_DAYS)).date().isoformat(),
                (learnt[0] + ahead - dt.timedelta(days=1)).date().isoformat(),
            ),
            "holdout": (moments[0].date().isoformat(), (moments[0] + ahead - dt.timedelta(days=1)).date().isoformat()),
        },
        importance=shares,
        figures={
            "calibration": lambda: calibration_figure(counts, "Churn: are the probabilities true?", "stayed away"),
            "lift": lambda: lift_figure(counts, "Churn: lift by tenth", "stayed away"),
            "importance": lambda: importance_figure(shares, "What churn depends on"),
        },
        limits=_LIMITS,
    )  # fmt: skip


CHURN = Recipe(
    name="churn",
    title="Customers who stay away",
    question=f"Which of our active customers will order nothing in the next {AHEAD_DAYS} days?",
    reads=READS,
    metric=Metric("pr_auc", "PR-AUC", higher_is_better=True),
    fit=fit,
    losses=losses,
    write=write,
    inputs=inputs,
    optional=("silver.users", "gold.graph_history"),
)
