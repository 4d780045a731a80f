"""The social graph of the shop: who follows, buys with and influences whom.

Public: `Graph`, `check_graph`, `to_graphframe`; `Rounds`, `Round`; `degrees`, `distribution`, `pagerank`,
`personalised_pagerank`, `components`; `louvain`, `label_propagation`, `modularity`; `triangles`, `transitivity`;
`shortest_paths`, `shortest_path`, `neighbourhood`; `motifs`, `Kind`; `trees`. Rooms of their own: `links`, `page`.
Graphs of the shop: `building`; all that gold keeps of them: `network`; how far a message spreads: `spread`, `greedy`.
"""

from emberlake.graphs.communities import label_propagation, louvain, modularity
from emberlake.graphs.components import components
from emberlake.graphs.degrees import degrees, distribution
from emberlake.graphs.graph import Graph, check_graph, to_graphframe
from emberlake.graphs.motifs import Kind, motifs
from emberlake.graphs.pagerank import pagerank, personalised_pagerank
from emberlake.graphs.paths import neighbourhood, shortest_path, shortest_paths
from emberlake.graphs.rounds import Round, Rounds
from emberlake.graphs.trees import trees
from emberlake.graphs.triangles import transitivity, triangles

__all__ = [
    "Graph",
    "Kind",
    "Round",
    "Rounds",
    "check_graph",
    "components",
    "degrees",
    "distribution",
    "label_propagation",
    "louvain",
    "modularity",
    "motifs",
    "neighbourhood",
    "pagerank",
    "personalised_pagerank",
    "shortest_path",
    "shortest_paths",
    "to_graphframe",
    "transitivity",
    "trees",
    "triangles",
]
