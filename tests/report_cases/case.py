"""What a case is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Case:
    """Rows in, rows out.

    Attributes:
        why: what the rows are chosen to show.
        tables: plain name of a table to its rows as text (`tests/report_tables.py` says how).
        expect: the answer's rows as text, in their order.
    """

    report: str
    why: str
    tables: Mapping[str, str]
    expect: str
    params: Mapping[str, object] = field(default_factory=dict)
