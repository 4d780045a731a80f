"""The social graph of the shop: who follows, buys with and influences whom.

Public: `Graph`, `check_graph`, `to_graphframe`; `Rounds`, `Round`; `degrees`, `distribution`, `pagerank`,
<<<<<<< HEAD
`personalised_pagerank`, `components`, `triangles`, `shortest_path`, `shortest_paths`, `neighbourhood`, `trees`.
Rooms of their own: `communities`, `motifs`, `links`, `page`. Graphs of the shop: `building`; all that gold keeps of
them: `network`; how far a message spreads: `spread`, `greedy`.
=======
`personalised_pagerank`, `components`; `louvain`, `label_propagation`, `modularity`; `triangles`, `transitivity`;
`shortest_paths`, `shortest_path`, `neighbourhood`; `motifs`, `Kind`.
>>>>>>> g2
"""

from emberlake.graphs.communities import label_propagation, louvain, modularity
from emberlake.graphs.components import components
from emberlake.graphs.degrees import degrees, distribution
from emberlake.graphs.graph import Graph, check_graph, to_graphframe
from emberlake.graphs.motifs import Kind, motifs
from emberlake.graphs.pagerank import pagerank, personalised_pagerank
from emberlake.graphs.paths import neighbourhood, shortest_path, shortest_paths
from emberlake.graphs.rounds import Round, Rounds
<<<<<<< HEAD
from emberlake.graphs.trees import trees
from emberlake.graphs.triangles import triangles
=======
from emberlake.graphs.triangles import transitivity, triangles
>>>>>>> g2

__all__ = [
    "Graph",
    "Kind",
    "Round",
    "Rounds",
    "check_graph",
    "components",
    "degrees",
    "distribution",
<<<<<<< HEAD
=======
    "label_propagation",
    "louvain",
    "modularity",
    "motifs",
>>>>>>> g2
    "neighbourhood",
    "pagerank",
    "personalised_pagerank",
    "shortest_path",
    "shortest_paths",
    "to_graphframe",
<<<<<<< HEAD
    "trees",
=======
    "transitivity",
>>>>>>> g2
    "triangles",
]
