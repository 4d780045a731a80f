"""What a live order will come to: asked first, told after, by two models beside each other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from emberlake.streams.online.checkout import NAMES, NUMBERS, Orders, Past

if TYPE_CHECKING:
    from river.base import Regressor

LINE, TREE = "line", "tree"
# The models say by which factor an order differs from what its lines usually come to: at most e² times, or 1/e².
_LEAST_USUAL, _MOST_LOG = 5.0, 2.0
_FADING = 0.999


def models(seed: int) -> dict[str, Regressor]:
    """A robust line, and a Hoeffding tree (Domingos, Hulten, 2000) with a line in each leaf; untrained."""
    from river import linear_model, optim, preprocessing, tree

    def line(step: float, robust: bool) -> Regressor:
        loss = optim.losses.Huber(0.1) if robust else optim.losses.Squared()
        return linear_model.LinearRegression(optimizer=optim.SGD(step), intercept_lr=0.01, loss=loss)

    leaf = line(0.003, robust=False)
    grown = tree.HoeffdingTreeRegressor(grace_period=200, leaf_prediction="adaptive", leaf_model=leaf)
    return {
        LINE: preprocessing.StandardScaler() | line(0.01, robust=True),
        TREE: preprocessing.StandardScaler() | grown,
    }


class ValueLearner:
    """Learns order value from the stream: each order is predicted from its check-out, then told.

    Args:
        seed: of the models that draw.
    """

    def __init__(self, seed: int) -> None:
        self.past = Past()
        self.models = models(seed)
        self.orders = 0
        self.total = 0.0
        self.error = dict.fromkeys((*self.models, "usual", "mean", "last"), 0.0)
        self.fading = dict.fromkeys(self.error, 0.0)
        self.last = 0.0

    def take(self, orders: Orders) -> list[dict[str, float]]:
        """Predict, score and learn these orders, in this order.

        Returns:
            Of each order the prediction, EUR, of each model and baseline: `usual` (what its lines usually come to),
            `mean` of all orders before, and the `last` order's amount.
        """
        return [self._one(orders, i) for i in range(len(orders))]

    def mae(self, name: str) -> float:
        """Mean absolute error, EUR, over all orders so far."""
        return self.error[name] / self.orders if self.orders else math.nan

    def _one(self, orders: Orders, i: int) -> dict[str, float]:
        known = self.past.features(orders, i)
        x = {name: known[name] for name in NUMBERS} | {f"{name} {known[name]}": 1.0 for name in NAMES}
        usual = max(known["basket_usual"], _LEAST_USUAL)
        said = {name: usual * math.exp(_clipped(model.predict_one(x) or 0.0)) for name, model in self.models.items()}
        said |= {"usual": usual, "mean": self.total / self.orders if self.orders else 0.0, "last": self.last}
        # Only from here on is the outcome looked at.
        amount = float(orders.amount[i])
        for name, value in said.items():
            off = abs(value - amount)
            self.error[name] += off
            self.fading[name] = _FADING * self.fading[name] + (1 - _FADING) * off
        for model in self.models.values():
            model.learn_one(x, _clipped(float(np.log(max(amount, 0.01) / usual))))
        self.past.learn(orders, i, known["basket_usual"])
        self.orders += 1
        self.total += amount
        self.last = amount
        return said


def _clipped(log: float) -> float:
    return min(max(log, -_MOST_LOG), _MOST_LOG)
