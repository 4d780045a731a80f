"""Every model by name, in the order in which `up` trains them."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache

from emberlake.errors import ModelError
from emberlake.models.churn import CHURN
from emberlake.models.deep import TWO_TOWER
from emberlake.models.demand import FORECAST
from emberlake.models.odd import ODD_ORDERS
from emberlake.models.recipe import Recipe
from emberlake.models.segments import SEGMENTS
from emberlake.models.taste import RECOMMENDATIONS
from emberlake.models.value import ORDER_VALUE
from emberlake.models.workshop import TPCH_ORDER_VALUE, TPCH_ORDER_VALUE_LINES


@cache
def recipes() -> dict[str, Recipe]:
    """All recipes by name."""
    every: tuple[Recipe, ...] = (
        ORDER_VALUE,
        SEGMENTS,
        CHURN,
        RECOMMENDATIONS,
        FORECAST,
        ODD_ORDERS,
        TWO_TOWER,
        TPCH_ORDER_VALUE,
        TPCH_ORDER_VALUE_LINES,
    )
    return {recipe.name: recipe for recipe in every}


def recipe(name: str) -> Recipe:
    """The recipe of that name.

    Raises:
        ModelError: if there is none; the message lists those there are.
    """
    known = recipes()
    if name in known:
        return known[name]
    close = get_close_matches(name, known, 1)
    hint = f"Did you mean {close[0]!r}? " if close else ""
    raise ModelError(f"There is no model {name!r}.", f"{hint}There are: {', '.join(known)}.")
