"""Every model by name, in the order in which `up` trains them."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache

from emberlake.errors import ModelError
from emberlake.models.demand import FORECAST
from emberlake.models.recipe import Recipe
from emberlake.models.segments import SEGMENTS
from emberlake.models.taste import RECOMMENDATIONS


@cache
def recipes() -> dict[str, Recipe]:
    """All recipes by name."""
    every: tuple[Recipe, ...] = (
        SEGMENTS,
        RECOMMENDATIONS,
        FORECAST,
    )  # fmt: skip
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
