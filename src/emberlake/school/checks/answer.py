"""What a learner's function returned, as values that can be compared whatever engine they came from."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

# Types that a reader of the result cannot tell apart without looking at its schema.
_KINDS = {
    "byte": "whole number", "short": "whole number", "integer": "whole number", "long": "whole number",
    "tinyint": "whole number", "smallint": "whole number", "int": "whole number", "bigint": "whole number",
    "float": "number", "double": "number", "decimal": "number", "string": "text", "boolean": "yes or no",
    "date": "date", "timestamp": "moment", "timestamp_ntz": "moment", "binary": "bytes",
}  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """Rows, or one value.

    Attributes:
        columns: names and Spark's names of their types; empty for a value.
        rows: the rows, in the order in which they came; of a value, one row with it.
        tabular: whether it was a DataFrame.
    """

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Any, ...], ...]
    tabular: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(name for name, _ in self.columns)

    def picked(self, names: tuple[str, ...]) -> list[tuple[Any, ...]]:
        """The rows with these columns in this order."""
        places = [self.names.index(name) for name in names]
        return [tuple(row[place] for place in places) for row in self.rows]


def frame_answer(table: pa.Table, types: dict[str, str]) -> Answer:
    """An answer from Arrow's table and the types of the DataFrame's schema."""
    columns = [column.to_pylist() for column in table.columns]
    rows = tuple(tuple(_plain(value) for value in row) for row in zip(*columns, strict=True))
    return Answer(tuple((name, types.get(name, "")) for name in table.column_names), rows)


def value_answer(value: Any) -> Answer:
    """An answer from a plain value: a number, a text, a list, a dictionary, a pandas frame."""
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        names = [str(name) for name in value.columns]
        rows = tuple(tuple(_plain(each) for each in row) for row in value.itertuples(index=False))
        return Answer(tuple((name, "") for name in names), rows)
    return Answer((("value", type(value).__name__),), ((_plain(value),),), tabular=False)


def kind_of(type_: str) -> str:
    """The kind of a type as people name it; of nested ones the type itself."""
    return _KINDS.get(type_.split("(")[0].split("<")[0], type_)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None) if value.tzinfo is None else value.astimezone(dt.UTC).replace(tzinfo=None)
    if isinstance(value, dict):
        return tuple(sorted((str(key), _plain(each)) for key, each in value.items()))
    if isinstance(value, (list, tuple)):
        return tuple(_plain(each) for each in value)
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):
        return _plain(value.item())
    return value
