"""The shape of a table's definition."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column: its Spark SQL type, what it means and in which unit."""

    name: str
    type: str
    meaning: str
    unit: str = ""
    required: bool = False


@dataclass(frozen=True)
class Table:
    """One table of one layer.

    Attributes:
        key: columns that identify a row.
        version: the column whose highest value wins between rows of one key; None: the later row wins.
        history: True where every version is kept, with `valid_from`, `valid_to` and `is_current` (type 2).
        reads: names of the tables it is made from, as `layer.name`.
        partition: columns by whose values the files lie in folders; only for tables that are rewritten in parts.
    """

    name: str
    layer: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    version: str | None = None
    history: bool = False
    owner: str = "data"
    reads: tuple[str, ...] = ()
    partition: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """The columns' names, in order."""
        return [column.name for column in self.columns]

    @property
    def ddl(self) -> str:
        """The columns as a Spark SQL schema string."""
        return ", ".join(f"`{column.name}` {column.type}" for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of that name; KeyError if there is none."""
        return next(column for column in self.columns if column.name == name)


def need(name: str, type: str, meaning: str, unit: str = "") -> Column:
    """A column that a row cannot do without."""
    return Column(name, type, meaning, unit, required=True)
