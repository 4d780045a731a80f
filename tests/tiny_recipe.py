"""A model of plain values that is fitted in no time: life cycles without an engine."""

from __future__ import annotations

from typing import cast

import numpy as np
import pyarrow as pa
from pyspark.sql import SparkSession

from emberlake.lake import Lake
from emberlake.models.recipe import Fitted, Fitting, Metric, Recipe
from emberlake.models.training import Training, train
from emberlake.settings import Settings

TRUTH = 10.0
UNITS = 400


def tiny(guess: float, units: int = UNITS, reads: tuple[str, ...] = ()) -> Recipe:
    """A recipe whose model guesses the same number for each unit; the truth is 10, give or take 1."""

    def fit(_: Fitting) -> Fitted:
        values = np.random.default_rng(7).normal(TRUTH, 1.0, units)
        return Fitted(
            model={"guess": guess},
            params={"guess": guess},
            metrics={"mse": float(np.mean((values - guess) ** 2))},
            baselines={"zero": {"mse": float(np.mean(values**2))}, "seven": {"mse": float(np.mean((values - 7) ** 2))}},
            holdout=values,
            train_rows=1,
            holdout_rows=units,
        )

    return Recipe("tiny", "Tiny", "How much is it?", reads, Metric("mse", "Mean squared error", False), fit, losses,
                  flavor="json")  # fmt: skip


def losses(model: dict[str, float], holdout: np.ndarray) -> pa.Table:
    return pa.table({"unit": np.arange(len(holdout)), "loss": (holdout - model["guess"]) ** 2})


def tiny_lake(settings: Settings) -> Lake:
    """A lake whose session nobody asks anything."""
    return Lake(cast(SparkSession, object()), settings)


def train_tiny(settings: Settings, guess: float, again: bool = True) -> Training:
    with tiny_lake(settings) as lake:
        return train(lake, tiny(guess), again=again)
