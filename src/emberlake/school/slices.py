"""Rows laid out as files that arrived one after the other: what a stream reads, one file a micro-batch."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

# The first file's time of change; each further one is a minute younger. The file source takes the oldest first.
_FIRST = 1_760_000_000


def write_slices(frame: DataFrame, folder: Path, by: str, days: int) -> str:
    """Write a frame's rows as JSON files, one for each so many days, the oldest first.

    Args:
        frame: rows; few enough for the driver.
        folder: made anew.
        by: the timestamp by which they arrived.
        days: how many days of it are one file.

    Returns:
        The folder, for `spark.readStream.schema(frame.schema).json(...)` with `maxFilesPerTrigger=1`.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    rows = sorted(frame.toArrow().to_pylist(), key=lambda row: (row[by], str(row)))
    files: dict[int, list[str]] = {}
    for row in rows:
        line = json.dumps({name: value for name, value in row.items() if value is not None}, default=str)
        files.setdefault((row[by] - rows[0][by]).days // days, []).append(line)
    for place, lines in enumerate(files.values()):
        path = folder / f"{place:03}.json"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        os.utime(path, (_FIRST + 60 * place,) * 2)
    return str(folder)
