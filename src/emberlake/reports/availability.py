"""Which reports the data allows: a shop that has only an order log gets those that an order log can answer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from emberlake.reports.answer import Tables
from emberlake.reports.catalog import list_reports
from emberlake.reports.report import Report
from emberlake.tables import Table, find

if TYPE_CHECKING:
    from pyspark.sql import Column

# A gold table writes this where the source says nothing; it is no answer to "which country".
UNSAID = "unknown"


@dataclass(frozen=True)
class Availability:
    """Whether the data allows a report, and in one sentence why not."""

    report: Report
    allowed: bool
    why_not: str = ""


def available(lake: Tables) -> list[Availability]:
    """Every report, with whether the lake's tables hold what it needs; one small query in all."""
    reports = list_reports()
    needs = sorted({need for report in reports for need in _needs(report)} | _sources(reports))
    met = _met(lake, needs)
    return [_judge(report, met) for report in reports]


def _needs(report: Report) -> list[tuple[str, str]]:
    """Pairs of table (`layer.name`) and column that must hold a value; no column: it must have rows."""
    pairs = []
    for name, columns in (*report.reads.items(), *report.needs.items()):
        if columns is not None:
            path = _path(find(name))
            pairs += [(path, ""), *((path, column) for column in columns)]
    return pairs


def _path(table: Table) -> str:
    return f"{table.layer}.{table.name}"


def _sources(reports: list[Report]) -> set[tuple[str, str]]:
    """The silver tables behind the marts: when a mart is empty, the reason lies there."""
    tables = [find(name) for report in reports for name in (*report.reads, *report.needs)]
    return {(path, "") for table in tables for path in _silver_behind(table)}


def _silver_behind(table: Table) -> list[str]:
    """The silver tables that it is made from, nearest first, each once."""
    if table.layer != "gold":
        return [_path(table)]
    behind: dict[str, None] = {}
    for path in table.reads:
        behind |= dict.fromkeys(_silver_behind(find(path)))
    return list(behind)


def _met(lake: Tables, needs: list[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of the needs that the lake meets."""
    from pyspark.sql import DataFrame
    from pyspark.sql import functions as F

    frames = {path: lake.read(path) for path in {path for path, _ in needs}}
    # One row at most from each, so that the first row found ends the scan of its table.
    probes = [
        frames[path]
        .where(_says(path, column))
        .select(F.lit(path).alias("path"), F.lit(column).alias("column"))
        .limit(1)
        for path, column in needs
    ]
    found: DataFrame = reduce(DataFrame.unionAll, probes)
    return {(row["path"], row["column"]) for row in found.collect()}


def _says(path: str, column: str) -> Column:
    from pyspark.sql import functions as F

    if not column:
        return F.lit(True)
    filled = F.col(column).isNotNull()
    return filled & (F.col(column) != UNSAID) if find(path).column(column).type == "string" else filled


def _judge(report: Report, met: set[tuple[str, str]]) -> Availability:
    for path, column in _needs(report):
        if (path, column) not in met:
            return Availability(report, False, _why_not(path, column, met))
    return Availability(report, True)


def _why_not(path: str, column: str, met: set[tuple[str, str]]) -> str:
    table = find(path)
    if column:
        meaning = table.column(column).meaning.split(";")[0].rstrip(".")
        return f"Needs {table.name}.{column} ({_lower(meaning)}), which no row says."
    empty = [source for source in _silver_behind(table) if (source, "") not in met]
    if path in empty or not empty:
        return f"Needs {table.name} ({_lower(table.meaning)}): no rows in {path}."
    cause = find(empty[0])
    return f"Needs {table.name}, which is made from {cause.name} ({_lower(cause.meaning)}): no rows in {empty[0]}."


def _lower(sentence: str) -> str:
    first = sentence.split(". ")[0].rstrip(".")
    return first if first[:2].isupper() else first[:1].lower() + first[1:]
