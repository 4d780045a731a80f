"""The social graph of the shop: who follows, buys with and influences whom.

Public: `Graph`, `check_graph`, `to_graphframe`; `Rounds`, `Round`; `degrees`, `distribution`, `pagerank`,
`personalised_pagerank`, `components`.
"""

from emberlake.graphs.components import components
from emberlake.graphs.degrees import degrees, distribution
from emberlake.graphs.graph import Graph, check_graph, to_graphframe
from emberlake.graphs.pagerank import pagerank, personalised_pagerank
from emberlake.graphs.rounds import Round, Rounds

__all__ = [
    "Graph",
    "Round",
    "Rounds",
    "check_graph",
    "components",
    "degrees",
    "distribution",
    "pagerank",
    "personalised_pagerank",
    "to_graphframe",
]
