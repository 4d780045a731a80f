"""What CSV and JSON readers share: how a CSV file is written, and the records of a stretch of text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from emberlake.lake.feeds.lines import Broken, Positions

# How far a record may reach before its opening quote is taken for a mistake.
LONGEST_RECORD = 1024 * 1024
MOST_LINES = 2000


@dataclass(frozen=True)
class Layout:
    """How a CSV file is written, nothing left to guess.

    Attributes:
        first: number of the first line with data, from 1.
        width: number of columns.
        blanks: columns are set apart by any number of blanks; `delimiter` is then one.
    """

    delimiter: str
    quote: str
    escape: str
    encoding: str
    fallback: str | None
    first: int
    width: int
    blanks: bool = False


@dataclass(frozen=True)
class Records:
    """Records of a stretch of a file: `columns` of text (null: nothing between the delimiters), the line that each
    begins on, and the broken lines between.
    """

    columns: list[pa.Array]
    lines: Positions
    broken: list[Broken]


def nothing(layout: Layout) -> Records:
    """No records."""
    return Records([pa.array([], pa.string())] * layout.width, np.zeros(0, np.int64), [])


def joined(parts: list[Records], layout: Layout) -> Records:
    """Neighbouring stretches as one."""
    if len(parts) < 2:
        return parts[0] if parts else nothing(layout)
    return Records(
        [pa.concat_arrays([part.columns[number] for part in parts]) for number in range(layout.width)],
        np.concatenate([part.lines for part in parts]),
        [item for part in parts for item in part.broken],
    )


def wrong_width(fields: int, layout: Layout) -> str:
    """What is wrong with a record of so many fields."""
    return f"has {fields} field{'s' * (fields != 1)} instead of {layout.width}"
