"""The lake: bronze, silver, quarantine, gold and their upkeep. The only room that reads and writes tables.

Others use `Lake`, `pending` and, for sources, `emberlake.lake.feeds`.
"""

from emberlake.lake.lake import Lake
from emberlake.lake.status import pending

__all__ = ["Lake", "pending"]
