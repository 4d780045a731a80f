"""The reports that there are: one .sql file each in `sql/`."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from importlib.resources import files

from emberlake.errors import ReportError
from emberlake.reports.report import Report, parse


@cache
def _catalog() -> dict[str, Report]:
    folder = files("emberlake.reports") / "sql"
    found = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
    return {
        name: parse(name, file.read_text(encoding="utf-8"))
        for file in found
        for name in [file.name.removesuffix(".sql")]
    }


def list_reports() -> list[Report]:
    """All reports, by name."""
    return list(_catalog().values())


def find_report(name: str) -> Report:
    """The report of that name; dashes are taken for underscores.

    Raises:
        ReportError: if there is none; the message names the nearest.
    """
    reports, asked = _catalog(), name.strip().lower().replace("-", "_")
    if asked in reports:
        return reports[asked]
    close = get_close_matches(asked, reports, 1) or [known for known in reports if asked and asked in known][:1]
    meant = f"Did you mean {close[0]!r}? " if close else ""
    raise ReportError(f"There is no report {name!r}.", f"{meant}There are: {', '.join(reports)}.")
