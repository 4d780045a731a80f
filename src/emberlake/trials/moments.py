"""What is known of the users of a variant, day by day: their number, sums and products, as the statistics take them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from emberlake.trials.sums import COLUMNS, PAIRS, VARIABLES

if TYPE_CHECKING:
    import pyarrow as pa
    from tea_tasting.aggr import Aggregates


@dataclass(frozen=True)
class Moments:
    """What is known of the users of one variant.

    Attributes:
        users: their number.
        sums: of each of `VARIABLES`.
        products: of each pair of them: a symmetric matrix.
    """

    users: float
    sums: np.ndarray
    products: np.ndarray

    def __add__(self, other: Moments) -> Moments:
        return Moments(self.users + other.users, self.sums + other.sums, self.products + other.products)

    @property
    def mean(self) -> np.ndarray:
        """Means of the variables."""
        return self.sums / self.users

    @property
    def covariance(self) -> np.ndarray:
        """Sample covariances of the variables (divisor: users less one)."""
        return (self.products - np.outer(self.sums, self.sums) / self.users) / (self.users - 1)

    def aggregates(self) -> Aggregates:
        """As tea-tasting takes them."""
        from tea_tasting.aggr import Aggregates

        mean, cov = self.mean, self.covariance
        place = {name: i for i, name in enumerate(VARIABLES)}
        return Aggregates(
            count_=int(self.users),
            mean_={name: float(mean[i]) for name, i in place.items()},
            var_={name: max(float(cov[i, i]), 0.0) for name, i in place.items()},
            cov_={(a, b): float(cov[place[a], place[b]]) for a, b in PAIRS if a != b},
        )


@dataclass(frozen=True)
class Course:
    """One metric's moments.

    Attributes:
        days: in order, without gaps.
        by_variant: variant to its moments at the end of each day, with all days before it.
    """

    days: tuple[dt.date, ...]
    by_variant: Mapping[str, tuple[Moments, ...]]


def course(sums: pa.Table, variants: tuple[str, ...], since: dt.date, until: dt.date) -> Course:
    """Moments at the end of each day, from the rows of `daily_sums`."""
    days = tuple(since + dt.timedelta(days=n) for n in range((until - since).days))
    table = {name: np.zeros((len(days), len(COLUMNS))) for name in variants}
    for row in sums.to_pylist():  # a row a variant and day
        table[row["variant"]][(row["day"] - since).days] += [row[name] for name in COLUMNS]
    return Course(days, {name: tuple(map(_moments, np.cumsum(table[name], axis=0))) for name in variants})


def _moments(row: Any) -> Moments:
    n = len(VARIABLES)
    products = np.zeros((n, n))
    for (a, b), value in zip(PAIRS, row[1 + n :], strict=True):
        i, j = VARIABLES.index(a), VARIABLES.index(b)
        products[i, j] = products[j, i] = value
    return Moments(float(row[0]), row[1 : 1 + n], products)
