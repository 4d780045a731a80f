"""What a training asks of its data and of what it made of them; pure functions that recipes call too."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING

from emberlake.errors import ModelError

if TYPE_CHECKING:
    import pyarrow as pa

    from emberlake.models.recipe import Fitted, Recipe


class NotAllowed(ModelError):
    """The data does not allow a model: a table is empty, a label has one value only and the like."""


def require_package(recipe: Recipe) -> None:
    """Fail if the recipe is fitted with a package that is not installed."""
    if recipe.package and find_spec(recipe.package) is None:
        raise NotAllowed(
            f"{recipe.package} is not installed; install it: pip install 'emberlake[{recipe.extra}]'.",
            f"It is an optional extra. Then: emberlake models train {recipe.name}.",
        )


def require_rows(rows: int, least: int, what: str) -> None:
    """Fail unless there are enough of `what`, such as "orders to learn from"."""
    if rows < least:
        raise NotAllowed(
            f"There are {rows:,} {what}, and at least {least:,} are needed.", "Take in more data, then train again."
        )


def require_two_classes(counts: Mapping[object, int], what: str) -> None:
    """Fail unless two values of a label occur.

    Args:
        counts: rows by the label's value.
        what: the label, such as "customers who stayed away".
    """
    seen = [value for value, rows in counts.items() if rows]
    if len(seen) < 2:
        only = f"all {sum(counts.values()):,} rows say {seen[0]}" if seen else "there are no rows"
        raise NotAllowed(
            f"Nothing can be learnt about {what}: {only}.", "Two outcomes are needed; take in a longer time of data."
        )


def require_varying(spread: float | None, what: str) -> None:
    """Fail if a label has one value only.

    Args:
        spread: its standard deviation, or its largest value less its smallest; None when there are no rows.
        what: the label, such as "order value".
    """
    if spread is None or not math.isfinite(spread) or spread <= 0:
        raise NotAllowed(
            f"Nothing can be learnt about {what}: it is the same in every row, or not known in any.",
            "Look at the table that it comes from: emberlake lake catalog.",
        )


def require_known(filled: Mapping[str, int], what: str) -> None:
    """Fail if a feature is null in all rows.

    Args:
        filled: rows in which each feature is not null.
        what: where the features come from.
    """
    empty = sorted(name for name, rows in filled.items() if rows == 0)
    if empty:
        raise NotAllowed(
            f"{', '.join(empty)} of {what} {'is' if len(empty) == 1 else 'are'} null in every row.",
            "A feature that is never known teaches nothing: fill it, or leave it out of the recipe.",
        )


def require_measured(recipe: Recipe, fitted: Fitted) -> None:
    """Fail unless the recipe's metric is a number for the model and for one baseline at least."""
    name = recipe.metric.name
    values = {"the model": fitted.metrics.get(name)}
    values |= {f"the baseline {label!r}": of.get(name) for label, of in fitted.baselines.items()}
    bad = [of for of, value in values.items() if value is None or not math.isfinite(value)]
    if bad or not fitted.baselines:
        raise ModelError(
            f"The training of {recipe.name!r} gave no {name} of {' and '.join(bad) or 'any baseline'}.",
            "Nothing was registered. Often the hold-out is empty or its values are all alike.",
        )


def same_columns(model: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """How the columns that a model reads differ from those there are now, a phrase each; empty when they fit.

    Args:
        model: type by column, as the model was fitted with.
        now: type by column, as the recipe makes them today.
    """
    missing = [f"{name} ({kind}) is missing" for name, kind in model.items() if name not in now]
    retyped = [f"{n} is {now[n]}, not {kind}" for n, kind in model.items() if n in now and now[n] != kind]
    return [*missing, *retyped]


def require_columns(version: int, model: Mapping[str, str], now: Mapping[str, str]) -> None:
    """Fail if a registered model was fitted with columns that are not there now."""
    if faults := same_columns(model, now):
        raise ModelError(
            f"Version {version} was registered for other columns: {'; '.join(faults)}.",
            "Train again, and compare; or promote another version by hand.",
        )


def require_rows_of_today(recipe: Recipe, so: str) -> None:
    """Fail if a recipe has no rows of features; `so` says what that means for the one who asks."""
    if recipe.inputs is None:
        raise ModelError(f"{recipe.name} has no rows of today. {recipe.why_no_inputs}".rstrip(), so)


def require_losses(losses: pa.Table, of: str) -> None:
    """Fail unless losses are one finite number a unit."""
    import pyarrow.compute as pc

    missing = {"unit", "loss"} - set(losses.column_names)
    if missing:
        raise ModelError(f"The losses of {of} lack {_listed(missing)}.")
    units = losses.num_rows
    twice = units - pc.count_distinct(losses["unit"], mode="all").as_py()
    finite = pc.sum(pc.is_finite(losses["loss"])).as_py() or 0
    if twice or finite < units:
        raise ModelError(
            f"The losses of {of} are not one number a unit: {twice:,} units twice, {units - finite:,} not finite.",
            "A prediction that is NaN or null is a fault of the model: look at its features.",
        )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
