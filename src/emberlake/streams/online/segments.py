"""Customers in groups by how they buy; the groups follow the orders, and older orders fade."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

import numpy as np

from emberlake.streams.online.checkout import Orders, Past, orders_of
from emberlake.streams.online.learner import Happening, Row, Summary
from emberlake.streams.online.prequential import FADING, Measure
from emberlake.streams.online.recent import Recent

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

GROUPS, FIRST, SLOWEST = 3, 500, 0.002
_MOST_KNOWN = 100_000
_ROUNDS = 25


class Groups:
    """k-means that goes on: each point moves its centre, and never by less than `slowest` of the way.

    The first points are kept until there are enough to begin from: seeds far from each other (k-means++, Arthur and
    Vassilvitskii 2007), then Lloyd's rounds. From then on one step a point (MacQueen 1967), with forgetting.

    Args:
        groups: how many.
        first: points to begin from.
        slowest: share of the way to a point that its centre goes at least; 0 would never forget.
    """

    def __init__(self, groups: int = GROUPS, first: int = FIRST, slowest: float = SLOWEST, seed: int = 42) -> None:
        self.groups, self.first, self.slowest = groups, first, slowest
        self._random = random.Random(seed)
        self._kept: list[list[float]] = []
        self.mean: list[float] = []
        self.deviation: list[float] = []
        self.centres: list[list[float]] = []
        self._points: list[int] = []

    def place(self, point: list[float]) -> tuple[int, float] | None:
        """The group of a point and its squared distance, in deviations, from the group's centre; None: none yet."""
        if not self.centres:
            return None
        scaled = self._scaled(point)
        away = [sum((a - b) ** 2 for a, b in zip(scaled, centre, strict=True)) for centre in self.centres]
        nearest = min(range(self.groups), key=away.__getitem__)
        return nearest, away[nearest]

    def learn(self, point: list[float]) -> None:
        """Take in one point."""
        placed = self.place(point)
        if placed is None:
            self._kept.append(point)
            if len(self._kept) == self.first:
                self._begin()
            return
        group, _ = placed
        self._points[group] += 1
        step = max(1 / self._points[group], self.slowest)
        centre = self.centres[group]
        self.centres[group] = [c + step * (x - c) for c, x in zip(centre, self._scaled(point), strict=True)]

    def _begin(self) -> None:
        points = np.array(self._kept)
        deviation = points.std(axis=0)
        self.mean = points.mean(axis=0).tolist()
        self.deviation = np.where(deviation > 0, deviation, 1.0).tolist()
        scaled = np.array([self._scaled(point) for point in self._kept])
        centres = self._seeds(scaled)
        for _ in range(_ROUNDS):
            nearest = _away(scaled, centres).argmin(axis=1)
            centres = np.array(
                [scaled[nearest == g].mean(axis=0) if (nearest == g).any() else centres[g] for g in range(self.groups)]
            )
        self.centres = centres.tolist()
        self._points = np.bincount(nearest, minlength=self.groups).tolist()
        self._kept = []

    def _seeds(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        chosen = [self._random.randrange(len(points))]
        while len(chosen) < self.groups:
            away = _away(points, points[chosen]).min(axis=1)
            chosen += self._random.choices(range(len(points)), weights=(away + 1e-12).tolist())
        return points[chosen]

    def _scaled(self, point: list[float]) -> list[float]:
        return [(x - m) / d for x, m, d in zip(point, self.mean, self.deviation, strict=True)]


class SegmentLearner:
    """Groups customers by what their orders so far came to; each order moves the group that its customer was in."""

    name = "live_segments"

    def __init__(self, groups: int = GROUPS) -> None:
        self.past = Past()
        self.groups = Groups(groups)
        self.known: Recent[bool] = Recent(_MOST_KNOWN, bool)
        self.first: Recent[list[float]] = Recent(200_000, list)
        self.events = self.judged = self.copies = self.unusable = 0
        self.at = self.squares = self.fading = self.weight = 0.0

    def take(self, rows: pa.Table) -> list[Happening]:
        """Learn a batch of parsed order messages, in their order."""
        return self.learn(orders_of(rows))

    def learn(self, orders: Orders) -> list[Happening]:
        """Learn these orders, in this order; a customer counts from the second order on. Nothing ever happens."""
        for i in range(len(orders)):
            order = int(orders.order_id[i])
            if order in self.known:
                self.copies += 1
            elif not orders.amount[i] > 0:
                self.unusable += 1
            else:
                self.known.use(order)
                self._one(orders, i)
        return []

    def group_of(self, customer: int) -> int | None:
        """The group of a customer by now; None: too few orders."""
        profile = self._profile(customer)
        placed = self.groups.place(profile) if profile else None
        return placed[0] if placed else None

    def rows(self) -> list[Row]:
        """How far customers are from their group's centre, squared, in deviations; each before its centre moved."""
        so_far = self.squares / self.judged if self.judged else math.nan
        fading = self.fading / self.weight if self.weight else math.nan
        return [Row("kmeans", "served", Measure("squares", so_far, math.nan, fading))]

    def summary(self) -> Summary:
        """How far it has come: orders learned."""
        return Summary(self.events, self.copies, self.unusable, self.at)

    def undo(self) -> Happening:
        """There is no champion to bring back; said in the diary."""
        return Happening(self.events, "undone", "kmeans", "kmeans", "it has no challenger")

    def _one(self, orders: Orders, i: int) -> None:
        customer = int(orders.user_id[i])
        usual = float(self.past.features(orders, i)["basket_usual"])
        self.past.learn(orders, i, usual)
        self.events += 1
        self.at = max(self.at, float(orders.at[i]))
        times = self.first.use(customer)
        times[:] = [times[0] if times else float(orders.at[i]), float(orders.at[i])]
        profile = self._profile(customer)
        if profile is None:
            return
        placed = self.groups.place(profile)
        if placed:
            self.judged += 1
            self.squares += placed[1]
            self.fading, self.weight = FADING * self.fading + placed[1], FADING * self.weight + 1
        self.groups.learn(profile)

    def _profile(self, customer: int) -> list[float] | None:
        """Orders a month, what one comes to, against what its lines usually come to, and how many had a coupon."""
        known, times = self.past.customers.peek(customer), self.first.peek(customer)
        if known is None or not times or known.orders < 2:
            return None
        months = max(times[1] - times[0], 86_400.0) / (30 * 86_400.0)
        return [
            math.log(known.orders / (months + 1)), math.log(known.paid / known.orders),
            math.log((known.paid + 100) / (known.expected + 100)), known.coupons / (known.orders + 2),
        ]  # fmt: skip


def _away(points: NDArray[np.float64], centres: NDArray[np.float64]) -> NDArray[np.float64]:
    squares: NDArray[np.float64] = ((points[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
    return squares
