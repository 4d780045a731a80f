"""What stays flat: memory of live windows over an hour of replay."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bench.meter import BenchError, Sample
from bench.rows import Goal, Row
from bench.series import Contestant, Round, Series

if TYPE_CHECKING:
    from bench.registry import Scales

RATE, MINUTES = 1_000.0, 60.0
# BENCH_LIVE_MINUTES=20 plays the same number of events at three times the rate.
GIVEN = float(os.environ.get("BENCH_LIVE_MINUTES", MINUTES))
STREAMS = ("land_orders", "land_clicks", "revenue_by_minute")
# What is still unread at the end must be seconds of the replay, or it was not the rate that was measured.
_BEHIND_SECONDS = 60


def series(scales: Scales) -> Series:
    """One hour: the last quarter's peak against the second quarter's; the first one warms up."""
    row = Row(
        "live_memory", f"peak memory of live windows, last quarter of {GIVEN:g} min", "GB", "windows", "windows",
        "the second quarter of the same run", Goal("<=", 1.1), 1, 1, value=lambda sample: _peak(sample, 3),
        peer_value=lambda sample: _peak(sample, 1), parts=_parts,
    )  # fmt: skip
    return Series("lasting", (Contestant("windows", _windows, 60 * GIVEN + 60),), (row,))


def _windows(turn: Round) -> Sample:
    rate = RATE * MINUTES / GIVEN
    work = turn.root("live-memory")
    sample = turn.stage.python(
        "bench.live_memory", str(turn.stage.lake(1)), str(work), f"{GIVEN:g}", f"{rate:g}", *STREAMS
    )
    behind = max((lag or 0 for lag in sample.said["lag"].values()), default=0)
    if behind > _BEHIND_SECONDS * rate:
        raise BenchError(
            f"The streams were {behind:,} messages behind at the end: {rate:,.0f} a second is too much here."
        )
    return sample


def _peak(sample: Sample, quarter: int) -> float:
    return sample.said["peaks"][quarter] / 1e9


def _parts(sample: Sample) -> dict[str, object]:
    return {
        "peaks_gb": [round(peak / 1e9, 3) for peak in sample.said["peaks"]],
        "rows": sample.said["rows"],
        "state_rows": sample.said["state_rows"],
        "lag": sample.said["lag"],
    }
