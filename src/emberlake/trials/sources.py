"""What a trial asks of the lake: who was active, who was exposed, what a metric counts, and how far the data reach."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from emberlake.errors import TrialError
from emberlake.lake import Lake
from emberlake.trials.exposures import active_before, active_during, assigned, moment
from emberlake.trials.metric import TrialMetric
from emberlake.trials.trial import Exposure, Trial

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame


def data_until(lake: Lake) -> dt.date:
    """The day after the last order's.

    Raises:
        TrialError: if there are no orders.
    """
    import pyspark.sql.functions as F

    if not lake.exists("silver.orders"):
        raise TrialError(
            f"There are no orders in {lake.settings.root} yet.", "Build the lakehouse first: emberlake up."
        )
    last = lake.read("silver.orders").agg(F.max("ordered_at").alias("last")).toArrow().column("last")[0].as_py()
    if last is None:
        raise TrialError("The lakehouse has no orders.", "Import some: emberlake import orders.csv --as orders.")
    return last.date() + dt.timedelta(days=1)  # type: ignore[no-any-return]


def activity(lake: Lake) -> DataFrame:
    """Orders, cancelled ones too, and visits while signed in: user_id, happened_at."""
    import pyspark.sql.functions as F

    orders = lake.read("silver.orders").select("user_id", F.col("ordered_at").alias("happened_at"))
    visits = lake.read("silver.events").select("user_id", F.col("occurred_at").alias("happened_at"))
    return orders.unionByName(visits)


def active_a_day(lake: Lake, since: dt.date, until: dt.date) -> float:
    """Users who ordered or visited, on the average day."""
    import pyspark.sql.functions as F

    at = F.col("happened_at")
    within = (
        activity(lake).where((at >= F.lit(moment(since))) & (at < F.lit(moment(until)))).where("user_id is not null")
    )
    seen = within.select("user_id", F.to_date("happened_at").alias("day")).distinct()
    return float(fetch(seen.agg(F.count("*").alias("n"))).column("n")[0].as_py()) / (until - since).days


def participants(lake: Lake, rule: Exposure, history: int, since: dt.date, until: dt.date) -> DataFrame:
    """Who takes part in a trial of these days by a rule other than a log: user_id, exposed_at."""
    everybody = activity(lake)
    return active_before(everybody, since, history) if rule == "before" else active_during(everybody, since, until)


def exposures(lake: Lake, trial: Trial, files: list[str], until: dt.date) -> DataFrame:
    """The exposures of a trial: user_id, variant, exposed_at; several a user where there is a log.

    Args:
        files: the log's, for trials that have one.

    Raises:
        TrialError: if the trial lives by a log, and there is none yet.
    """
    if trial.exposure != "log":
        users = participants(lake, trial.exposure, trial.history, trial.since, until)
        return assigned(users, trial.shares, trial.salt, trial.method)
    if not files:
        raise TrialError(
            f"Nobody was exposed to trial {trial.name!r} yet.",
            f"Import who saw what: emberlake trial expose {trial.name} exposures.csv.",
        )
    return lake.session.read.parquet(*files).select("user_id", "variant", "exposed_at")


def ask(lake: Lake, metric: TrialMetric, since: dt.date, until: dt.date) -> DataFrame:
    """What the metric counts, from the moment of one day to that of another. Run it within `views` of the metric."""
    return lake.session.sql(metric.sql, args={"since": moment(since), "until": moment(until)})


@contextmanager
def views(lake: Lake, metric: TrialMetric) -> Iterator[None]:
    """The metric's tables as temporary views by their plain names."""
    made = []
    try:
        for table in metric.reads:
            name = table.partition(".")[2]
            lake.read(table).createOrReplaceTempView(name)
            made.append(name)
        yield
    finally:
        for name in made:
            lake.session.catalog.dropTempView(name)


def fetch(rows: DataFrame) -> pa.Table:
    """Rows that were summed up before: a few for each day."""
    return rows.toArrow()


def require_data(lake: Lake, metric: TrialMetric) -> None:
    """Refuses a metric that this lake cannot answer; reads no data, only the tables' logs.

    Raises:
        TrialError: with the table or column that is missing.
    """
    for table, columns in metric.reads.items():
        files = lake.rows_by_file(table)
        rows = sum(int(str(file["num_records"])) for file in files)
        missing = [c for c in columns if sum(int(str(file.get(f"null_count.{c}") or 0)) for file in files) >= rows]
        if not rows or missing:
            what = f"{table} has no {' and no '.join(missing)}" if rows else f"{table} has no rows"
            raise TrialError(
                f"The metric {metric.name!r} cannot be read from this data: {what}.",
                "Import what is missing, or plan the trial with other metrics (emberlake trial metrics).",
            )
