"""A Spark Connect session that refuses what Databricks Free Edition refuses (Databricks' page "Serverless compute
limitations"). It reads what the client asks of the server, so that it does not matter by which function it was asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from google.protobuf.message import Message

SETTABLE = {
    "spark.databricks.execution.timeout", "spark.sql.ansi.enabled", "spark.sql.files.maxPartitionBytes",
    "spark.sql.legacy.timeParserPolicy", "spark.sql.session.timeZone", "spark.sql.shuffle.partitions",
}  # fmt: skip
CACHE_CALLS = {"cache_table", "uncache_table", "is_cached", "clear_cache"}
_CACHE_SQL = re.compile(r"\s*(un)?cache\s|\s*clear\s+cache", re.IGNORECASE)
_GLOBAL_SQL = re.compile(r"\bglobal\s+temp", re.IGNORECASE)
_PLACE_SQL = re.compile(r"\b(?:location|directory)\s+'([^']*)'", re.IGNORECASE)
_SET_SQL = re.compile(r"\s*set\s+([\w.]+)\s*=", re.IGNORECASE)


class Refused(Exception):
    """What Free Edition would have said no to."""


class Guard:
    """The rules, by the name of the message that a client sends.

    Args:
        volumes: the folder that stands for /Volumes; below it are catalog, schema and volume.
    """

    def __init__(self, volumes: Path) -> None:
        self.volumes = volumes
        self.rules: dict[str, Callable[[Any], None]] = {
            "Persist": self._cache, "Unpersist": self._cache, "Catalog": self._catalog,
            "Set": self._settings, "WriteOperation": self._write, "WriteStreamOperationStart": self._stream,
            "CreateDataFrameViewCommand": self._view, "SqlCommand": self._sql, "SQL": self._sql,
            "DataSource": self._source,
        }  # fmt: skip

    def look(self, request: Message) -> None:
        """Refuse a request that Free Edition refuses."""
        for message in _messages(request):
            kind = message.DESCRIPTOR
            if rule := self.rules.get(kind.name):
                rule(message)
            if kind.full_name.endswith("MlCommand.Write"):
                self._place(message.path, "a model")

    def _place(self, path: str, what: str) -> None:
        plain = path.removeprefix("file:").removeprefix("dbfs:")
        inside = Path("/" + plain.lstrip("/")).is_relative_to(self.volumes)
        if not inside or len(Path("/" + plain.lstrip("/")).relative_to(self.volumes).parts) < 4:
            raise Refused(f"{what} is written to {path!r}, which is in no volume")

    def _cache(self, message: Any) -> None:
        raise Refused("cache and persist are not supported on serverless compute")

    def _catalog(self, message: Any) -> None:
        if message.WhichOneof("cat_type") in CACHE_CALLS:
            self._cache(message)

    def _settings(self, message: Any) -> None:
        for pair in getattr(message, "pairs", ()):
            if pair.key not in SETTABLE:
                raise Refused(f"the setting {pair.key} cannot be set on serverless compute")

    def _write(self, message: Any) -> None:
        if message.WhichOneof("save_type") == "path":
            self._place(message.path, "a DataFrame")

    def _stream(self, message: Any) -> None:
        if not message.available_now:
            raise Refused(f"the trigger {message.WhichOneof('trigger') or 'by default'} is not availableNow")
        if message.format in ("console", "memory"):
            raise Refused(f"the sink {message.format} is not supported on serverless compute")
        if message.path:
            self._place(message.path, "a stream")
        self._place(message.options.get("checkpointLocation", ""), "a checkpoint")

    def _view(self, message: Any) -> None:
        if message.is_global:
            raise Refused("global temporary views are not supported on serverless compute")

    def _sql(self, message: Any) -> None:
        text = getattr(message, "query", "") or getattr(message, "sql", "")
        if _CACHE_SQL.match(text):
            self._cache(message)
        if _GLOBAL_SQL.search(text):
            raise Refused("global temporary views are not supported on serverless compute")
        if (found := _SET_SQL.match(text)) and found[1] not in SETTABLE:
            raise Refused(f"the setting {found[1]} cannot be set on serverless compute")
        for place in _PLACE_SQL.findall(text):
            self._place(place, "a table")

    def _source(self, message: Any) -> None:
        if message.format in ("rate", "rate-micro-batch"):
            raise Refused("nobody has tried the source rate on serverless compute: nothing may rely on it")


class GuardedStub:
    """The client's door to the server, with the guard in front of it."""

    def __init__(self, stub: Any, guard: Guard) -> None:
        self._stub, self._guard = stub, guard

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._stub, name)
        if name not in ("ExecutePlan", "AnalyzePlan", "Config"):
            return call

        def guarded(request: Message, *given: Any, **named: Any) -> Any:
            self._guard.look(request)
            return call(request, *given, **named)

        return guarded


def as_free_edition(session: Any, volumes: Path, tpch: Path) -> None:
    """Put the guard in front of a Connect session, and give it the catalog `samples` and volumes."""
    session.client._stub = GuardedStub(session.client._stub, Guard(volumes))
    kind = type(session)
    table, sql = kind.table, kind.sql

    def samples(self: Any, name: str) -> Any:
        if name.startswith("samples.tpch."):
            of = f"tpch_{name.rpartition('.')[2]}"
            return self.read.parquet(str(tpch / of / f"{of}.parquet"))
        return table(self, name)

    def volume(self: Any, text: str, *given: Any, **named: Any) -> Any:
        if found := re.fullmatch(r"CREATE VOLUME IF NOT EXISTS (\w+)\.(\w+)\.(\w+)", text):
            volumes.joinpath(*found.groups()).mkdir(parents=True, exist_ok=True)
            return None
        return sql(self, text, *given, **named)

    kind.table, kind.sql = samples, volume


def _messages(message: Message) -> Iterator[Message]:
    """A message and everything in it."""
    yield message
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            values = [each for each in value.values() if isinstance(each, Message)]
        else:
            values = value if not isinstance(value, Message) else [value]
        for each in values:
            yield from _messages(each)
