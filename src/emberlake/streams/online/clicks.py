"""Whether a visit that looks at a product will put something in its cart: asked at the view, told when it is known."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emberlake.streams.online.drift import Drift
from emberlake.streams.online.duel import Duel
from emberlake.streams.online.learner import Happening, Row, Summary
from emberlake.streams.online.prequential import ChanceJudge, log_loss
from emberlake.streams.online.recent import Recent

if TYPE_CHECKING:
    import pyarrow as pa
    from river.base import Classifier
    from river.compose import Pipeline

WAIT_SECONDS = 30 * 60.0
# The door's delay: so long after a view's half hour a cart may still come.
LATE_SECONDS = 10 * 60.0
LINE, TREE = "line", "tree"
CHAMPION, BASE = "champion", "base rate"
VIEW, CART, SEARCH = "page_view", "add_to_cart", "search"
_MOST_VISITS, _MOST_WAITING, _MOST_KNOWN = 100_000, 500_000, 200_000


@dataclass(frozen=True)
class Click:
    """One event of a visit; `at` in seconds since the epoch, UTC."""

    event_id: int
    session: int
    at: float
    event: str
    product: int
    device: str
    known: bool


@dataclass
class Visit:
    """What a visit has done so far."""

    began: float = 0.0
    last: float = 0.0
    clicks: int = 0
    views: int = 0
    searched: int = 0
    carts: int = 0


@dataclass
class View:
    """A view whose outcome is not known yet, with what was said of it then."""

    session: int
    at: float
    product: int
    features: dict[Hashable, Any]
    said: dict[str, float]
    came: bool = False
    closed: bool = False


def model(name: str) -> Classifier | Pipeline:
    """An untrained model: logistic regression, or a Hoeffding tree."""
    from river import linear_model, optim, preprocessing, tree

    if name == LINE:
        return preprocessing.StandardScaler() | linear_model.LogisticRegression(optim.SGD(0.01))
    return tree.HoeffdingTreeClassifier(grace_period=100, max_depth=6, leaf_prediction="mc")


class ClickLearner:
    """Learns from views whose outcome comes later.

    The prediction is made, and kept, at the view. It is scored and learned when something is put in the cart in the
    same visit within half an hour, or when event time has passed that half hour by the door's delay (delayed
    prequential evaluation, Grzenda, Gomes and Bifet 2020). So no prediction knows an outcome that was not known then.

    Args:
        same_product: a cart counts for views of its product alone.
    """

    name = "learn_clicks"

    def __init__(self, same_product: bool = False) -> None:
        self.same_product = same_product
        self.models = {name: model(name) for name in (LINE, TREE)}
        self.duel = Duel(LINE, TREE)
        self.drift = Drift()
        self.judges = {name: ChanceJudge() for name in (CHAMPION, *self.models, BASE)}
        self.visits: Recent[Visit] = Recent(_MOST_VISITS, Visit)
        self.known: Recent[bool] = Recent(_MOST_KNOWN, bool)
        # By the moment of the view as it came: the oldest is the first whose time is over.
        self.waiting: deque[View] = deque()
        self.of_visit: dict[int, list[View]] = {}
        self.learned = self.carts = self.copies = self.unusable = 0
        self.at = 0.0

    def take(self, rows: pa.Table) -> list[Happening]:
        """Predict and learn a batch of parsed clicks, in their order; copies are counted and left out.

        Returns:
            Drifts and promotions.
        """
        return self.learn(clicks_of(rows))

    def learn(self, clicks: list[Click]) -> list[Happening]:
        """See `take`."""
        happened: list[Happening] = []
        for click in clicks:
            if click.event_id in self.known:
                self.copies += 1
                continue
            self.known.use(click.event_id)
            self._one(click, happened)
        return happened

    def rows(self) -> list[Row]:
        """How good each model and the base rate are by now."""
        return self.duel.rows(CHAMPION, self.judges)

    def summary(self) -> Summary:
        """How far it has come: views learned."""
        return Summary(self.learned, self.copies, self.unusable, self.at)

    def undo(self) -> Happening:
        """The champion before comes back."""
        return self.duel.undo(self.learned)

    def _one(self, click: Click, happened: list[Happening]) -> None:
        visit = self.visits.use(click.session)
        visit.began = visit.began or click.at
        if click.event == CART:
            self._carted(click, happened)
        elif click.event == VIEW:
            self._ask(click, visit)
        visit.clicks += 1
        visit.views += click.event == VIEW
        visit.searched += click.event == SEARCH
        visit.carts += click.event == CART
        visit.last = max(visit.last, click.at)
        self.at = max(self.at, click.at)
        self._close(happened)

    def _ask(self, click: Click, visit: Visit) -> None:
        features = features_of(click, visit)
        said = {name: float(model.predict_proba_one(features).get(True, 0.5)) for name, model in self.models.items()}
        said |= {CHAMPION: said[self.duel.champion], BASE: (self.carts + 1) / (self.learned + 2)}
        view = View(click.session, click.at, click.product, features, said)
        self.waiting.append(view)
        self.of_visit.setdefault(click.session, []).append(view)

    def _carted(self, click: Click, happened: list[Happening]) -> None:
        for view in list(self.of_visit.get(click.session, ())):
            fits = not self.same_product or view.product == click.product
            if fits and 0 <= click.at - view.at <= WAIT_SECONDS:
                view.came = True
                self._tell(view, happened)

    def _close(self, happened: list[Happening]) -> None:
        """Tell what has waited long enough: nothing was put in the cart."""
        over = self.at - WAIT_SECONDS - LATE_SECONDS
        while self.waiting and (
            self.waiting[0].closed or self.waiting[0].at < over or len(self.waiting) > _MOST_WAITING
        ):
            view = self.waiting.popleft()
            if not view.closed:
                self._tell(view, happened)

    def _tell(self, view: View, happened: list[Happening]) -> None:
        view.closed = True
        others = self.of_visit[view.session]
        others.remove(view)
        if not others:
            del self.of_visit[view.session]
        for name, judge in self.judges.items():
            judge.tell(view.said[name], view.came)
        for one in self.models.values():
            one.learn_one(view.features, view.came)
        self.learned += 1
        self.carts += view.came
        happened += self._judge(view)

    def _judge(self, view: View) -> list[Happening]:
        happened = []
        lost = {name: log_loss(view.said[name], view.came) for name in self.models}
        promotion = self.duel.tell(lost[self.duel.champion], lost[self.duel.challenger])
        if promotion:
            why = f"log loss {promotion.new_loss:.4f} after {promotion.old_loss:.4f}"
            happened.append(Happening(promotion.event, "promoted", promotion.old, promotion.new, why))
        if self.drift.tell(float(view.came) - view.said[CHAMPION]):
            self.models[self.duel.challenger] = model(self.duel.challenger)
            self.duel.begin_again()
            happened.append(Happening(self.learned, "drift", self.duel.challenger, self.duel.challenger))
        return happened


def features_of(click: Click, visit: Visit) -> dict[Hashable, Any]:
    """What is known at a view: the visit so far, without this view, and its device."""
    hour = click.at // 3600 % 24
    return {
        "views": float(visit.views), "first view": float(visit.views == 0), "searched": float(visit.searched > 0),
        "carts": float(visit.carts), "clicks": float(visit.clicks), "known": float(click.known),
        "first after search": float(visit.searched > 0 and visit.views == 0),
        "minutes": math.log1p(max(click.at - visit.began, 0.0) / 60),
        "pause": math.log1p(max(click.at - visit.last, 0.0) / 60) if visit.clicks else 0.0,
        "evening": float(18 <= hour < 23), f"device {click.device}": 1.0,
    }  # fmt: skip


def clicks_of(rows: pa.Table) -> list[Click]:
    """Parsed click messages: event_id, session_id, user_id, event, occurred_at, device, product_id."""
    import pyarrow as pa
    import pyarrow.compute as pc

    micros = pc.cast(pc.cast(rows["occurred_at"], pa.timestamp("us")), pa.int64()).to_pylist()
    columns: list[list[Any]] = [
        rows["event_id"].to_pylist(), pc.fill_null(rows["session_id"], -1).to_pylist(), [at / 1e6 for at in micros],
        pc.fill_null(rows["event"], "").to_pylist(), pc.fill_null(rows["product_id"], -1).to_pylist(),
        pc.fill_null(rows["device"], "unknown").to_pylist(), pc.is_valid(rows["user_id"]).to_pylist(),
    ]  # fmt: skip
    return [Click(*row) for row in zip(*columns, strict=True)]
