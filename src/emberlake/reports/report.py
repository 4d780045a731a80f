"""What a report is: a question, its SQL, and the front matter that says what goes in and what comes out."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from emberlake.errors import LakeError, ReportError
from emberlake.tables import Table, find

Topic = Literal["sales", "customers", "products", "stock", "visits", "payments", "tpch"]
# `share` is a fraction of one that is shown as a percentage; an empty unit is a plain value, such as a name or a count.
Unit = Literal["", "EUR", "USD", "share", "pieces", "days", "months", "UTC", "stars"]
ParameterType = Literal["date", "int", "number", "text"]
PYTHON_TYPES: dict[str, tuple[type, ...]] = {"date": (dt.date,), "int": (int,), "number": (float, int), "text": (str,)}

# Room for every sensible list and span; beyond, a 32-bit engine type overflows somewhere inside a query.
MOST = 1_000_000
# PySpark writes the year 999 as three digits, which Java does not read, and Sail counts nanoseconds up to 2262.
YEARS = range(1900, 2200)

_FRONT_MATTER = re.compile(r"\A/\*\n(?P<yaml>.*?)\n\*/\n(?P<sql>.*)\Z", re.DOTALL)


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Parameter(_Strict):
    """A value that the reader may choose; bound by name, never pasted into the SQL."""

    type: ParameterType
    default: dt.date | int | float | str | None
    meaning: str = Field(min_length=10)
    choices: tuple[str, ...] = ()
    minimum: float | None = None

    @model_validator(mode="after")
    def _default_fits(self) -> Parameter:
        if self.default is not None and not isinstance(self.default, PYTHON_TYPES[self.type]):
            raise ValueError(f"the default {self.default!r} is not of type {self.type}")
        if self.choices and self.default not in self.choices:
            raise ValueError(f"the default {self.default!r} is not one of the choices")
        return self

    @property
    def accepts(self) -> str:
        """What it takes, in words: `a date such as 2025-01-31`."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        date = f"a date such as 2025-01-31, from {YEARS[0]} to {YEARS[-1]}"
        kind = {"date": date, "int": "a whole number", "number": "a number", "text": "a text"}
        if self.minimum is None:
            return kind[self.type]
        most = f", at most {MOST}" if self.type == "int" else ""
        return f"{kind[self.type]} of {self.minimum:g} or more{most}"


class Result(_Strict):
    """One column of the answer."""

    unit: Unit
    meaning: str = Field(min_length=3)


class Plot(_Strict):
    """How the answer is drawn.

    Attributes:
        y: the columns drawn as values; several become one series each.
        colour: the column whose values become one series each.
        value: the column that colours the cells of a heat map.
        order: the values of `colour` in the order in which they make sense; others follow as they come.
        horizontal: bars that lie, one a row of the answer, for long names.
        stacked: bars of one x on top of each other.
    """

    kind: Literal["line", "bar", "heatmap", "table"]
    x: str = ""
    y: tuple[str, ...] = ()
    colour: str = ""
    value: str = ""
    order: tuple[str, ...] = ()
    horizontal: bool = False
    stacked: bool = False

    @field_validator("y", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @property
    def columns(self) -> set[str]:
        """Every column that it names."""
        return {self.x, self.colour, self.value, *self.y} - {""}


class Report(_Strict):
    """One business question and the SQL that answers it.

    Attributes:
        reads: table (plain name) to the columns that must hold a value somewhere; an empty list asks for rows only,
            None says that the table may be empty.
        needs: the same for tables that it does not read, but without which its answer would mean nothing.
        columns: the answer's columns, in order.
    """

    name: str
    topic: Topic
    title: str = Field(min_length=5)
    question: str = Field(min_length=10)
    notes: str = ""
    parameters: dict[str, Parameter]
    reads: dict[str, tuple[str, ...] | None]
    needs: dict[str, tuple[str, ...]] = {}
    columns: dict[str, Result]
    plot: Plot
    sql: str

    @field_validator("columns", mode="before")
    @classmethod
    def _pairs(cls, value: Any) -> Any:
        if not isinstance(value, dict) or not all(isinstance(v, list) and len(v) == 2 for v in value.values()):
            raise ValueError("each column is written as `name: [unit, meaning]`")
        return {name: {"unit": unit or "", "meaning": meaning} for name, (unit, meaning) in value.items()}

    @model_validator(mode="after")
    def _names_exist(self) -> Report:
        if missing := self.plot.columns - set(self.columns):
            raise ValueError(f"the plot names {sorted(missing)}, which the report does not return")
        for table, needed in (*self.reads.items(), *self.needs.items()):
            known = _table(table).names
            if unknown := set(needed or ()) - set(known):
                raise ValueError(f"{table} has no column {sorted(unknown)}")
        return self

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables that it reads."""
        return tuple(find(name) for name in self.reads)


def _table(name: str) -> Table:
    try:
        return find(name)
    except LakeError as e:
        raise ValueError(str(e)) from e


def parse(name: str, text: str) -> Report:
    """A report from its file's text.

    Raises:
        ReportError: if the front matter is missing, is not YAML, or does not say what it has to.
    """
    found = _FRONT_MATTER.match(text.replace("\r\n", "\n"))
    if not found:
        raise ReportError(
            f"{name}.sql does not begin with its front matter.",
            "Its first line is `/*`, then YAML, then a line `*/`, then one SELECT.",
        )
    try:
        front = yaml.safe_load(found["yaml"])
        if not isinstance(front, dict):
            raise ReportError(f"{name}.sql: the front matter is not a list of `key: value` lines.")
        # Set apart, so that a front matter with a `sql:` or `name:` of its own is refused as a duplicate would be.
        if clash := {"sql", "name"} & set(front):
            raise ReportError(f"{name}.sql: the front matter may not say {sorted(clash)}; the file does.")
        return Report(name=name, sql=found["sql"].strip().rstrip(";"), **front)
    except yaml.YAMLError as e:
        raise ReportError(f"{name}.sql: the front matter is not YAML: {e}.") from e
    except ValidationError as e:
        first = e.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "front matter"
        raise ReportError(f"{name}.sql: {where}: {first['msg'].removeprefix('Value error, ')}.") from e
