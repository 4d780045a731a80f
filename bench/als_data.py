"""The interactions that both recommenders are given, and what was bought next, as Parquet.

python -m bench.als_data ROOT FOLDER
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path

from pyspark.sql import functions as F

from emberlake.engine import open_engine
from emberlake.lake import Lake
from emberlake.models.taste import history
from emberlake.models.taste.recipe import HOLDOUT_DAYS, READS
from emberlake.settings import read_settings


def main(root: Path, folder: Path) -> None:
    """Write train (user_id, item, weight) and wanted (user_id, item): first purchases of the last 28 days."""
    settings = read_settings(root=root)
    with open_engine(settings, "spark") as engine, Lake(engine.session, settings) as lake:
        every = history.lines({name: lake.read(name) for name in READS})
        [[last]] = every.agg(F.max("day")).collect()
        cut = F.lit(last - timedelta(days=HOLDOUT_DAYS - 1))
        path = str(folder / "train")
        history.interactions(every.where(F.col("day") < cut)).write.mode("overwrite").parquet(path)
        train = engine.session.read.parquet(path)
        after = every.where(F.col("day") >= cut).select(F.col("user_id").cast("int"), F.col("product_id").cast("int"))
        new = after.withColumnRenamed("product_id", "item").distinct().join(train, ["user_id", "item"], "left_anti")
        known = new.join(train.select("user_id").distinct(), "user_id", "left_semi")
        known.write.mode("overwrite").parquet(str(folder / "wanted"))
    (folder / "done").touch()
    print(json.dumps({}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
