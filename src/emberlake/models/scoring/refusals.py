"""What a scorer says about a value that it does not take."""

from __future__ import annotations

from typing import Any

from emberlake.errors import ModelError

_SHOWN = 60


def unseen(column: str, value: Any, levels: int) -> ModelError:
    """A level that the training did not see."""
    return ModelError(
        f"Column {column!r} is {shown(value)}, which is none of the {levels} levels that the model has learnt.",
        'Give one of its levels, or train with handleInvalid="keep", which scores levels that are new.',
    )


def empty(column: str, what: str = "null") -> ModelError:
    """A null or NaN where the model has no answer for one."""
    return ModelError(
        f"Column {column!r} is {what}, for which the model has no answer.",
        "Give a value, or train with an Imputer or with handleInvalid, which say what such rows mean.",
    )


def outside(column: str, value: float) -> ModelError:
    """A category or a bucket that is not there."""
    return ModelError(
        f"Column {column!r} is {value:g}, which lies outside of what the model has learnt.",
        'Give a value inside, or train with handleInvalid="keep".',
    )


def wrong_type(column: str, value: Any, accepted: str) -> ModelError:
    """A value that is not of the column's type."""
    return ModelError(
        f"Column {column!r} is {shown(value)}, a value of type {type(value).__name__}.", f"It has to be {accepted}."
    )


def shown(value: Any) -> str:
    """A value, shortened: it may be a whole document."""
    text = repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
