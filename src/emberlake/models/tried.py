"""Whether more features help: the same model with and without them, on the same hold-out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emberlake.models.comparison import CONFIDENCE, FEWEST_UNITS, compare_losses

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Trial:
    """What came of more features.

    Attributes:
        helps: whether the loss is surely less with them: the whole interval of the difference is above zero.
        gain: mean loss without them less that with them.
        sentence: both losses, the difference and its interval, for the model card.
    """

    helps: bool
    gain: float
    sentence: str


def tried(what: str, without: pa.Table, given: pa.Table) -> Trial:
    """Compare losses unit by unit; see `compare_losses`.

    Args:
        what: the features, as the beginning of a sentence.
        without: unit, loss: of the model without them.
        given: the same of the model with them.
    """
    found = compare_losses(without, given)
    interval = f"{CONFIDENCE:.0%} interval {found.low:.4g} to {found.high:.4g}, {found.units:,} units"
    if found.wins:
        verdict = "it helps, and is used"
    elif found.high < 0:
        verdict = "it makes things worse, and is not used"
    elif found.units < FEWEST_UNITS:
        verdict = "there are too few units to tell, and it is not used"
    else:
        verdict = "that may be chance, and it is not used"
    said = (
        f"{what}: the mean loss is {found.challenger_loss:.4g} with it and {found.champion_loss:.4g} without"
        f" (better by {found.gain:.4g}, {interval}): {verdict}."
    )
    return Trial(found.wins, found.gain, said)
