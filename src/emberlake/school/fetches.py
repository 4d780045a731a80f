"""How many rows a function brings to the driver itself."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

_NAMES = ("collect", "toPandas", "toArrow", "toLocalIterator", "take", "head", "tail")


@dataclass
class Fetches:
    """Rows that came to the driver."""

    rows: int = 0
    deep: int = 0


@contextmanager
def counted_fetches(count: Fetches) -> Iterator[None]:
    """Count the rows of DataFrames that are fetched meanwhile, on classic Spark and on Connect."""
    kept: list[tuple[type, str, Any]] = []
    for kind in _frames():
        for name in _NAMES:
            if name in vars(kind):
                kept.append((kind, name, vars(kind)[name]))
                setattr(kind, name, _counting(vars(kind)[name], count))
    try:
        yield
    finally:
        for kind, name, original in kept:
            setattr(kind, name, original)


def _frames() -> list[type]:
    from pyspark.sql.classic.dataframe import DataFrame as Classic

    try:
        from pyspark.sql.connect.dataframe import DataFrame as Connect
    except ImportError:
        return [Classic]
    return [Classic, Connect]


def _counting(function: Callable[..., Any], count: Fetches) -> Callable[..., Any]:
    @functools.wraps(function)
    def fetch(*given: Any, **named: Any) -> Any:
        # take() collects, and must not count twice.
        count.deep += 1
        try:
            came = function(*given, **named)
        finally:
            count.deep -= 1
        if count.deep == 0:
            if function.__name__ == "toLocalIterator":
                return _each(came, count)
            count.rows += (
                len(came) if hasattr(came, "__len__") and not hasattr(came, "asDict") else int(came is not None)
            )
        return came

    return fetch


def _each(rows: Any, count: Fetches) -> Iterator[Any]:
    for row in rows:
        count.rows += 1
        yield row
