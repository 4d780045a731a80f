"""Motifs: small patterns of vertices and edges, found wherever they are.

Public: `motifs`, `Kind`, `parse`, `Pattern`, `Term`.
"""

from emberlake.graphs.motifs.matching import Kind, motifs
from emberlake.graphs.motifs.parser import parse
from emberlake.graphs.motifs.pattern import Pattern, Term

__all__ = ["Kind", "Pattern", "Term", "motifs", "parse"]
