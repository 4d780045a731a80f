"""The social graph of the shop: who follows, buys with and influences whom.

Public: `Graph`, `check_graph`, `to_graphframe`; `Rounds`, `Round`.
"""

from emberlake.graphs.graph import Graph, check_graph, to_graphframe
from emberlake.graphs.rounds import Round, Rounds

__all__ = ["Graph", "Round", "Rounds", "check_graph", "to_graphframe"]
