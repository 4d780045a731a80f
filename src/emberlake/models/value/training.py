"""What an order will come to, learnt from the past and measured on the last weeks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from emberlake.errors import ModelError
from emberlake.models.ages import age_band
from emberlake.models.importance import importance, importance_figure
from emberlake.models.leaks import World, find_leaks, require_no_leaks
from emberlake.models.recipe import Fitted, Fitting, Metric, Recipe
from emberlake.models.regression import accuracy, predicted_figure, residual_figure, some
from emberlake.models.value.features import (
    AFTER_CHECKOUT,
    KNOWN_FROM,
    NAMES,
    NUMBERS,
    checkout_features,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa
    from pyspark.ml import Pipeline
    from pyspark.sql import Column, DataFrame, Row

# The last weeks are held out; of a short history no more than a fifth.
HOLDOUT_DAYS, HOLDOUT_SHARE = 56, 0.2
FEWEST_ORDERS = 200
# Shallow trees, many bins: an order's value is nearly a sum, and its largest values matter most
# (docs/decisions/0078-order-value-by-boosted-trees.md).
TREES, DEPTH, BINS, STEP = 30, 3, 1000, 0.2
# What is paid for a basket, relative to one piece of each line, is winsorised above this quantile.
WINSOR = 0.995
# So many times that cap is no order that any basket explains: such rows are measured, and measured apart.
ODD = 2.0
# A share of the orders, by time, after which leaks are looked for: early, so that the check costs little.
_CHECKED = 0.1
_WORLD = World(
    main="silver.orders", key="order_id", owner="user_id", known_from=KNOWN_FROM,
    belongs=("silver.order_items",), after=AFTER_CHECKOUT,
)  # fmt: skip
_LIMITS = (
    "It predicts what the order comes to when nothing of the quantities and of the coupon is known: one piece of each"
    " line is all that it sees of the basket.",
    "Orders that are out of all proportion to their basket (resale, mistakes, fraud) are not what it has learnt: above"
    " the cap in its parameters, training takes the cap for the amount.",
    "Orders without lines are predicted from the customer's past alone, hardly better than by the mean.",
    "A product's category and list price are taken as they are today, for the past as well.",
)


@dataclass(frozen=True)
class _Facts:
    """What must be known of the rows before they can be split: times are UTC."""

    first: dt.datetime
    last: dt.datetime
    split: dt.datetime
    checked: dt.datetime
    orders: int
    bins: int


def fit(fitting: Fitting) -> Fitted:
    """Train on all orders but the last weeks', and measure on those.

    Raises:
        ModelError: with too few orders, with amounts that are all alike, or when a feature knows too much.
    """
    tell = fitting.progress
    tell("What was known at each check-out", 0.0)
    features = checkout_features(fitting.tables)
    rows = fitting.stage(_with_age(features, fitting.tables.get("silver.users")))
    facts = _facts(rows)
    tell("Looking for leaks", 0.25)
    moment = facts.checked + dt.timedelta(days=1)
    leaks = find_leaks(
        checkout_features, fitting.tables, _WORLD, (*NUMBERS, *NAMES), moment, facts.checked, whole=rows
    )  # fmt: skip
    require_no_leaks(leaks)
    train, holdout = (rows.where(when) for when in _sides(facts))
    told = _baselines(train)
    tell("Growing trees", 0.45)
    model = pipeline(fitting.seed, facts.bins).fit(train.withColumn("value", winsorised(told["cap"], told["most"])))
    tell("Measuring on the last weeks", 0.9)
    return _measured(fitting, model, train, fitting.stage(holdout), told, facts)


def pipeline(seed: int, bins: int = BINS) -> Pipeline:
    """The estimator: stages that the exporter to an in-process scorer knows."""
    from pyspark.ml import Pipeline
    from pyspark.ml.feature import Imputer, StringIndexer, VectorAssembler
    from pyspark.ml.regression import GBTRegressor

    index, known = [f"{name}_index" for name in NAMES], [f"{name}_known" for name in NUMBERS]
    return Pipeline(
        stages=[
            StringIndexer(inputCols=list(NAMES), outputCols=index, handleInvalid="keep"),
            # Trees refuse NaN in vectors: a caller who does not know a number gets the median.
            Imputer(inputCols=list(NUMBERS), outputCols=known, strategy="median"),
            VectorAssembler(inputCols=known + index, outputCol="features"),
            GBTRegressor(labelCol="value", maxIter=TREES, maxDepth=DEPTH, maxBins=bins, stepSize=STEP, seed=seed),
        ]
    )  # fmt: skip


def winsorised(cap: float, most: float) -> Column:
    """The amount, but no more than `cap` times the basket at one piece each; without a basket no more than `most`."""
    basket = F.col("basket_price")
    return F.least("amount", F.when(basket > 0, basket * cap).otherwise(F.lit(most)))


def losses(model: Any, holdout: DataFrame) -> pa.Table:
    """The absolute error of each order, in EUR."""
    return (
        model.transform(holdout)
        .select(
            F.col("order_id").alias("unit"), F.abs(F.col("amount") - F.col("prediction")).alias("loss"),
            "country", "age",
        )
        .toArrow()
    )  # fmt: skip


def inputs(model: Any, tables: Mapping[str, DataFrame]) -> DataFrame:
    """Every order as it was at its check-out, with its day."""
    return checkout_features(tables).withColumn("day", F.to_date("ordered_at"))


def _with_age(features: DataFrame, users: DataFrame | None) -> DataFrame:
    if users is None:
        return features.withColumn("age", F.lit(None).cast("string"))
    born = users.select("user_id", "birth_year")
    band = age_band(F.year("ordered_at"), F.col("birth_year"))
    return features.join(born, "user_id", "left").withColumn("age", band).drop("birth_year")


def _facts(rows: DataFrame) -> _Facts:
    # Seconds, because a collected timestamp is in the machine's time zone.
    seconds = F.col("ordered_at").cast("double")
    row = rows.agg(
        F.min(seconds).alias("first"), F.max(seconds).alias("last"), F.count("*").alias("orders"),
        F.percentile_approx(seconds, _CHECKED).alias("checked"), F.stddev("amount").alias("spread"),
        *(F.approx_count_distinct(name).alias(name) for name in NAMES),
    ).first()  # fmt: skip
    assert row is not None
    _require(row)
    first, last, checked = (dt.datetime.fromtimestamp(row[name], dt.UTC) for name in ("first", "last", "checked"))
    days = min(HOLDOUT_DAYS, int((last - first).days * HOLDOUT_SHARE))
    bins = max(BINS, int(1.2 * max(row[name] for name in NAMES)) + 2)
    return _Facts(first, last, _midnight(last) - dt.timedelta(days=days), _midnight(checked), row["orders"], bins)


def _midnight(moment: dt.datetime) -> dt.datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _require(row: Row) -> None:
    if row["orders"] < FEWEST_ORDERS:
        raise ModelError(
            f"Order value cannot be learnt from {row['orders']:,} orders.",
            f"It takes at least {FEWEST_ORDERS}: build the lake on a longer history, or a larger --scale.",
        )
    if not row["spread"]:
        raise ModelError(
            "Order value cannot be learnt: every order has the same amount.",
            "Check how the column `amount` of the orders was imported.",
        )


def _sides(facts: _Facts) -> tuple[Column, Column]:
    split = F.lit(facts.split)
    return F.col("ordered_at") < split, F.col("ordered_at") >= split


def _baselines(train: DataFrame) -> dict[str, float]:
    """What can be said without a model, and where amounts are cut, from the training rows alone."""
    price, listed = F.col("basket_price"), F.col("basket_list")
    row = train.agg(
        F.count("*").alias("rows"), F.avg("amount").alias("mean"),
        F.coalesce(F.regr_slope("amount", "basket_list"), F.lit(0.0)).alias("slope"),
        F.avg(listed).alias("listed"),
        F.percentile_approx(F.when(price > 0, F.col("amount") / price), WINSOR, 10_000).alias("cap"),
        F.percentile_approx("amount", WINSOR, 10_000).alias("most"),
    ).first()  # fmt: skip
    assert row is not None
    told = row.asDict()
    told["intercept"] = told["mean"] - told["slope"] * told["listed"]
    # No basket at all: nothing to be relative to.
    told["cap"] = told["cap"] or 1.0
    return told


def _measured(
    fitting: Fitting, model: Any, train: DataFrame, holdout: DataFrame, told: dict[str, float], facts: _Facts
) -> Fitted:
    scored = fitting.stage(
        model.transform(holdout).select(
            F.col("amount").alias("label"), "prediction", "basket_price", "basket_list", "mean_amount_before",
            "orders_before", (winsorised(ODD * told["cap"], ODD * told["most"]) < F.col("amount")).alias("odd"),
        )
    )  # fmt: skip
    mean = F.lit(told["mean"])
    predictions = {
        "model": F.col("prediction"),
        "mean": mean,
        "customer_mean": F.when(F.col("orders_before") > 0, F.col("mean_amount_before")).otherwise(mean),
        "basket_list_value": F.col("basket_list") * told["slope"] + told["intercept"],
    }
    label = F.col("label")
    measured = accuracy(scored, label, predictions)
    ordinary = accuracy(scored.where(~F.col("odd")), label, predictions)
    for name, values in measured.items():
        values["r2_ordinary"] = ordinary[name]["r2"]
    ours = measured.pop("model")
    rows, odd = scored.agg(F.count("*"), F.count_if("odd")).first() or (0, 0)
    points = some(scored, rows, fitting.seed)
    shares = importance(model)
    inputs = train.select(*NUMBERS, *NAMES)
    return Fitted(
        model=model,
        params={
            "trees": TREES, "depth": DEPTH, "step": STEP, "bins": facts.bins, "seed": fitting.seed,
            "winsor_quantile": WINSOR, "cap_of_basket": round(told["cap"], 4),
            "holdout_days": (facts.last - facts.split).days + 1,
        },
        metrics={**ours, "odd_share": odd / rows},
        baselines=measured,
        holdout=holdout,
        train_rows=int(told["rows"]),
        holdout_rows=rows,
        sample=inputs.limit(20),
        features=inputs,
        windows={
            "train": (facts.first.date().isoformat(), (facts.split - dt.timedelta(days=1)).date().isoformat()),
            "holdout": (facts.split.date().isoformat(), facts.last.date().isoformat()),
        },
        importance=shares,
        figures={
            "predicted": lambda: predicted_figure(points, "Order value, predicted and actual", "EUR"),
            "residuals": lambda: residual_figure(points, "Order value: what is left over", "EUR"),
            "importance": lambda: importance_figure(shares, "What order value depends on"),
        },
        limits=_LIMITS,
    )  # fmt: skip


ORDER_VALUE = Recipe(
    name="order_value",
    title="Order value at check-out",
    question="What will this order come to, when all we see is what lies in the basket and who is buying?",
    reads=("silver.orders", "silver.order_items", "silver.products", "silver.users"),
    metric=Metric("r2_ordinary", "R², odd orders aside", higher_is_better=True),
    fit=fit,
    losses=losses,
    optional=("silver.products", "silver.users"),
    inputs=inputs,
)
