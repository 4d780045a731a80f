"""Alerts: raised once, cleared once, and not for every figure that touches the line."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emberlake.streams.monitor.thresholds import ALERTS

if TYPE_CHECKING:
    from emberlake.streams.running.book import Book

LOG = logging.getLogger("emberlake.streams")
# Raised after so many looks in a row at or above the threshold; cleared after as many below four fifths of it.
LOOKS, CLEAR_SHARE = 3, 0.8

SCHEMA = """
CREATE TABLE IF NOT EXISTS alerts (
  id INTEGER PRIMARY KEY, stream TEXT NOT NULL, alert TEXT NOT NULL, raised_at REAL NOT NULL, cleared_at REAL,
  value REAL NOT NULL, threshold REAL NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS one_open ON alerts (stream, alert) WHERE cleared_at IS NULL;
"""


@dataclass(frozen=True)
class Alert:
    """One alert of one stream; times are seconds since 1970.

    Attributes:
        value: the worst seen while it is raised.
        cleared_at: None while it is raised.
    """

    stream: str
    alert: str
    raised_at: float
    cleared_at: float | None
    value: float
    threshold: float

    @property
    def sentence(self) -> str:
        """What it says, with its figures."""
        kind = ALERTS[self.alert]
        if self.alert == "failed":
            return kind.meaning
        figures = f"{_figure(self.value)} {kind.unit}; the threshold is {_figure(self.threshold)}"
        return f"{kind.meaning.rstrip('.')}: {figures}."


@dataclass
class Alarm:
    """The state of one alert of one stream.

    Attributes:
        threshold: from this value on; 0: never.
        raised: whether it is raised now.
    """

    threshold: float
    raised: bool = False
    _looks: int = 0

    def look(self, value: float | None) -> bool | None:
        """Take in one value; None is nothing to judge by.

        Returns:
            True when this look raises the alert, False when it clears it, None when nothing changes.
        """
        if value is None or self.threshold <= 0:
            return None
        against = value < CLEAR_SHARE * self.threshold if self.raised else value >= self.threshold
        self._looks = self._looks + 1 if against else 0
        if self._looks < LOOKS:
            return None
        self._looks, self.raised = 0, not self.raised
        return self.raised


@dataclass
class Alerts:
    """The alerts of a process's streams."""

    book: Book
    thresholds: dict[str, float]
    _alarms: dict[tuple[str, str], Alarm] = field(default_factory=dict)

    def begin(self, stream: str) -> None:
        """A process takes the stream: what was raised for an earlier one no longer holds."""
        clear_alerts(self.book, stream, every=True)

    def look(self, stream: str, alert: str, value: float | None) -> None:
        """Take in one value of one alert."""
        alarm = self._alarms.setdefault((stream, alert), Alarm(self.thresholds[alert]))
        change = alarm.look(value)
        if change is True and value is not None:
            self.raise_now(stream, alert, value)
        elif change is False:
            clear_alerts(self.book, stream, alert)
            self.book.note(stream, "cleared", f"{alert} is at {_figure(value or 0)}")
            LOG.info("%s: alert %s cleared", stream, alert)
        elif alarm.raised and value is not None:
            self.book.query(
                "UPDATE alerts SET value = max(value, ?) WHERE stream = ? AND alert = ? AND cleared_at IS NULL",
                (value, stream, alert), SCHEMA,
            )  # fmt: skip

    def raise_now(self, stream: str, alert: str, value: float = 1.0) -> None:
        """Raise an alert; one that is raised already stays as it is."""
        threshold = self.thresholds[alert]
        self.book.query(
            "INSERT OR IGNORE INTO alerts (stream, alert, raised_at, value, threshold) VALUES (?,?,?,?,?)",
            (stream, alert, time.time(), value, threshold), SCHEMA,
        )  # fmt: skip
        said = Alert(stream, alert, 0, None, value, threshold).sentence
        self.book.note(stream, "raised", f"{alert}: {said}")
        LOG.warning("%s: alert %s: %s", stream, alert, said)

    def end(self, stream: str) -> None:
        """The stream ended in good order: nothing of it is wrong any more."""
        self._alarms = {key: alarm for key, alarm in self._alarms.items() if key[0] != stream}
        clear_alerts(self.book, stream)

    def raised(self, stream: str) -> set[str]:
        """Names of the alerts that are raised now."""
        return {alert for (of, alert), alarm in self._alarms.items() if of == stream and alarm.raised}


def clear_alerts(book: Book, stream: str, alert: str | None = None, every: bool = False) -> None:
    """Close one alert of a stream, or all; that it failed stays raised unless `every` is given."""
    book.query(
        "UPDATE alerts SET cleared_at = ? WHERE stream = ? AND cleared_at IS NULL"
        " AND (alert = ? OR ? IS NULL AND (alert <> 'failed' OR ?))",
        (time.time(), stream, alert, alert, every), SCHEMA,
    )  # fmt: skip


def open_alerts(book: Book, stream: str | None = None, every: bool = False, limit: int = 100) -> list[Alert]:
    """Alerts that are raised now, or all that were, the newest first."""
    if not book.path.exists():
        return []
    rows = book.query(
        "SELECT stream, alert, raised_at, cleared_at, value, threshold FROM alerts"
        " WHERE (? OR cleared_at IS NULL) AND (? IS NULL OR stream = ?) ORDER BY id DESC LIMIT ?",
        (every, stream, stream, limit), SCHEMA,
    )  # fmt: skip
    return [Alert(*row) for row in rows]


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or float(value).is_integer() else f"{value:.3g}"
