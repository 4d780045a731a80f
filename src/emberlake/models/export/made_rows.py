"""Rows that a sample does not have: its columns mixed, and values where pipelines differ."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from emberlake.models.scoring.forest import NUMBER

if TYPE_CHECKING:
    from emberlake.models.scorer import Scorer

_MIXED = 10_000
_MOST_SINGLES = 20_000
_UNSEEN = "\u2400 never seen"


def mixed_rows(table: pa.Table, scorer: Scorer) -> pa.Table:
    """Rows whose columns come from different rows of the sample: more combinations than it has."""
    _, failed, _ = scorer.outcomes(table)
    good = np.flatnonzero(~failed)
    if not len(good):
        return table.slice(0, 0)
    draw = np.random.default_rng(0)
    return pa.table(
        [table.column(name).take(good[draw.integers(0, len(good), _MIXED)]) for name in table.column_names],
        schema=table.schema,
    )


def single_rows(table: pa.Table, scorer: Scorer) -> pa.Table:
    """Rows that differ in a single value from one of the sample that has a score."""
    base = _base_row(table, scorer)
    rows = [base | {name: value} for name in table.column_names for value in _values(name, table.schema, scorer)]
    return pa.Table.from_pylist(rows[:_MOST_SINGLES], schema=table.schema)


def _base_row(table: pa.Table, scorer: Scorer) -> dict[str, Any]:
    """A row that has a score, if one of the first has."""
    few = table.slice(0, 1000)
    scores, failed, _ = scorer.outcomes(few)
    good = np.flatnonzero(~np.isnan(scores) & ~failed)
    return dict(few.slice(int(good[0]) if len(good) else 0, 1).to_pylist()[0])


def _values(name: str, schema: pa.Schema, scorer: Scorer) -> Iterator[Any]:
    type_ = scorer.columns[name]
    yield None
    if type_ == "string":
        yield from (_UNSEEN, "")
        yield from scorer.levels.get(name, ())
    elif type_ == "boolean":
        yield from (True, False)
    elif pa.types.is_integer(schema.field(name).type):
        yield from (-1, 0, 127)
        yield from (int(level) for level in scorer.levels.get(name, ()))
    elif pa.types.is_floating(schema.field(name).type):
        yield from (math.nan, 0.0, -0.0, -1.5, 1e30)
        yield from scorer.forest.value[scorer.forest.kind == NUMBER][:1000].tolist()
    elif name not in scorer.levels:
        yield 0
