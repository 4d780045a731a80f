"""A report's SQL with its default values written into it, as a notebook has them."""

from __future__ import annotations

import datetime as dt
import re

from emberlake.reports import Report, bind


def with_values(report: Report) -> str:
    """The SQL without parameters; Delta's parser (4.4) loses the values of named ones in a plain session."""
    values = bind(report)

    def literal(found: re.Match[str]) -> str:
        name = found[1]
        if name not in values:
            return found[0]
        value, kind = values[name], report.parameters[name].type
        if value is None:
            return f"cast(null as {'string' if kind == 'text' else 'double' if kind == 'number' else kind})"
        if isinstance(value, dt.date):
            return f"date'{value}'"
        return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)

    return re.sub(r"(?<!:):([a-z_]\w*)", literal, report.sql)
