"""From a fitted MLlib pipeline of trees to one file that scores without Spark.

Public: `export_pipeline`, `Exported`.
"""

from emberlake.models.export.pipeline import Exported, export_pipeline

__all__ = ["Exported", "export_pipeline"]
