"""Spark behind a Connect server (`sc://host:port`): a thin client, nothing is started here."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from emberlake.errors import EngineError
from emberlake.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@contextmanager
def remote_session(settings: Settings, *, short: bool = False, log: str = "") -> Iterator[tuple[SparkSession, int]]:
    """A Connect session on somebody else's server; `short` changes nothing here."""
    from pyspark.sql import SparkSession
    from pyspark.sql import functions as F

    for name in ("SPARK_REMOTE", "SPARK_LOCAL_REMOTE", "SPARK_API_MODE"):
        os.environ.pop(name, None)
    _knock(settings.master)
    session = None
    try:
        session = SparkSession.builder.remote(settings.master).create()
        session.conf.set("spark.sql.session.timeZone", "UTC")
        # A Connect client cannot ask for the cores; range() makes one partition for each.
        parallelism = session.range(0, 100_000).select(F.spark_partition_id().alias("p")).distinct().count()
    except Exception as e:
        if session is not None:
            session.stop()
        raise EngineError(
            f"No Spark Connect server answered at {settings.master}: {str(e).splitlines()[0] if str(e) else e!r}",
            "Check host and port (usually 15002), and that its Spark has Delta Lake.",
        ) from e
    try:
        yield session, max(1, parallelism)
    finally:
        session.stop()


def _knock(url: str) -> None:
    """Fail in seconds where nothing listens: the client itself would retry for ten minutes."""
    try:
        place = urlsplit(url)
        host, port = place.hostname or "", place.port or 15002
        socket.create_connection((host, port), timeout=5).close()
    except (OSError, ValueError) as e:
        raise EngineError(
            f"No Spark Connect server answered at {url}: {e}.", "Check host and port (usually 15002)."
        ) from e
