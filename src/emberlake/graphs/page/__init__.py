"""An interactive picture of communities and of the users who bridge them, as one file.

Public: `scene`, `Scene`, `page`.
"""

from emberlake.graphs.page.page import page
from emberlake.graphs.page.scene import Scene, scene

__all__ = ["Scene", "page", "scene"]
