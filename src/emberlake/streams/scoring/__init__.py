"""Live orders scored by the champion.

Public: `STREAM` (the stream `scores`), `scored`, `live_features`, `take_snapshot`, and the workshop's
`predicted_orders` and `start_workshop`.
"""

from emberlake.streams.scoring.features import live_features
from emberlake.streams.scoring.query import STREAM, scored
from emberlake.streams.scoring.snapshot import Snapshot, take_snapshot
from emberlake.streams.scoring.workshop import predicted_orders, start_workshop

__all__ = [
    "STREAM",
    "Snapshot",
    "live_features",
    "predicted_orders",
    "scored",
    "start_workshop",
    "take_snapshot",
]
