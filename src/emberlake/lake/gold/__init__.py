"""Gold: the marts, their order, and how they are built whole or brought up to date.

Public: `MARTS`, `Mart`, `Scope`, `build_all`, `refresh`.
"""

from emberlake.lake.gold.full import build_all
from emberlake.lake.gold.mart import MARTS, Mart
from emberlake.lake.gold.refresh import refresh
from emberlake.lake.gold.scope import Scope

__all__ = ["MARTS", "Mart", "Scope", "build_all", "refresh"]
