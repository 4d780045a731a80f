"""Live orders scored by the champion.

Public: `STREAM` (the stream `scores`), `scored`, `live_features`, `take_snapshot`.
"""

from emberlake.streams.scoring.features import live_features
from emberlake.streams.scoring.query import STREAM, scored
from emberlake.streams.scoring.snapshot import Snapshot, take_snapshot

__all__ = ["STREAM", "Snapshot", "live_features", "scored", "take_snapshot"]
