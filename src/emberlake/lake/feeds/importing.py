"""Taking somebody's own files as a source: looked at whole, then saved as a feed with what was guessed."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from emberlake.errors import SourceError
from emberlake.lake.feeds.feed import ColumnMap, Feed, Mapping
from emberlake.lake.feeds.inspection import Inspection, inspect
from emberlake.lake.feeds.order_lines import expand
from emberlake.lake.feeds.schema import ORDER_LINES, check_source
from emberlake.lake.feeds.store import check_columns, made_feeds, save_feed, saved_feeds
from emberlake.settings import Settings

# Whose identifiers a source carries without having a row for them: orders name customers, lines name products.
_NAMED = {"orders": {"user_id": "users"}, "order_items": {"product_id": "products"}}
_OPTIONS = ("date_format", "decimal", "thousands", "id_kind")


def list_feeds(settings: Settings) -> list[Feed]:
    """All feeds that fill the lake: the made shop's, one a source, then the saved ones, by name.

    A feed of order lines comes as the feeds that it fills; its new files are converted on the way.

    Raises:
        SourceError: if a saved feed is not valid, or one of order lines finds no file.
    """
    saved = [
        part
        for feed in saved_feeds(settings)
        for part in (expand(settings, feed) if feed.source == ORDER_LINES.name else [feed])
    ]
    feeds = [*made_feeds(settings), *saved]
    own = {feed.source for feed in feeds if not feed.companion}
    return [feed for feed in feeds if not feed.companion or feed.source not in own]


def import_files(
    settings: Settings, paths: list[str], source: str, mapping: Mapping | None = None, name: str | None = None
) -> Feed:
    """Look at files, and save them as a feed.

    Args:
        settings: where feeds are saved.
        paths: files, folders or globs.
        source: the table that they fill, or `order_lines`.
        mapping: what is known; the rest is guessed.
        name: of the feed; by default the source's.

    Raises:
        SourceError: if none of the files can be read; nothing is saved then.
    """
    check_source(source)
    absolute = tuple(str(Path(path).expanduser().absolute()) for path in paths)
    feed = Feed(name=name or f"my-{source}", source=source, paths=absolute, mapping=mapping or Mapping())
    return import_feed(settings, feed)


def import_feed(settings: Settings, feed: Feed, seen: Inspection | None = None) -> Feed:
    """Save a feed with what its files told, so that later files are read the same way.

    Args:
        settings: where feeds are saved.
        feed: its files, source and mapping.
        seen: what `inspect` said of it, where that was called already.

    Raises:
        SourceError: if none of its files can be read; nothing is saved then.
    """
    check_columns(feed.mapping, feed.source, feed.name)
    _refuse_taken(settings, feed)
    seen = seen or inspect(feed)
    if seen.errors and len(seen.errors) == len(seen.files):
        more = f" The other {len(seen.errors) - 1} files cannot be read either." if len(seen.errors) > 1 else ""
        raise SourceError(seen.errors[0], f"Nothing was imported.{more}")
    settled = settle(feed, seen)
    save_feed(settings, settled)
    for companion in _companions(settled):
        save_feed(settings, companion)
    return settled


def _refuse_taken(settings: Settings, feed: Feed) -> None:
    """A name that another feed has would put its files out of sight."""
    taken = next((saved for saved in saved_feeds(settings) if saved.name == feed.name), None)
    if taken is not None and (set(taken.paths) != set(feed.paths) or taken.source != feed.source):
        raise SourceError(
            f"There is a feed {feed.name!r} already; it reads {', '.join(taken.paths)} as {taken.source}.",
            f"Give this one a name of its own, such as --name {feed.name}-2; or import all files at once.",
        )


def settle(feed: Feed, seen: Inspection) -> Feed:
    """The feed with the guesses that all files agree on."""
    votes: dict[tuple[str, str], set[str]] = defaultdict(set)
    readable = [file for file in seen.files if not file.error and file.rows]
    for file in readable:
        for guess in file.guesses:
            votes[guess.column, guess.what].add(guess.value)
    columns = dict(feed.mapping.columns)
    for (column, what), values in votes.items():
        told = sum(any((guess.column, guess.what) == (column, what) for guess in file.guesses) for file in readable)
        # A text identifier in one file is one for the feed: numbers beside it stay numbers.
        if what in _OPTIONS and len(values) == 1 and (told == len(readable) or what == "id_kind"):
            given = columns.get(column, ColumnMap())
            columns[column] = given.model_copy(update={what: next(iter(values))})
    return feed.model_copy(update={"mapping": feed.mapping.model_copy(update={"columns": columns})})


def _companions(feed: Feed) -> list[Feed]:
    """Feeds that keep the texts of identifiers findable, where the feed names customers or products by texts."""
    made = []
    for column, source in _NAMED.get(feed.source, {}).items():
        item = feed.mapping.columns.get(column)
        if item is not None and item.id_kind == "text":
            mapping = feed.mapping.model_copy(update={"columns": {column: item}, "op": None})
            name = re.sub(r"[^A-Za-z0-9_.-]", "-", f"{feed.name}-{source}")
            made.append(feed.model_copy(update={"name": name, "source": source, "mapping": mapping, "companion": True}))
    return made
