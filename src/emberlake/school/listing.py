"""Tables of the course's TOML files, read so that a fault is told by file, table and field."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from emberlake.errors import CourseError

_HOW = "docs/how-to/write-an-exercise.md says what each field means."
_WORDS = {str: "a text", int: "a whole number", float: "a number", bool: "true or false", list: "a list",
          dict: "a table"}  # fmt: skip


def read_toml(path: Path) -> dict[str, Any]:
    """A file of the course.

    Raises:
        CourseError: if it is not there, or is no TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as e:
        said = getattr(e, "strerror", None) or e
        raise CourseError(f"{path} cannot be read: {said}.", f"It is TOML; {_HOW}") from e


def fields(told: Any, where: str, must: Mapping[str, type], may: Mapping[str, type] | None = None) -> dict[str, Any]:
    """The table itself, once its fields are known to be there and of their types.

    Args:
        where: file and table, as they are told: `course.toml, [[module]] 02_dataframes`.
        must: fields that are there and not empty, with their types.
        may: other fields.

    Raises:
        CourseError: at the first field that is missing, empty, unknown or of another type.
    """
    known = {**must, **(may or {})}
    if not isinstance(told, dict):
        raise CourseError(f"{where}: this is no table.", _HOW)
    for name in told:
        if name not in known:
            close = get_close_matches(name, known, 1)
            hint = f"Did you mean {close[0]!r}? " if close else ""
            raise CourseError(f"{where}: {name!r} is no field.", f"{hint}Fields are {', '.join(sorted(known))}.")
    for name in must:
        if name not in told or told[name] in ("", [], {}):
            raise CourseError(f"{where}: {name!r} is missing or empty.", _HOW)
    for name, value in told.items():
        kind = known[name]
        if not isinstance(value, (int, float) if kind is float else kind) or isinstance(value, bool) != (kind is bool):
            raise CourseError(f"{where}: {name!r} is {value!r}; it takes {_WORDS[kind]}.", _HOW)
    return told


def texts(told: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
    """A field that is a list of texts.

    Raises:
        CourseError: if something else is in it.
    """
    found = told.get(name, [])
    if strange := [each for each in found if not isinstance(each, str) or not each.strip()]:
        raise CourseError(f"{where}: {name!r} holds {strange[0]!r}; it takes texts.", _HOW)
    return tuple(found)
