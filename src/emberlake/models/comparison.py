"""Whether a challenger is better than a champion: both on the same units, with a paired bootstrap interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emberlake.errors import ModelError
from emberlake.models.checks import require_losses

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

CONFIDENCE = 0.95
FEWEST_UNITS = 30
MOST_UNITS = 100_000
_RESAMPLES = 2_000


@dataclass(frozen=True)
class Comparison:
    """A challenger beside a champion on the same hold-out.

    Attributes:
        units: judged by both.
        champion_loss, challenger_loss: means; less is better.
        gain: mean loss of the champion less that of the challenger: above zero, the challenger is better.
        low, high: ends of the gain's interval.
        wins: whether the whole interval is above zero.
        why: the verdict in a sentence.
    """

    units: int
    champion_loss: float
    challenger_loss: float
    gain: float
    low: float
    high: float
    wins: bool
    why: str


def compare_losses(champion: pa.Table, challenger: pa.Table, seed: int = 42) -> Comparison:
    """Compare unit by unit; only units that both have count.

    The interval is the percentile bootstrap of the mean difference (Efron and Tibshirani 1993, chapter 13); units are
    drawn in pairs, so that what makes a unit hard for both models does not widen it.

    Args:
        champion: unit, loss.
        challenger: unit, loss.

    Raises:
        ModelError: if losses are not one finite number a unit, or the two share no unit.
    """
    require_losses(champion, "the champion")
    require_losses(challenger, "the challenger")
    both = champion.select(["unit", "loss"]).join(
        challenger.select(["unit", "loss"]), "unit", join_type="inner", right_suffix="_challenger"
    )
    if not both.num_rows:
        raise ModelError("Champion and challenger were asked about different units.", "Train again.")
    # In the units' order, so that the same data gives the same interval.
    both = both.sort_by("unit")
    old = both["loss"].to_numpy().astype(float)
    new = both["loss_challenger"].to_numpy().astype(float)
    low, high = gain_interval(old - new, seed)
    gain = float((old - new).mean())
    wins = len(old) >= FEWEST_UNITS and low > 0
    return Comparison(
        len(old), float(old.mean()), float(new.mean()), gain, low, high, wins, _why(len(old), gain, low, high)
    )


def gain_interval(gains: NDArray[np.float64], seed: int = 42) -> tuple[float, float]:
    """The interval of the mean of paired differences.

    Above 100,000 units a random part of them is drawn from: the interval is then a little wider than it need be.
    """
    from scipy.stats import bootstrap

    if len(gains) < 2 or np.ptp(gains) == 0:
        return float(gains.mean()), float(gains.mean())
    random = np.random.default_rng(seed)
    drawn = random.choice(gains, MOST_UNITS, replace=False) if len(gains) > MOST_UNITS else gains
    found = bootstrap(
        (drawn,), np.mean, n_resamples=_RESAMPLES, batch=max(1, 5_000_000 // len(drawn)), vectorized=True,
        confidence_level=CONFIDENCE, method="percentile", rng=random,
    ).confidence_interval  # fmt: skip
    return float(found.low), float(found.high)


def _why(units: int, gain: float, low: float, high: float) -> str:
    if units < FEWEST_UNITS:
        return f"Only {units} units were judged by both, and {FEWEST_UNITS} are needed."
    if gain == low == high == 0:
        return f"Both have the same loss on {units:,} units."
    interval = f"{CONFIDENCE:.0%} interval {low:.4g} to {high:.4g} on {units:,} units"
    if low > 0:
        return f"The challenger's loss is less by {gain:.4g} ({interval})."
    if high < 0:
        return f"The challenger's loss is more by {-gain:.4g} ({interval})."
    return f"The difference in loss, {gain:.4g}, may be chance ({interval})."
