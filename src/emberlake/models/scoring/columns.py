"""Input columns: which Spark type each has, and what is taken for a value of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from functools import partial
from numbers import Integral, Real
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, field_validator

from emberlake.errors import ModelError
from emberlake.models.scoring.batch import Floats, Mask, Numbers
from emberlake.models.scoring.refusals import wrong_type

WHOLE = {"tinyint": pa.int8(), "smallint": pa.int16(), "int": pa.int32(), "bigint": pa.int64()}
_BITS = {"tinyint": 8, "smallint": 16, "int": 32, "bigint": 64}
_DECIMAL = re.compile(r"decimal\((\d{1,2}),(\d{1,2})\)")
# Up to here a double holds every whole number, and a quotient by a power of ten up to 22 is rounded once, correctly.
_EXACT, _EXACT_SCALE = 2**53, 22


class Column(BaseModel):
    """One input column.

    Attributes:
        type: as Spark writes it: string, boolean, tinyint, smallint, int, bigint, float, double, decimal(p,s).
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")
    name: str
    type: str

    @field_validator("type")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in WHOLE and value not in {"string", "boolean", "float", "double"} and not precision(value):
            raise ValueError(f"{value} is no type of an input column")
        return value

    def reader(self) -> Callable[[Any], Any]:
        """A function from one value to what the stages take: None, a text, a whole number or a double.

        The function raises ModelError for a value of another type.
        """
        if self.type in WHOLE:
            bound = 1 << (_BITS[self.type] - 1)
            return partial(_whole, self.name, self.type, -bound, bound - 1)
        if scale := precision(self.type):
            return partial(_decimal, self.name, *scale)
        return partial(
            {"string": _text, "boolean": _boolean, "float": _single, "double": _double}[self.type], self.name
        )

    def read(self, array: pa.Array) -> Any:
        """The same for a whole Arrow array: texts and whole numbers stay Arrow, all others become `Numbers`.

        Raises:
            ModelError: if the array's type is another.
        """
        kind = array.type
        if pa.types.is_dictionary(kind):
            array = array.dictionary_decode()
            kind = array.type
        try:
            if self._takes(kind):
                return self._read(array)
        except pa.ArrowInvalid as error:
            raise ModelError(f"Column {self.name!r} has a value that is no {self.type}: {error}.") from error
        raise ModelError(f"Column {self.name!r} is of type {kind}.", f"The model takes it as {self.type}.")

    def _takes(self, kind: pa.DataType) -> bool:
        if pa.types.is_null(kind):
            return True
        if self.type == "string":
            return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))
        if self.type == "boolean":
            return bool(pa.types.is_boolean(kind))
        if self.type in WHOLE:
            return bool(pa.types.is_integer(kind))
        return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))

    def _read(self, array: pa.Array) -> Any:
        if self.type == "string":
            return array.cast(pa.string())
        if self.type in WHOLE:
            return array.cast(WHOLE[self.type])
        null = nulls(array)
        if scale := precision(self.type):
            return Numbers(_decimals(array, self.reader(), *scale), null)
        if pa.types.is_decimal(array.type):
            return Numbers(_exact(array), null)
        numbers = doubles(array)
        if self.type == "float":
            numbers = numbers.astype(np.float32).astype(np.float64)
        return Numbers(numbers, null)


def precision(type_: str) -> tuple[int, int] | None:
    """Precision and scale of a decimal type, or None."""
    found = _DECIMAL.fullmatch(type_)
    if not found:
        return None
    digits, scale = int(found[1]), int(found[2])
    return (digits, scale) if 1 <= digits <= 38 and scale <= digits else None


def nulls(array: pa.Array) -> Mask | None:
    """Which values are null; None for none."""
    return pc.is_null(array).to_numpy(zero_copy_only=False) if array.null_count else None


def doubles(array: pa.Array) -> Floats:
    """An array of numbers or booleans as doubles, NaN for null."""
    if pa.types.is_boolean(array.type):
        array = array.cast(pa.uint8())
    return array.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)


def _text(name: str, value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise wrong_type(name, value, "a text")


def _boolean(name: str, value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool | np.bool_):
        return float(value)
    raise wrong_type(name, value, "true or false")


def _whole(name: str, type_: str, low: int, high: int, value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, int | np.integer) and not isinstance(value, bool) and low <= value <= high:
        return int(value)
    raise wrong_type(name, value, f"a whole number from {low} to {high} ({type_})")


def _double(name: str, value: Any) -> float | None:
    if type(value) is float or value is None:
        return value
    if isinstance(value, Real | Decimal) and not isinstance(value, bool):
        return float(value)
    raise wrong_type(name, value, "a number (double)")


def _single(name: str, value: Any) -> float | None:
    number = _double(name, value)
    return None if number is None else float(np.float32(number))


def _decimal(name: str, digits: int, scale: int, value: Any) -> float | None:
    if value is None:
        return None
    try:
        if isinstance(value, Real) and not isinstance(value, bool):
            value = Decimal(int(value)) if isinstance(value, Integral) else Decimal(repr(float(value)))
        if isinstance(value, Decimal) and value.is_finite():
            rounded = quantized(value, scale)
            if not rounded or rounded.adjusted() < digits - scale:
                return float(rounded)
    except InvalidOperation:
        pass
    raise wrong_type(name, value, f"a number of at most {digits} digits, {scale} of them decimals")


def quantized(value: Decimal, scale: int) -> Decimal:
    """Rounded half up, as Spark casts to a decimal."""
    with localcontext(prec=60):
        return value.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)


def _decimals(array: pa.Array, reader: Callable[[Any], Any], digits: int, scale: int) -> Floats:
    if pa.types.is_floating(array.type):
        # A double is rounded as its shortest text says, which no vectorised rounding does.
        return np.array([reader(value) for value in array.to_pylist()], dtype=np.float64)
    if pa.types.is_integer(array.type):
        array = array.cast(pa.decimal128(38, scale))
    return _exact(array.cast(pa.decimal128(digits, scale)))


def _exact(array: pa.Array) -> Floats:
    """Decimals as the nearest doubles: Arrow's own cast multiplies by 10^-scale and is off in the last bit."""
    scale = array.type.scale
    if pa.types.is_decimal128(array.type) and 0 <= scale <= _EXACT_SCALE:
        halves = np.frombuffer(array.buffers()[1], dtype="<i8").reshape(-1, 2)[array.offset : array.offset + len(array)]
        low, high = halves[:, 0], halves[:, 1]
        small = (high == low >> 63) & (low < _EXACT) & (low > -_EXACT)
        if array.null_count:
            small |= array.is_null().to_numpy(zero_copy_only=False)
        if small.all():
            return low / np.float64(10**scale)
    return np.array([np.nan if value is None else float(value) for value in array.to_pylist()], dtype=np.float64)
