"""How learners stand, told from the live table and the diary: no engine, and no state is opened."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emberlake.lake import Lake
from emberlake.streams.online.diary import ASKED, Entry, entries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emberlake.settings import Settings

TABLE = "gold.live_learning"
# What each learner is judged by first, with its unit; less is better.
MEASURES: Mapping[str, tuple[str, str]] = {
    "learn_value": ("mae", "EUR"),
    "learn_clicks": ("log_loss", "nats"),
    "live_segments": ("squares", "squared deviations"),
}


@dataclass(frozen=True)
class Standing:
    """One learner after its newest micro-batch.

    Attributes:
        events: learned; 0: none yet.
        at: time of the newest event, UTC, ISO 8601; None before the first.
        measure, unit: what it is judged by first.
        rows: of each model and measure: model, role, measure, so_far, rolling, fading.
        diary: what happened to its models, the oldest first.
    """

    name: str
    events: int
    at: str | None
    measure: str
    unit: str
    rows: list[dict[str, Any]]
    diary: list[Entry]

    def count(self, what: str) -> int:
        """How often something happened."""
        return sum(entry.what == what for entry in self.diary)

    def of(self, role: str) -> dict[str, Any] | None:
        """The row of that role by the measure that it is judged by first; None: there is none."""
        return next((r for r in self.rows if r["role"] == role and r["measure"] == self.measure), None)


def standing(settings: Settings, name: str) -> Standing:
    """How the learner of that stream stands."""
    measure, unit = MEASURES[name]
    told = _told(settings, name)
    # A checkpoint that is made anew counts its micro-batches from 0, but events only grow.
    last = max((row["events"] for row in told), default=0)
    newest = [row for row in told if row["events"] == last]
    batch = max((row["batch"] for row in newest), default=0)
    rows = [
        {key: row[key] for key in ("model", "role", "measure", "so_far", "rolling", "fading")}
        for row in newest if row["batch"] == batch
    ]  # fmt: skip
    at = newest[0]["at"].isoformat(timespec="seconds") if newest and newest[0]["at"] else None
    return Standing(name, last, at, measure, unit, rows, entries(settings, name))


def lines(settings: Settings, name: str) -> dict[str, tuple[list[int], list[float]]]:
    """Of each model the events learned and its error over the latest of them, micro-batch by micro-batch.

    Where a learner has no error over the latest, it is the one in which older ones fade.
    """
    measure, _ = MEASURES[name]
    found: dict[str, tuple[list[int], list[float]]] = defaultdict(lambda: ([], []))
    for row in sorted(_told(settings, name), key=lambda row: (row["events"], row["model"])):
        value = row["fading"] if row["rolling"] is None else row["rolling"]
        if row["measure"] == measure and value is not None:
            found[row["model"]][0].append(row["events"])
            found[row["model"]][1].append(value)
    return dict(found)


def marks(diary: list[Entry]) -> list[tuple[int, str]]:
    """What happened to the models, with the number of events learned before, for a picture."""
    return [(entry.event, entry.what) for entry in diary if entry.what != ASKED]


def _told(settings: Settings, name: str) -> list[dict[str, Any]]:
    with Lake(None, settings) as lake:
        if not lake.exists(TABLE):
            return []
        rows = lake.delta(TABLE).to_pyarrow_table(filters=[("stream", "=", name)])
    found: list[dict[str, Any]] = rows.to_pylist()
    return found
