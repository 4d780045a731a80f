"""A segment in words: where its centre differs most from the whole, told from the numbers alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from emberlake.models.segments.behaviour import CHANNEL

if TYPE_CHECKING:
    from numpy.typing import NDArray

# What is said of a centre below and above the whole, in the order in which it is said.
_SAID = {
    "log_recency": ("ordered lately", "not seen for long"),
    "log_orders": ("seldom", "often"),
    "log_value": ("small orders", "large orders"),
    "log_lines": ("few lines", "many lines"),
    "coupon_share": ("full price", "with coupons"),
    "level": ("cheap products", "dear products"),
}
_TITLES = {
    "log_recency": "days since the last order",
    "log_orders": "orders",
    "log_value": "order value",
    "log_lines": "lines an order",
    "coupon_share": "share with coupon",
    "level": "price level",
}
# In standard deviations of all customers.
_WORTH_SAYING = 0.4
_MOST_WORDS = 5


def segment_names(features: Sequence[str], centres: NDArray[Any]) -> list[str]:
    """A few words for each centre, no two alike.

    Args:
        features: what the columns of `centres` are.
        centres: a row a segment, in standard deviations from the mean of all customers.
    """
    names: list[str] = []
    for centre in centres:
        for words in range(_MOST_WORDS, len(features) + 1):
            name = _told(features, centre, words)
            if name not in names:
                break
        number = 2
        while name in names:
            name = f"{_told(features, centre, _MOST_WORDS)} ({number})"
            number += 1
        names.append(name)
    return names


def _told(features: Sequence[str], centre: NDArray[Any], words: int) -> str:
    strongest = np.argsort(-np.abs(centre), kind="stable")[:words]
    # More words are only asked for to tell two segments apart: then a small difference is worth saying.
    least = _WORTH_SAYING if words <= _MOST_WORDS else 0.0
    said = {features[i]: _phrase(features[i], centre[i]) for i in strongest.tolist() if abs(centre[i]) > least}
    order = [*_SAID, *(name for name in features if name.startswith(CHANNEL))]
    return ", ".join(said[name] for name in order if said.get(name)) or "like most customers"


def _phrase(feature: str, value: float) -> str:
    if feature.startswith(CHANNEL):
        # That a segment does not come by a channel says little: it comes by another one.
        return f"by {feature.removeprefix(CHANNEL).replace('_', ' ')}" if value > 0 else ""
    return _SAID[feature][int(value > 0)]


def feature_title(feature: str) -> str:
    """A feature in words, for a picture's axis."""
    if feature.startswith(CHANNEL):
        return f"share by {feature.removeprefix(CHANNEL).replace('_', ' ')}"
    return _TITLES[feature]
