"""The workshop's forest, which cannot work, and the same forest with features that make it work."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from emberlake.errors import ModelError
from emberlake.models.importance import importance, importance_figure
from emberlake.models.recipe import Fitted, Fitting, Metric, Recipe
from emberlake.models.regression import accuracy, predicted_figure, residual_figure, some
from emberlake.models.workshop.features import CUSTOMER, LINES, SEGMENT, line_rows, order_rows

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.ml import Pipeline
    from pyspark.sql import DataFrame

TREES, DEPTH, SEED = 10, 5, 42
FEWEST_ORDERS = 100
LABEL = "o_totalprice"
_ORDERS = ("silver.tpch_orders", "silver.tpch_customer")
_NO_TODAY = "TPC-H is a closed data set: no new orders come in, so there are no rows of today."
_RMSE = Metric("rmse", "RMSE", higher_is_better=False, unit="USD")
_MADE_UP = "TPC-H's rows are drawn at random for benchmarks: nothing here says anything about a real shop."
_CANNOT = (
    "It cannot work: TPC-H draws prices, quantities and customers independently of each other, so that neither a"
    " customer's balance, nor the market segment, nor the month says anything about what an order comes to. R² is about"
    " 0, and the mean of all orders is as good.",
    "Features from the order's lines do work: see tpch_order_value_lines.",
    _MADE_UP,
)
_CAN = (
    "Its features are the order's own lines, of which the price is the sum: it shows that features decide, and predicts"
    " nothing that a sum would not give exactly.",
    _MADE_UP,
)


def fit(
    rows_of: Callable[[Mapping[str, DataFrame]], DataFrame],
    numbers: Sequence[str],
    limits: tuple[str, ...],
    fitting: Fitting,
) -> Fitted:
    """Train on four fifths of the orders and measure on the fifth; orders with a null in a feature are left out.

    `randomSplit` draws row by row in the order of the partitions, which is the engine's and not the data's. The rows
    are staged in one file, sorted by key: the same rows, the same halves, whatever the cores.

    Raises:
        ModelError: with too few orders, or totals that are all alike.
    """
    tell = fitting.progress
    tell("Orders and their customers", 0.0)
    rows = fitting.stage(rows_of(fitting.tables).dropna().coalesce(1).sortWithinPartitions("o_orderkey"))
    _require(rows)
    # One file may still be read in several pieces: one partition again, in the file's order.
    train, holdout = rows.coalesce(1).randomSplit([0.8, 0.2], seed=SEED)
    train, holdout = fitting.stage(train), fitting.stage(holdout)
    tell("Growing trees", 0.4)
    model = pipeline(numbers).fit(train)
    tell("Measuring", 0.8)
    return _measured(fitting, model, train, holdout, numbers, limits)


def pipeline(numbers: Sequence[str]) -> Pipeline:
    """The workshop's stages: index the segment, assemble, ten trees of depth five."""
    from pyspark.ml import Pipeline
    from pyspark.ml.feature import StringIndexer, VectorAssembler
    from pyspark.ml.regression import RandomForestRegressor

    balance, *others = numbers
    return Pipeline(
        stages=[
            StringIndexer(inputCol=SEGMENT, outputCol=f"{SEGMENT}_index", handleInvalid="keep"),
            VectorAssembler(inputCols=[balance, f"{SEGMENT}_index", *others], outputCol="features"),
            RandomForestRegressor(labelCol=LABEL, numTrees=TREES, maxDepth=DEPTH, seed=SEED),
        ]
    )


def losses(model: Any, holdout: DataFrame) -> pa.Table:
    """The absolute error of each order, in USD."""
    off = F.abs(F.col(LABEL) - F.col("prediction"))
    return model.transform(holdout).select(F.col("o_orderkey").alias("unit"), off.alias("loss")).toArrow()


def _require(rows: DataFrame) -> None:
    row = rows.agg(F.count("*"), F.stddev(LABEL)).first()
    orders, spread = row if row is not None else (0, None)
    if orders < FEWEST_ORDERS:
        raise ModelError(
            f"TPC-H has {orders:,} orders with a customer; it takes at least {FEWEST_ORDERS} to learn from.",
            "Make more: emberlake synth --tpch 0.01, then emberlake build.",
        )
    if not spread:
        raise ModelError("Every order of TPC-H has the same total.", "Make it again: emberlake synth --tpch 0.01.")


def _measured(
    fitting: Fitting, model: Any, train: DataFrame, holdout: DataFrame, numbers: Sequence[str], limits: tuple[str, ...]
) -> Fitted:
    known = train.agg(F.count("*"), F.avg(LABEL)).first() or (0, 0.0)
    scored = fitting.stage(model.transform(holdout).select(F.col(LABEL).alias("label"), "prediction"))
    predictions = {"model": F.col("prediction"), "mean": F.lit(known[1])}
    measured = accuracy(scored, F.col("label"), predictions)
    rows = (scored.agg(F.count("*")).first() or (0,))[0]
    points, shares = some(scored, rows, fitting.seed), importance(model)
    inputs = train.select(*numbers, SEGMENT)
    return Fitted(
        model=model,
        params={
            "trees": TREES, "depth": DEPTH, "seed": SEED, "train_share": 0.8, "features": ", ".join(inputs.columns),
        },
        metrics=measured.pop("model"),
        baselines=measured,
        holdout=holdout,
        train_rows=known[0],
        holdout_rows=rows,
        sample=inputs.limit(20),
        features=inputs,
        importance=shares,
        figures={
            "predicted": lambda: predicted_figure(points, "TPC-H's order value, predicted and actual", "USD"),
            "residuals": lambda: residual_figure(points, "TPC-H's order value: what is left over", "USD"),
            "importance": lambda: importance_figure(shares, "What the forest looks at"),
        },
        limits=limits,
    )  # fmt: skip


TPCH_ORDER_VALUE = Recipe(
    name="tpch_order_value",
    title="Order value of TPC-H, the workshop's",
    question="Do a customer's balance and market segment and the month say what an order comes to?",
    reads=_ORDERS,
    metric=_RMSE,
    fit=partial(fit, order_rows, CUSTOMER, _CANNOT),
    losses=losses,
    why_no_inputs=_NO_TODAY,
    run_name="TPCH_Order_Value_Model",
    registered_name="my_tpch_order_value_model",
)
TPCH_ORDER_VALUE_LINES = Recipe(
    name="tpch_order_value_lines",
    title="Order value of TPC-H, from its lines",
    question="What does an order come to, given how many lines it has and how dear they are?",
    reads=(*_ORDERS, "silver.tpch_lineitem"),
    metric=_RMSE,
    fit=partial(fit, line_rows, (*CUSTOMER, *LINES), _CAN),
    losses=losses,
    why_no_inputs=_NO_TODAY,
)
