"""Who will follow whom: how close two users are, how well that foretells, and whom to recommend.

Public: `pairs_within_two_hops`, `score_pairs`, `MEASURES`, `recommended_follows`; `hold_out`, `HoldOut`, `aucs`,
`recalled`, `compare`, `Comparison`, `Way`.
"""

from emberlake.graphs.links.comparing import Comparison, Way, compare
from emberlake.graphs.links.holding_out import HoldOut, hold_out
from emberlake.graphs.links.judging import aucs, recalled
from emberlake.graphs.links.measures import MEASURES
from emberlake.graphs.links.pairs import pairs_within_two_hops, score_pairs
from emberlake.graphs.links.recommending import recommended_follows

__all__ = [
    "MEASURES",
    "Comparison",
    "HoldOut",
    "Way",
    "aucs",
    "compare",
    "hold_out",
    "pairs_within_two_hops",
    "recalled",
    "recommended_follows",
    "score_pairs",
]
