"""What a live order will come to: asked at its check-out, told after, by two models beside each other."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from emberlake.streams.online.checkout import NAMES, NUMBERS, Orders, Past, orders_of
from emberlake.streams.online.drift import Drift
from emberlake.streams.online.duel import Duel, Promotion
from emberlake.streams.online.learner import Happening, Row, Summary
from emberlake.streams.online.prequential import ValueJudge
from emberlake.streams.online.recent import Recent

if TYPE_CHECKING:
    import pyarrow as pa
    from river.compose import Pipeline

LINE, TREE = "line", "tree"
CHAMPION, USUAL, LIST, MEAN = "champion", "usual", "list", "mean"
# The models say by which factor an order differs from what its lines usually come to: at most e² times, or 1/e².
_LEAST_USUAL, _MOST_LOG = 5.0, 2.0
# Orders that a copy is known by.
_MOST_KNOWN = 100_000


def model(name: str) -> Pipeline:
    """An untrained model: a robust line, or a Hoeffding tree (Domingos and Hulten 2000) with a line in each leaf.

    The tree has at most 64 leaves and counts its features in steps of a tenth of their deviation: it stays small
    however long the stream is.
    """
    from river import linear_model, optim, preprocessing, tree

    def line(step: float, robust: bool) -> linear_model.LinearRegression:
        loss = optim.losses.Huber(0.1) if robust else optim.losses.Squared()
        return linear_model.LinearRegression(optimizer=optim.SGD(step), intercept_lr=0.01, loss=loss)

    scaled = preprocessing.StandardScaler()
    if name == LINE:
        return scaled | line(0.01, robust=True)
    leaf, splitter = line(0.003, robust=False), tree.splitter.TEBSTSplitter(digits=1)
    return scaled | tree.HoeffdingTreeRegressor(
        grace_period=200, max_depth=6, leaf_prediction="adaptive", leaf_model=leaf, splitter=splitter
    )


class ValueLearner:
    """Learns order value from the stream: each order is predicted from its check-out, then told.

    The champion's prediction is the one that counts. When its errors change, the challenger begins anew: what it
    knows then comes from the changed world alone, and the duel decides.
    """

    name = "learn_value"

    def __init__(self) -> None:
        self.past = Past()
        self.models = {name: model(name) for name in (LINE, TREE)}
        self.duel = Duel(LINE, TREE)
        self.drift = Drift()
        self.judges = {name: ValueJudge() for name in (CHAMPION, *self.models, USUAL, LIST, MEAN)}
        self.known: Recent[bool] = Recent(_MOST_KNOWN, bool)
        self.orders = self.copies = self.unusable = 0
        self.total = self.at = 0.0

    def take(self, rows: pa.Table) -> list[Happening]:
        """Predict, score and learn a batch of parsed order messages, in their order; copies and orders without an
        amount are counted and left out.

        Returns:
            Drifts and promotions.
        """
        return self.learn(orders_of(rows))[1]

    def learn(self, orders: Orders) -> tuple[list[dict[str, float]], list[Happening]]:
        """Predict, score and learn these orders, in this order.

        Returns:
            Of each order that was learned the prediction, EUR, of each model and baseline: `usual` (what its lines
            usually come to), `list` (one piece of each, at its price) and `mean` of all orders before; and what
            happened.
        """
        said: list[dict[str, float]] = []
        happened: list[Happening] = []
        for i in range(len(orders)):
            order = int(orders.order_id[i])
            if order in self.known:
                self.copies += 1
            elif not orders.amount[i] > 0:
                self.unusable += 1
            else:
                self.known.use(order)
                said.append(self._one(orders, i, happened))
        return said, happened

    def rows(self) -> list[Row]:
        """How good each model and baseline is by now."""
        return self.duel.rows(CHAMPION, self.judges)

    def summary(self) -> Summary:
        """How far it has come."""
        return Summary(self.orders, self.copies, self.unusable, self.at)

    def undo(self) -> Happening:
        """The champion before comes back."""
        return self.duel.undo(self.orders)

    def mae(self, name: str) -> float:
        """Mean absolute error, EUR, over all orders so far."""
        return self.judges[name].measures()[0].so_far

    def _one(self, orders: Orders, i: int, happened: list[Happening]) -> dict[str, float]:
        known = self.past.features(orders, i)
        x: dict[Hashable, Any] = {
            **{name: known[name] for name in NUMBERS},
            **{f"{name} {known[name]}": 1.0 for name in NAMES},
        }
        usual = max(known["basket_usual"], _LEAST_USUAL)
        said = {name: usual * math.exp(_clipped(model.predict_one(x) or 0.0)) for name, model in self.models.items()}
        said |= {USUAL: usual, LIST: known["basket_price"], MEAN: self.total / self.orders if self.orders else 0.0}
        said[CHAMPION] = said[self.duel.champion]
        # Only from here on is the outcome looked at.
        amount = float(orders.amount[i])
        for name, judge in self.judges.items():
            judge.tell(said[name], amount)
        target = _clipped(math.log(max(amount, 0.01) / usual))
        for one in self.models.values():
            one.learn_one(x, target)
        self.past.learn(orders, i, known["basket_usual"])
        self.orders += 1
        self.total += amount
        self.at = max(self.at, float(orders.at[i]))
        happened += self._judge(said, amount)
        return said

    def _judge(self, said: dict[str, float], amount: float) -> list[Happening]:
        """Drift and duel after one order."""
        happened = []
        off = {name: abs(said[name] - amount) for name in self.models}
        promotion = self.duel.tell(off[self.duel.champion], off[self.duel.challenger])
        if promotion:
            happened.append(_promoted(promotion))
        if self.drift.tell(_clipped(math.log(max(amount, 0.01) / said[CHAMPION]))):
            self.models[self.duel.challenger] = model(self.duel.challenger)
            self.duel.begin_again()
            happened.append(Happening(self.orders, "drift", self.duel.challenger, self.duel.challenger))
        return happened


def _promoted(promotion: Promotion) -> Happening:
    why = (
        f"MAE {promotion.new_loss:.2f} EUR after {promotion.old_loss:.2f},"
        f" 95 % interval of the gain {promotion.low:.2f} to {promotion.high:.2f}"
    )
    return Happening(promotion.event, "promoted", promotion.old, promotion.new, why)


def _clipped(log: float) -> float:
    return min(max(log, -_MOST_LOG), _MOST_LOG)
