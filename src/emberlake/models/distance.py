"""How far two histograms are apart: the population stability index and two-sample tests, from counts alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_BINS = 10


def stability_index(before: Sequence[int], after: Sequence[int]) -> float:
    """The population stability index (Siddiqi 2006): the sum over bins of (q - p) · ln(q / p).

    Half a row is added to each bin, so that an empty one is no infinity.
    """
    p, q = _shares(before), _shares(after)
    return float(np.sum((q - p) * np.log(q / p)))


def _shares(counts: Sequence[int]) -> np.ndarray:
    values = np.asarray(counts, dtype=float) + 0.5
    return values / values.sum()


def joined(before: Sequence[int], after: Sequence[int], bins: int = _BINS) -> tuple[list[int], list[int]]:
    """Neighbouring bins joined until each holds a tenth of `before`: the index is defined on about ten."""
    least = sum(before) / bins
    old, new = [0], [0]
    for b, a in zip(before, after, strict=True):
        # With some slack: bins at quantiles hold a fiftieth only nearly.
        if old[-1] >= 0.95 * least:
            old.append(0)
            new.append(0)
        old[-1] += b
        new[-1] += a
    return old, new


def kolmogorov_smirnov(before: Sequence[int], after: Sequence[int]) -> tuple[float, float]:
    """The two-sample test of Kolmogorov and Smirnov on bins: distance and p-value.

    The distance is taken at the bins' edges only, where it is at most that of the raw values: the p-value is on the
    safe side.
    """
    from scipy.stats import kstwo

    n, m = sum(before), sum(after)
    if not n or not m:
        return 0.0, 1.0
    apart = np.abs(np.cumsum(before) / n - np.cumsum(after) / m)
    distance = float(apart.max())
    return distance, float(np.clip(kstwo.sf(distance, max(1, np.round(n * m / (n + m)))), 0, 1))


def chi_square(before: Sequence[int], after: Sequence[int]) -> tuple[float, float]:
    """Pearson's test of homogeneity: statistic and p-value.

    Levels with fewer than five rows expected on either side are joined, as the test asks (Cochran 1954).
    """
    from scipy.stats import chi2_contingency

    table = np.array([before, after], dtype=float)
    table = table[:, table.sum(axis=0) > 0]
    if not table.size or not (table.sum(axis=1) > 0).all():
        return 0.0, 1.0
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    rare = expected.min(axis=0) < 5
    if rare.any():
        table = np.column_stack([table[:, ~rare], table[:, rare].sum(axis=1)])
    if table.shape[1] < 2:
        return 0.0, 1.0
    found = chi2_contingency(table, correction=False)
    return float(found.statistic), float(found.pvalue)


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values corrected for their number (Holm 1979): the chance that any is wrongly below 1 % stays below 1 %."""
    order = np.argsort(p_values)
    adjusted, largest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = largest
    return adjusted
