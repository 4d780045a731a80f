"""From what a reader gives (texts of a command line, or Python values) to values that can be bound by name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from difflib import get_close_matches

from emberlake.errors import ReportError
from emberlake.reports.report import MOST, YEARS, Parameter, Report

Value = dt.date | int | float | str | None


def bind(report: Report, given: Mapping[str, object] | None = None) -> dict[str, Value]:
    """Every parameter of the report with its value: as given, or else its default.

    Raises:
        ReportError: for a parameter that the report does not take, or a value of another type or range.
    """
    named = {name.replace("-", "_"): value for name, value in (given or {}).items()}
    for name in named:
        if name not in report.parameters:
            raise ReportError(f"Report {report.name!r} takes no parameter {name!r}.", _takes(report, name))
    values = {name: parameter.default for name, parameter in report.parameters.items()}
    return values | {name: _read(report, name, report.parameters[name], value) for name, value in named.items()}


def _takes(report: Report, name: str) -> str:
    if not report.parameters:
        return "It takes none."
    close = get_close_matches(name, report.parameters, 1)
    meant = f"Did you mean {close[0]!r}? " if close else ""
    return meant + "It takes: " + ", ".join(f"{n} ({p.accepts})" for n, p in report.parameters.items()) + "."


def _read(report: Report, name: str, parameter: Parameter, given: object) -> Value:
    if given is None and parameter.default is None:
        return None
    value = _typed(parameter, given)
    if value is None or not _in_range(parameter, value):
        raise ReportError(
            f"Report {report.name!r}: parameter {name!r} is {given!r}.",
            f"It takes {parameter.accepts}: {parameter.meaning}",
        )
    return value


def _in_range(parameter: Parameter, value: Value) -> bool:
    if parameter.choices:
        return value in parameter.choices
    if isinstance(value, dt.date):
        return value.year in YEARS
    if isinstance(value, (int, float)):
        # NaN compares as false.
        return (parameter.minimum if parameter.minimum is not None else -MOST) <= value <= MOST
    return True


def _typed(parameter: Parameter, given: object) -> Value:
    """The value in the parameter's type, or None when it has no such reading."""
    try:
        match parameter.type, given:
            case "date", dt.datetime():
                return given.date()
            case "date", dt.date():
                return given
            case "date", str():
                return dt.date.fromisoformat(given.strip())
            case (_, bool()) | ("int" | "number" | "date", bytes()):
                return None
            case "int", int():
                return given
            case "int", str():
                return int(given)
            case "number", int() | float() | str():
                return float(given)
            case "text", str():
                return given
    except ValueError:
        pass
    return None
