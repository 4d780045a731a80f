"""The workshop's table on a laptop: `spark, tpch, folder = workbench()` gives a session, TPC-H, and where to write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from emberlake.progress import silent
from emberlake.school.tryout import one_session
from emberlake.school.whereabouts import at_hand
from emberlake.settings import Settings, read_settings
from emberlake.synth.tpch import TABLES, write_tpch

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# 15,000 orders: each cell of the workshop takes seconds.
SCALE = 0.01


def workbench() -> tuple[SparkSession, str, str]:
    """A session on classic Spark, the folder with TPC-H's Parquet files, and a folder that may be written to.

    TPC-H is the lake's own, as `emberlake synth --tpch` made it; where there is none, a small one is made beside the
    exercises. A second call gives the same session.

    Raises:
        EmberlakeError: if TPC-H cannot be made, or this process holds a session of another kind.
    """
    settings = at_hand(read_settings())
    own = settings.model_copy(update={"root": settings.course_folder / ".state" / "workshop"})
    tpch = tpch_folder(settings, own)
    spark = one_session(own, "spark")
    folder = own.root / "written"
    folder.mkdir(parents=True, exist_ok=True)
    return spark, str(tpch), str(folder)


def tpch_folder(settings: Settings, own: Settings) -> Path:
    """Where whole TPC-H files lie: in the lake's landing folder, or else in our own, where they are made if need be."""
    files = [settings.landing / f"tpch_{table}" / f"tpch_{table}.parquet" for table in TABLES]
    if all(file.exists() for file in files):
        return settings.landing
    begun = own.landing / "tpch.json"
    scale = json.loads(begun.read_text())["scale"] if begun.exists() else SCALE
    write_tpch(own, scale, silent)
    return own.landing
