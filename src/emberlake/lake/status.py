"""What is left to do, and what changed since gold was built; from files, the ledger and the tables' logs, no engine."""

from __future__ import annotations

from dataclasses import dataclass

from emberlake.lake.bronze import new_files
from emberlake.lake.lake import Lake
from emberlake.settings import Settings
from emberlake.tables import GOLD, SOURCES


@dataclass(frozen=True)
class Changes:
    """What silver got since gold was built.

    Attributes:
        loads: new loads by source; empty lists are left out.
        deletes: whether any of them took rows back.
        everything: whether gold was never built, or is not as its last build left it.
    """

    loads: dict[str, list[str]]
    deletes: bool
    everything: bool

    def __bool__(self) -> bool:
        return self.everything or bool(self.loads)


def pending(settings: Settings) -> list[str]:
    """The layers that have work: of `bronze`, `silver`, `gold`."""
    if not (settings.state / "ledger.sqlite").exists():
        return ["bronze", "silver", "gold"]
    with Lake(None, settings) as lake:
        files, failures = new_files(lake)
        if files or failures:
            return ["bronze", "silver", "gold"]
        if _unrefined(lake):
            return ["silver", "gold"]
        return ["gold"] if changes_since_gold(lake) else []


def pending_in_silver(settings: Settings) -> bool:
    """Whether bronze has loads that silver could take now."""
    with Lake(None, settings) as lake:
        return _unrefined(lake)


def _unrefined(lake: Lake) -> bool:
    return bool(lake.ledger.open_batch() or any(lake.ledger.unrefined(source) for source in SOURCES))


def changes_since_gold(lake: Lake) -> Changes:
    """What a refresh of gold has to take up."""
    last = lake.ledger.last_build("gold")
    if last is None:
        return Changes({}, False, everything=True)
    loads, deletes = lake.ledger.refined_since(last.sequence)
    now = lake.versions()
    settled = [f"gold.{name}" for name in GOLD] + [f"silver.{name}" for name in SOURCES if name not in loads]
    # A table that moved without a load was restored or edited: only a full build is sure to be right.
    moved = any(now.get(name) != last.versions.get(name) for name in settled)
    return Changes(loads, deletes, everything=moved)
