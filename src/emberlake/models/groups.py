"""A model's losses by group: whether it serves some countries or ages worse than others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

# Below this, a group's mean says little, and its interval by the normal distribution is not to be trusted.
FEWEST_UNITS = 30
_Z95 = 1.959963984540054


@dataclass(frozen=True)
class Group:
    """Those of one country or age.

    Attributes:
        name: "not known" where the column is null.
        units: judged in the group.
        loss: their mean; less is better.
        low, high: ends of its 95 % interval; None for fewer than two units.
        verdict: worse, better, as the others, or too few.
    """

    name: str
    units: int
    loss: float
    low: float | None
    high: float | None
    verdict: str


def groups(losses: pa.Table, column: str) -> list[Group]:
    """Mean loss by group, the largest first; empty when the losses lack the column.

    A group is worse or better when the difference to all others is outside its 95 % interval, which is widened for the
    number of groups (Bonferroni): of twenty equal groups one would stand out by chance.

    Args:
        losses: unit, loss and the column.
    """
    if column not in losses.column_names:
        return []
    names = np.array([name if name is not None else "not known" for name in losses[column].to_pylist()])
    values = losses["loss"].to_numpy().astype(float)
    found = list(np.unique(names))
    made = [_group(str(name), values[names == name], values[names != name], len(found)) for name in found]
    return sorted(made, key=lambda group: -group.units)


def _group(name: str, own: np.ndarray, others: np.ndarray, tests: int) -> Group:
    mean = float(own.mean())
    if len(own) < 2:
        return Group(name, len(own), mean, None, None, "too few")
    error = _error(own)
    low, high = mean - _Z95 * error, mean + _Z95 * error
    if len(own) < FEWEST_UNITS or len(others) < FEWEST_UNITS:
        return Group(name, len(own), mean, low, high, "too few" if len(own) < FEWEST_UNITS else "as the others")
    return Group(name, len(own), mean, low, high, _verdict(own, others, tests))


def _verdict(own: np.ndarray, others: np.ndarray, tests: int) -> str:
    from scipy.stats import norm

    apart = float(own.mean() - others.mean())
    reach = float(norm.isf(0.025 / tests)) * float(np.hypot(_error(own), _error(others)))
    if abs(apart) <= reach:
        return "as the others"
    return "worse" if apart > 0 else "better"


def _error(values: np.ndarray) -> float:
    return float(values.std(ddof=1) / np.sqrt(len(values)))
