"""When a figure is an alert: what is looked at, from which value on, and how others are given."""

from __future__ import annotations

from dataclasses import dataclass

from emberlake.errors import SettingsError


@dataclass(frozen=True)
class Kind:
    """One thing that is looked at.

    Attributes:
        threshold: from this value on it is an alert.
        unit: of the value.
        meaning: what it says, for the list of alerts.
    """

    name: str
    threshold: float
    unit: str
    meaning: str


ALERTS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("lag", 100_000, "messages", "Messages of its topics that it has not read yet."),
        Kind("batch", 3, "times", "A batch takes so many times its trigger's interval."),
        Kind("silence", 120, "s", "No progress, though there is something to read."),
        Kind("restarts", 3, "restarts", "Restarts of its query within a quarter of an hour."),
        Kind("quarantine", 0.1, "share", "Share of its latest rows that went to quarantine."),
        Kind("waiting", 300, "s", "Its rows wait in bronze for orders that have not landed: does land_orders run?"),
        Kind("latency", 60, "s", "99th percentile from message to result, in micro-batches."),
        Kind("realtime", 1, "s", "99th percentile from message to result, in real-time mode."),
        Kind("failed", 1, "", "Its query failed too often, and was given up."),
    )
}


def read_thresholds(text: str) -> dict[str, float]:
    """Thresholds from `name=value[,…]`, those not named at their defaults; 0 switches an alert off.

    Raises:
        SettingsError: if a name is no alert's or a value no number.
    """
    found = {name: kind.threshold for name, kind in ALERTS.items()}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = pair.partition("=")
        try:
            if name not in found:
                raise ValueError
            found[name] = float(value)
        except ValueError:
            raise SettingsError(
                f"Setting 'stream_alerts' has {pair!r}.",
                f"Write name=number with commas between them; names are {', '.join(ALERTS)}. 0 switches one off.",
            ) from None
    return found
