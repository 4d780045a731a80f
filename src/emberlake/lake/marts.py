"""Gold as a whole: a full build the first time, only what changed after that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emberlake.lake.boundary import boundary
from emberlake.lake.gold import build_all, refresh
from emberlake.lake.locks import refining
from emberlake.lake.status import changes_since_gold
from emberlake.progress import Progress, silent
from emberlake.tables import GOLD

if TYPE_CHECKING:
    from emberlake.lake.lake import Lake


@dataclass(frozen=True)
class Marts:
    """What a build of gold did: `full`, `refreshed` or `nothing`; rows by table after it."""

    how: str
    rows: dict[str, int]


def build_gold(lake: Lake, progress: Progress = silent) -> Marts:
    """Bring every gold table up to silver; does nothing when silver has not changed since.

    Raises:
        LakeBusy: if another process goes on refining.
    """
    # What silver takes up meanwhile would be noted as part of this build, and then be missing in gold.
    with refining(lake):
        return _build_gold(lake, progress)


def _build_gold(lake: Lake, progress: Progress) -> Marts:
    changes = changes_since_gold(lake)
    how = "nothing"
    if changes.everything:
        how = "full"
        build_all(lake, progress)
    elif changes:
        how = refresh(lake, changes.loads, changes.deletes, progress)
    if changes:
        boundary("gold:before-ledger")
        lake.ledger.record_build("gold", lake.versions())
    progress("Gold is up to date", 1.0)
    return Marts(how, {name: lake.rows(f"gold.{name}") for name in GOLD})
