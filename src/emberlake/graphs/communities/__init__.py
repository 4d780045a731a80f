"""Communities: who belongs together.

Public: `louvain`, `label_propagation`, `modularity`.
"""

from emberlake.graphs.communities.labels import label_propagation
from emberlake.graphs.communities.louvain import louvain
from emberlake.graphs.communities.modularity import modularity

__all__ = ["label_propagation", "louvain", "modularity"]
