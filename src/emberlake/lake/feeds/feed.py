"""What a feed is: which files fill which source table, and how their texts are to be read."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

Format = Literal["auto", "csv", "jsonl", "parquet"]


# The delimiter of columns that are set apart by any number of blanks.
BLANKS = "blanks"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _date_format(value: str | None) -> str | None:
    if value in (None, "iso", "epoch", "epoch_ms"):
        return value
    directives = re.findall("%-?(.)", value)
    if not directives or set(directives) - set("YymdHIMSfpbBaAj%"):
        raise ValueError(
            "is made of %Y %y %m %d %b %B %H %I %M %S %f %p, such as %d/%m/%Y %H:%M; or it is iso, epoch or epoch_ms"
        )
    return value


def _timezone(value: str | None) -> str | None:
    # A name with a path in it raises ValueError, one that does not exist KeyError.
    try:
        return value and ZoneInfo(value).key
    except (KeyError, ValueError, OSError):
        raise ValueError("is not a time zone; they have names such as Europe/Berlin or UTC") from None


DateFormat = Annotated[str | None, AfterValidator(_date_format)]
Timezone = Annotated[str | None, AfterValidator(_timezone)]


class Dialect(_Frozen):
    """How a text file is written; None means "look at the file".

    Attributes:
        delimiter: one character, `tab`, or `blanks` for columns set apart by any number of blanks.
        quote: the quote character; empty: none, quotes are plain text.
        skip: lines before the header (or before the data, without a header) that are not part of the table.
        fallback: encoding for single lines that are not in `encoding`; None: such lines are rescued whole.
        nulls: texts that mean "no value", beside nothing at all.
    """

    delimiter: str | None = None
    quote: str | None = None
    escape: str | None = None
    encoding: str | None = None
    fallback: str | None = None
    header: bool | None = None
    skip: Annotated[int, Field(ge=0)] = 0
    nulls: tuple[str, ...] = ()

    @field_validator("delimiter", "quote", "escape")
    @classmethod
    def _one_byte(cls, value: str | None) -> str | None:
        value = {"tab": "\t", "\\t": "\t"}.get(value or "", value)
        if value in (BLANKS, " "):
            return BLANKS
        if value and (len(value) != 1 or not value.isascii() or value in "\r\n\0"):
            raise ValueError("is one ASCII character such as ; or the word tab or blanks")
        return value

    @field_validator("encoding", "fallback")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        if value:
            try:
                "".encode(value)
            except LookupError:
                raise ValueError("is not an encoding; common ones are utf-8, cp1252, utf-16, iso-8859-15") from None
        return value


class ColumnMap(_Frozen):
    """Where one contract column comes from, and how its texts are read.

    Attributes:
        source: the file's column (`from` in YAML); a number is a position from 1, for files without a header.
        value: the same value for all rows, instead of a column.
        date_format: strptime directives (`%d/%m/%Y %H:%M`), `iso`, `epoch` (seconds) or `epoch_ms`.
        id_kind: `text` where identifiers are not whole numbers: they become stable numbers.
        values: what the source's words mean, such as `{bezahlt: paid}`; a word that is not listed is kept.
    """

    source: str | int | None = None
    value: str | None = None
    date_format: DateFormat = None
    timezone: Timezone = None
    decimal: Literal[".", ","] | None = None
    thousands: Literal[",", ".", " ", "'", ""] | None = None
    values: dict[str, str] = {}
    id_kind: Literal["number", "text"] | None = None

    @model_validator(mode="before")
    @classmethod
    def _from(cls, given: Any) -> Any:
        # `from` is what people write, and a word that Python keeps for itself.
        if isinstance(given, dict) and "from" in given:
            return {("source" if key == "from" else key): value for key, value in given.items()}
        return given

    @field_validator("value", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        return str(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else value

    @model_validator(mode="after")
    def _one_origin(self) -> ColumnMap:
        if self.source is not None and self.value is not None:
            raise ValueError("takes `from` (a column of the file) or `value` (the same for all rows), not both")
        return self


def _column_map(given: object) -> object:
    return {"source": given} if isinstance(given, str | int) and not isinstance(given, bool) else given


class Mapping(_Frozen):
    """How a file's columns become a source table's columns; everything that is left out is guessed and shown.

    Attributes:
        columns: contract column → the file's column, or a `ColumnMap`.
        currency: ISO 4217 code of the file's money; `rate`: how many EUR one unit of it is.
        rates: the same for a file whose `currency` column says it row by row, such as `{GBP: 1.17, USD: 0.92}`.
        op: the column that says insert, update or delete.
        keep_extra: keep columns that the table does not have, in `_rescued` as `+name`.
    """

    columns: dict[str, Annotated[ColumnMap, BeforeValidator(_column_map)]] = {}
    date_format: DateFormat = None
    timezone: Timezone = None
    decimal: Literal[".", ","] | None = None
    thousands: Literal[",", ".", " ", "'", ""] | None = None
    currency: Annotated[str | None, Field(pattern=r"^[A-Z]{3}$")] = None
    rate: Annotated[Decimal | None, Field(gt=0)] = None
    rates: dict[str, Annotated[Decimal, Field(gt=0)]] = {}
    id_kind: Literal["number", "text"] | None = None
    op: Annotated[ColumnMap | None, BeforeValidator(_column_map)] = None
    keep_extra: bool = False
    dialect: Dialect = Dialect()

    @model_validator(mode="after")
    def _rate_for_currency(self) -> Mapping:
        if self.rate is not None and self.currency in (None, "EUR"):
            raise ValueError("a rate is for a currency other than EUR: give `currency` too")
        if self.currency not in (None, "EUR") and self.rate is None and self.currency not in self.rates:
            raise ValueError(f"money is kept in EUR: say with `rate` how many EUR one {self.currency} is")
        return self

    @property
    def to_euro(self) -> dict[str, Decimal]:
        """EUR for one unit of each currency that is not EUR; empty: money is taken as it is."""
        own = {self.currency: self.rate} if self.currency and self.rate is not None else {}
        return {**self.rates, **own}


class Feed(_Frozen):
    """Files that fill one source table, and how they are read.

    Attributes:
        paths: files, folders or globs, absolute.
        guess: take columns by known other names (customer, total, …), not only by their own.
        companion: it only keeps the texts of identifiers findable; a feed of the source's own makes it needless.
        lineage: its files tell themselves where each row came from (made from a log of order lines).
        unconverted: its files are logs of order lines that could not be read; splitting one says why.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    source: str
    paths: tuple[str, ...]
    format: Format = "auto"
    mapping: Mapping = Mapping()
    guess: bool = True
    companion: bool = False
    lineage: bool = False
    unconverted: bool = False
