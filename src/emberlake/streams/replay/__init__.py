"""The lake's orders and clicks, played into Kafka as they happened, with faults planted where they are asked for."""

from emberlake.streams.replay.faults import MALFORMED
from emberlake.streams.replay.plan import Faults, Plan
from emberlake.streams.replay.playing import Replayed, replay

__all__ = ["MALFORMED", "Faults", "Plan", "Replayed", "replay"]
