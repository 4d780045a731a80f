"""What a model looks at: on the whole, and for one row."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from emberlake.errors import ModelError
from emberlake.models.artifacts import HOLDOUT, IMPORTANCE
from emberlake.models.checks import require_rows_of_today
from emberlake.models.promotion import losses_of
from emberlake.models.recipe import Recipe
from emberlake.models.store import Store
from emberlake.models.versions import Version

if TYPE_CHECKING:
    import pandas as pd
    from pyspark.sql import SparkSession

    from emberlake.lake import Lake

_ROUNDS = 100
_LEAST_ROWS = 10


@dataclass(frozen=True)
class Explanation:
    """A row's prediction, taken apart.

    Attributes:
        average: prediction of the rows that it is compared with.
        parts: by feature, how far its value moved the prediction from the average; they add up to it exactly.
    """

    prediction: float
    average: float
    parts: dict[str, float]
    method: str = (
        "Shapley values by sampling (Štrumbelj and Kononenko 2014): features take the row's values one after "
        "the other, in random orders, from rows of the hold-out; a part is the mean step."
    )


def importance(
    session: SparkSession | None, store: Store, recipe: Recipe, version: Version, model: Any, seed: int = 42
) -> tuple[dict[str, float], str]:
    """Features by importance, and the method: the model's own, or the rise of the loss when a column is shuffled.

    Permutation importance: Breiman 2001, as Fisher, Rudin and Dominici 2019 state it for any model.

    Args:
        session: needed for a model without importance of its own.

    Raises:
        ModelError: if the version has neither importance nor a hold-out.
    """
    own = json.loads(store.artifact(version.run_id, IMPORTANCE).read_text(encoding="utf-8"))
    if own:
        return dict(sorted(own.items(), key=lambda pair: -pair[1])), "the model's own share"
    rows = _holdout(store, recipe, version)
    if session is None:
        raise ModelError("This model's importance is measured with an engine.", "Open Spark first.")
    random = np.random.default_rng(seed)

    def loss(frame: pd.DataFrame) -> float:
        staged = session.createDataFrame(_plain(frame), schema)
        return float(np.mean(losses_of(recipe, model, staged, version.number)["loss"].to_numpy()))

    schema = _schema(session, store, version)
    base, found = loss(rows), {}
    for name in version.read("columns", {}):
        mixed = rows.copy()
        mixed[name] = rows[name].to_numpy()[random.permutation(len(rows))]
        found[name] = loss(mixed) - base
    return dict(sorted(found.items(), key=lambda pair: -pair[1])), "rise of the mean loss when the column is shuffled"


def _holdout(store: Store, recipe: Recipe, version: Version) -> pd.DataFrame:
    import pyarrow.parquet as pq

    if not store.has(version.run_id, HOLDOUT):
        raise ModelError(
            f"{recipe.name} keeps neither importance nor rows to measure it on.",
            f"What it learns from stands in its card: emberlake models card {recipe.name}.",
        )
    table = pq.read_table(store.artifact(version.run_id, HOLDOUT))
    if table.num_rows < _LEAST_ROWS:
        raise ModelError(f"The hold-out of {recipe.name} has {table.num_rows} rows only.", "Train on more data.")
    return table.to_pandas()


def _schema(session: SparkSession, store: Store, version: Version) -> Any:
    return session.read.parquet(store.artifact(version.run_id, HOLDOUT).as_uri()).schema


def _plain(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Rows with None for what is not known: a column of whole numbers with gaps is floats to pandas."""
    rows, known = frame.itertuples(index=False, name=None), frame.notna().to_numpy()
    return [
        tuple(value if there else None for value, there in zip(row, of, strict=True))
        for row, of in zip(rows, known, strict=True)
    ]


def row_of(lake: Lake, recipe: Recipe, model: Any, key: str, value: int | None) -> dict[str, Any]:
    """The row of today that belongs to an order or a customer; the newest where there are several.

    Raises:
        ModelError: if the recipe's rows have no such key, or none has this value.
    """
    from pyspark.sql import functions as F

    require_rows_of_today(recipe, "So none of them can be explained.")
    assert recipe.inputs is not None
    rows = recipe.inputs(model, {name: lake.read(name) for name in recipe.reads})
    if key not in rows.columns:
        raise ModelError(f"The rows of {recipe.name} have no {key}.", "Give the row itself: --row JSON.")
    newest = [F.desc(name) for name in ("day", "as_of", key) if name in rows.columns]
    found = rows.where(F.col(key).eqNullSafe(F.lit(value))).orderBy(*newest).limit(1).collect()
    if not found:
        raise ModelError(
            f"{recipe.name} has no row with {key} {value}.", "Is it in the data, and in this model's part?"
        )
    return dict(found[0].asDict())


def explain_row(
    session: SparkSession, store: Store, recipe: Recipe, version: Version, model: Any, row: dict[str, Any],
    seed: int = 42,
) -> Explanation:  # fmt: skip
    """Take one prediction apart.

    Args:
        row: a value for each column that the model reads.

    Raises:
        ModelError: if columns are missing, a value is not of its column's type, or the model predicts no
            number.
    """
    columns = version.read("columns", {})
    given = _row(recipe, row, columns)
    if not columns:
        raise ModelError(f"{recipe.name} reads no rows, so none can be explained.")
    background = _holdout(store, recipe, version)[list(columns)]
    random = np.random.default_rng(seed)
    asked, orders = _walks(given, background, list(columns), random)
    values = _predicted(session, recipe, version, model, asked, columns)
    steps = values.reshape(len(orders), len(columns) + 1)
    parts = dict.fromkeys(columns, 0.0)
    for order, walk in zip(orders, steps, strict=True):
        for place, feature in enumerate(order):
            parts[feature] += (walk[place + 1] - walk[place]) / len(orders)
    ranked = dict(sorted(parts.items(), key=lambda pair: -abs(pair[1])))
    return Explanation(float(steps[0, -1]), float(steps[:, 0].mean()), ranked)


def _row(recipe: Recipe, row: dict[str, Any], columns: dict[str, str]) -> dict[str, Any]:
    missing = [name for name in columns if name not in row]
    if missing:
        wanted = ", ".join(f"{name} ({kind})" for name, kind in columns.items())
        raise ModelError(f"The row lacks {', '.join(missing)}.", f"{recipe.name} reads {wanted}.")
    return {name: row[name] for name in columns}


def _walks(
    given: dict[str, Any], background: pd.DataFrame, columns: list[str], random: np.random.Generator
) -> tuple[list[dict[str, Any]], list[list[str]]]:
    """From rows of the background to the given one, a feature at a time; and the order of each walk."""
    starts = background.iloc[random.choice(len(background), _ROUNDS, replace=len(background) < _ROUNDS)]
    asked, orders = [], []
    for start in _plain(starts):
        order = [columns[place] for place in random.permutation(len(columns))]
        at = dict(zip(columns, start, strict=True))
        asked.append(dict(at))
        for feature in order:
            at[feature] = given[feature]
            asked.append(dict(at))
        orders.append(order)
    return asked, orders


def _predicted(
    session: SparkSession, recipe: Recipe, version: Version, model: Any, asked: list[dict[str, Any]],
    columns: dict[str, str],
) -> np.ndarray:  # fmt: skip
    from pyspark.ml.functions import vector_to_array
    from pyspark.sql import functions as F

    # As texts, which the engine casts: JSON knows no dates and one kind of number.
    ddl = ", ".join(f"`{name}` string" for name in columns) + ", _place int"
    rows = [(*(_text(row[name]) for name in columns), place) for place, row in enumerate(asked)]
    casts = [F.col(f"`{name}`").cast(kind).alias(name) for name, kind in columns.items()]
    try:
        scored = model.transform(session.createDataFrame(rows, ddl).select(*casts, "_place"))
        # Of two classes the second's probability; a bare class says nothing of how sure it is.
        sure = "probability" in scored.columns
        value = vector_to_array(F.col("probability"))[1] if sure else F.col("prediction").cast("double")
        got = scored.select("_place", value.alias("value")).toPandas().sort_values("_place")["value"]
    except Exception as e:
        said = (str(e).strip().splitlines() or [""])[0][:300]
        raise ModelError(f"Version {version.number} of {recipe.name} does not take this row: {said}") from e
    return got.to_numpy(dtype=float)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
