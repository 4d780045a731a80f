"""All marts from nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emberlake.lake.gold.mart import ALL, MARTS, Mart
from emberlake.progress import Progress, silent

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from emberlake.lake.lake import Lake


def build_all(lake: Lake, progress: Progress = silent) -> None:
    """Write every mart anew; a run after a kill does the same again."""
    for number, mart in enumerate(MARTS):
        progress(f"Building {mart.name}", number / len(MARTS))
        overwrite(lake, mart)
    progress("Gold is built", 1.0)


def overwrite(lake: Lake, mart: Mart) -> None:
    """Write one mart anew from the tables that it reads."""
    lake.overwrite(mart.full_name, mart.build(inputs(lake, mart), ALL))


def inputs(lake: Lake, mart: Mart) -> dict[str, DataFrame]:
    """The tables that a mart reads, by `layer.name`; one that does not exist is empty."""
    return {name: lake.read(name) for name in mart.table.reads}
