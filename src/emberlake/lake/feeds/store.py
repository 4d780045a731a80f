"""Feeds on disk: one YAML file each, written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from emberlake import tables
from emberlake.errors import SourceError
from emberlake.lake.feeds.feed import ColumnMap, Dialect, Feed, Mapping
from emberlake.lake.feeds.schema import check_source, table_of
from emberlake.settings import Settings

Model = TypeVar("Model", bound=BaseModel)
_PATTERNS = ("*.parquet", "*.csv", "*.jsonl")


def saved_feeds(settings: Settings) -> list[Feed]:
    """The saved feeds as they were saved, by name.

    Raises:
        SourceError: if one is not valid.
    """
    return [load_feed(path) for path in sorted(_folder(settings).glob("*.yaml"))]


def made_feeds(settings: Settings) -> list[Feed]:
    """The made shop's feeds: one a source with a folder under landing."""
    # What the shop writes is known: nothing is guessed, so that its planted dirt cannot be taken for a habit.
    known = Mapping(id_kind="number", date_format="iso", decimal=".", thousands="")
    return [
        Feed(
            name=name,
            source=name,
            paths=tuple(str(settings.landing / name / pattern) for pattern in _PATTERNS),
            mapping=known,
            guess=False,
        )
        for name in tables.SOURCES
        if (settings.landing / name).is_dir()
    ]


def load_feed(path: Path) -> Feed:
    """A saved feed."""
    feed = _valid(Feed, _yaml(path), path)
    check_source(feed.source)
    check_columns(feed.mapping, feed.source, str(path))
    return feed


def save_feed(settings: Settings, feed: Feed) -> Path:
    """Write a feed; one of the same name is replaced in one step."""
    folder = _folder(settings)
    path = folder / f"{feed.name}.yaml"
    text = yaml.safe_dump(_plain(feed), sort_keys=False, allow_unicode=True)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=folder, suffix=".part", delete=False, encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(file.name, path)
    except OSError as e:
        raise SourceError(
            f"{path}: the feed could not be saved ({e.strerror}).", "Make room or allow writing, then import again."
        ) from e
    return path


def _plain(feed: Feed) -> dict[str, Any]:
    """A feed the way a person would write it."""
    said = feed.model_dump(mode="json", exclude_defaults=True)
    columns = said.get("mapping", {}).get("columns", {})
    for name, item in columns.items():
        renamed = {"from" if key == "source" else key: value for key, value in item.items()}
        columns[name] = renamed["from"] if renamed.keys() == {"from"} else renamed
    return said


def read_mapping(path: Path, source: str) -> Mapping:
    """A `mapping.yaml`, checked against the source's columns.

    Raises:
        SourceError: if it cannot be read, has a key that is not known, or names a column that the table lacks.
    """
    mapping = _valid(Mapping, _yaml(path), path)
    check_columns(mapping, source, str(path))
    return mapping


def check_columns(mapping: Mapping, source: str, where: str) -> None:
    """Refuse columns that the source's table does not have."""
    names = table_of(source).names
    for name in mapping.columns:
        if name not in names:
            close = get_close_matches(name, names, 1)
            hint = f"Did you mean {close[0]!r}? " if close else ""
            raise SourceError(
                f"{where}: {source} has no column {name!r}.", f"{hint}Its columns are: {', '.join(names)}."
            )


def _folder(settings: Settings) -> Path:
    return settings.state / "feeds"


def _yaml(path: Path) -> Any:
    from emberlake.lake.feeds.files import unreadable

    try:
        found = yaml.safe_load(path.read_text("utf-8"))
    except OSError as e:
        raise unreadable(str(path), e) from e
    except (yaml.YAMLError, UnicodeDecodeError) as e:
        mark = getattr(e, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise SourceError(
            f"{path}{where}: is not YAML ({getattr(e, 'problem', None) or e}).", "Mind the indentation and the colons."
        ) from e
    return {} if found is None else found


def _valid(model: type[Model], given: Any, path: Path) -> Model:
    if not isinstance(given, dict):
        raise SourceError(
            f"{path}: is not a list of `name: value` lines.", "See docs/how-to/import-your-orders.md for one."
        )
    try:
        return model.model_validate(given)
    except ValidationError as e:
        first = e.errors()[0]
        at = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise _unknown(path, at, str(first["loc"][-1])) from e
        said = first["msg"].removeprefix("Value error, ")
        raise SourceError(
            f"{path}: {at or 'the mapping'} is {first['input']!r}: {said}.", "Correct it and try again."
        ) from e


def _unknown(path: Path, at: str, key: str) -> SourceError:
    model = (
        Dialect
        if at.startswith(("dialect.", "mapping.dialect."))
        else ColumnMap
        if ".columns." in f".{at}"
        else Mapping
    )
    names = ["from" if name == "source" and model is ColumnMap else name for name in model.model_fields]
    if key in {name for table in tables.SOURCES.values() for name in table.names} and model is Mapping:
        return SourceError(
            f"{path}: {key!r} is a column, and stands outside of `columns:`.", f"Write it as columns: {{{key}: …}}."
        )
    close = get_close_matches(key, names, 1)
    hint = f"Did you mean {close[0]!r}? " if close else ""
    return SourceError(f"{path}: unknown key {at!r}.", f"{hint}The keys there are: {', '.join(names)}.")
