"""Learning event by event against training anew every so many minutes, on the same orders and features."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from emberlake.streams.online.checkout import NUMBERS, Orders, Past
from emberlake.streams.online.value import CHAMPION, MEAN, USUAL, ValueLearner

if TYPE_CHECKING:
    from numpy.typing import NDArray

ONLINE, BATCH = "online", "batch"


@dataclass(frozen=True)
class Contest:
    """What came of it.

    Attributes:
        errors: of each contestant the absolute error of each order, EUR: online, batch, usual, mean.
        seconds: of CPU for learning and predicting, without the features that both share: online, batch.
        trainings: how often the batch model was trained.
        drifts, promotions: orders after which the online learner noticed one.
    """

    errors: dict[str, NDArray[np.float64]]
    seconds: dict[str, float]
    trainings: int
    drifts: list[int]
    promotions: list[int]

    def mae(self, begin: int, end: int) -> dict[str, float]:
        """Mean absolute error of each from order `begin` up to, without, order `end`."""
        return {name: float(errors[begin:end].mean()) for name, errors in self.errors.items()}


def contest(orders: Orders, every_minutes: float, last: int = 5000) -> Contest:
    """Play orders to an online learner and to boosted trees that are trained anew every so many minutes of event time.

    Both predict each order before they may look at its amount; until its first training the batch model says what the
    lines usually come to. It learns the same target from the same numbers.

    Args:
        orders: in the order of their time.
        every_minutes: between two trainings.
        last: how many orders before each training it is trained on.
    """
    learner, begun = ValueLearner(), time.process_time()
    said, happened = learner.learn(orders)
    online = time.process_time() - begun
    begun = time.process_time()
    known, usual = _features(orders)
    shared = time.process_time() - begun
    begun = time.process_time()
    batch, trainings = _retrained(orders, known, usual, every_minutes, last)
    amount = orders.amount
    names = {ONLINE: CHAMPION, USUAL: USUAL, MEAN: MEAN}
    errors = {name: np.abs(np.array([one[key] for one in said]) - amount) for name, key in names.items()}
    return Contest(
        errors | {BATCH: np.abs(batch - amount)},
        {ONLINE: max(online - shared, 0.0), BATCH: time.process_time() - begun}, trainings,
        [one.event for one in happened if one.what == "drift"],
        [one.event for one in happened if one.what == "promoted"],
    )  # fmt: skip


def _features(orders: Orders) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    past, rows, usual = Past(), [], []
    for i in range(len(orders)):
        known: dict[str, Any] = past.features(orders, i)
        rows.append([known[name] for name in NUMBERS])
        usual.append(max(known["basket_usual"], 5.0))
        past.learn(orders, i, known["basket_usual"])
    return np.array(rows), np.array(usual)


def _retrained(
    orders: Orders, known: NDArray[np.float64], usual: NDArray[np.float64], every_minutes: float, last: int
) -> tuple[NDArray[np.float64], int]:
    from sklearn.ensemble import HistGradientBoostingRegressor

    target = np.clip(np.log(np.maximum(orders.amount, 0.01) / usual), -2, 2)
    turn = np.floor((orders.at - orders.at[0]) / (60 * every_minutes)).astype(int)
    said, trainings = usual.copy(), 0
    for number in range(1, int(turn.max()) + 1 if math.isfinite(every_minutes) else 1):
        due, before = np.flatnonzero(turn == number), int((turn < number).sum())
        if len(due):
            model = HistGradientBoostingRegressor(max_iter=60, random_state=42)
            model.fit(known[max(0, before - last) : before], target[max(0, before - last) : before])
            said[due] = usual[due] * np.exp(model.predict(known[due]))
            trainings += 1
    return said, trainings
