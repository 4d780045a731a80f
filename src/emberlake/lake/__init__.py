"""The lake: bronze, silver, quarantine, gold and their upkeep. The only room that reads and writes tables.

Others open a `Lake` on an engine's session, bring its layers up to date with `ingest` (bronze), `refine` (silver) and
`build_gold`, in this order, and ask `pending` which of them have work. Sources are in `emberlake.lake.feeds`.
"""

from emberlake.lake.bronze import ingest
from emberlake.lake.lake import Lake
from emberlake.lake.marts import build_gold
from emberlake.lake.silver import refine
from emberlake.lake.status import pending

__all__ = ["Lake", "build_gold", "ingest", "pending", "refine"]
