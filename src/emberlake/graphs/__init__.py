"""The social graph of the shop: who follows, buys with and influences whom.

Public: `Graph`, `check_graph`, `to_graphframe`; `Rounds`, `Round`; `degrees`, `distribution`, `pagerank`,
`personalised_pagerank`, `components`, `triangles`, `shortest_path`, `shortest_paths`, `neighbourhood`, `trees`.
Rooms of their own: `communities`, `motifs`, `links`, `page`. Graphs of the shop: `building`; all that gold keeps of
them: `network`; how far a message spreads: `spread`, `greedy`.
"""

from emberlake.graphs.components import components
from emberlake.graphs.degrees import degrees, distribution
from emberlake.graphs.graph import Graph, check_graph, to_graphframe
from emberlake.graphs.pagerank import pagerank, personalised_pagerank
from emberlake.graphs.paths import neighbourhood, shortest_path, shortest_paths
from emberlake.graphs.rounds import Round, Rounds
from emberlake.graphs.trees import trees
from emberlake.graphs.triangles import triangles

__all__ = [
    "Graph",
    "Round",
    "Rounds",
    "check_graph",
    "components",
    "degrees",
    "distribution",
    "neighbourhood",
    "pagerank",
    "personalised_pagerank",
    "shortest_path",
    "shortest_paths",
    "to_graphframe",
    "trees",
    "triangles",
]
