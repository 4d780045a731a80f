"""Age bands, for a model card's comparison of groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import Column

# The first year of each band: those of Eurostat's surveys.
_FROM = (18, 25, 35, 45, 55, 65)


def age_band(year: Column, birth_year: Column) -> Column:
    """The band of someone born in `birth_year` in the course of `year`: under 18, 18-24, … 65+; null if not known."""
    age = year - birth_year
    band = F.when(age < _FROM[0], F.lit(f"under {_FROM[0]}"))
    for low, high in zip(_FROM, _FROM[1:], strict=False):
        band = band.when(age < high, F.lit(f"{low}-{high - 1}"))
    return band.when(age >= _FROM[-1], F.lit(f"{_FROM[-1]}+"))
