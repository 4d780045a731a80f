"""Answers as text: CSV for spreadsheets, JSON for programs."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from decimal import Decimal
from typing import Any

from emberlake.reports.answer import Answer

# A spreadsheet runs a cell that begins so as a formula, and some of our texts were typed by visitors of the shop.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_csv(answer: Answer) -> str:
    """RFC 4180 with a header; null is an empty cell, money keeps its cents, times are ISO 8601.

    A text that a spreadsheet would take for a formula gets an apostrophe before it; JSON keeps it as it is.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(answer.rows.column_names)
    for row in answer.rows.to_pylist():
        writer.writerow([_cell(value) for value in row.values()])
    return out.getvalue()


def to_json(answer: Answer) -> str:
    """One object: what was asked, with which values, and `rows`, one object a row.

    Money is a JSON number with all its digits, so that a reader with decimals loses nothing.
    """
    head = {
        "report": answer.report.name,
        "title": answer.report.title,
        "question": answer.report.question,
        "parameters": {name: _plain(value) for name, value in answer.parameters.items()},
        "as_of": answer.as_of,
        "columns": {name: column.model_dump() for name, column in answer.report.columns.items()},
    }
    rows = [
        "{" + ", ".join(f"{json.dumps(name)}: {_token(value)}" for name, value in row.items()) + "}"
        for row in answer.rows.to_pylist()
    ]
    opening = json.dumps(head, ensure_ascii=False, indent=2).removesuffix("\n}")
    body = "[\n    " + ",\n    ".join(rows) + "\n  ]" if rows else "[]"
    return f'{opening},\n  "rows": {body}\n}}\n'


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "" if value is None else _plain(value)


def _token(value: Any) -> str:
    """The value as JSON; the encoder of the standard library knows no decimals."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    # JSON has no NaN and no infinity; a report should not return them, and a reader must not choke.
    if isinstance(value, float) and value - value != 0:
        return "null"
    return json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    return value.isoformat() if isinstance(value, dt.date) else value
