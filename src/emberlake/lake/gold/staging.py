"""Intermediate rows that a refresh reads several times, kept as tables under `lake/staging` while it runs."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from emberlake.lake.lake import Lake

Keep = Callable[[str, "DataFrame"], "DataFrame"]


@contextmanager
def staging(lake: Lake) -> Iterator[Keep]:
    """A function that writes rows under a name and reads them back; all is removed at the end of the block.

    What a kill leaves is removed by the next refresh. No cache: the embedded engine has none, and rows that depend on
    a table which is about to be written must not be computed again after that.
    """
    folder = lake.path("staging.any").parent
    shutil.rmtree(folder, ignore_errors=True)

    def keep(name: str, rows: DataFrame) -> DataFrame:
        path = lake.engine_path(f"staging.{name}")
        rows.write.format("delta").mode("overwrite").save(path)
        return lake.session.read.format("delta").load(path)

    try:
        yield keep
    finally:
        shutil.rmtree(folder, ignore_errors=True)
