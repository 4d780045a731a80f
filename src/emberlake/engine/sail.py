"""Sail, embedded: a Spark Connect server in Rust inside this process, on the loopback interface."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from emberlake.engine.logs import native_stderr_to
from emberlake.engine.machine import cores
from emberlake.errors import EngineError
from emberlake.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# PySpark turns each of these into another session than the one asked for.
STRAY = ("SPARK_REMOTE", "SPARK_LOCAL_REMOTE", "SPARK_API_MODE", "SPARK_CONNECT_AUTHENTICATE_TOKEN")


@contextmanager
def sail_session(settings: Settings, *, short: bool = False, log: str = "") -> Iterator[tuple[SparkSession, int]]:
    """A Connect session on a server of this process; `short` changes nothing here."""
    for name in STRAY:
        os.environ.pop(name, None)
    go_around_proxy()
    # Sail writes what happens to standard error through Rust, which Python's sys.stderr does not see.
    with native_stderr_to(settings.logs / (log or "sail.log")):
        try:
            from pysail.spark import SparkConnectServer
        except ImportError as e:
            raise EngineError(
                f"The embedded engine could not be loaded: {e}.", "Run the set-up again, or give --engine spark."
            ) from e
        server = SparkConnectServer("127.0.0.1", 0)
        server.start(background=True)
        try:
            address = server.listening_address
            if address is None:
                raise EngineError(
                    "The embedded engine did not start on 127.0.0.1.", f"Its log is {settings.logs / 'sail.log'}."
                )
            session = _connect(f"sc://{address[0]}:{address[1]}")
            try:
                yield session, cores()
            finally:
                session.stop()
        finally:
            server.stop()


def go_around_proxy() -> None:
    """GRPC sends even connections to 127.0.0.1 through the proxy of `http_proxy`, unless `no_proxy` names it."""
    for name in ("no_proxy", "no_grpc_proxy"):
        hosts = os.environ.get(name) or os.environ.get(name.upper()) or ""
        # An empty no_grpc_proxy would hide no_proxy.
        if (hosts or name == "no_proxy") and "127.0.0.1" not in hosts.split(","):
            os.environ[name] = ",".join(filter(None, [hosts, "127.0.0.1", "localhost"]))


def _connect(url: str) -> SparkSession:
    from pyspark.sql import SparkSession

    # create(), not getOrCreate(): the latter hands back whatever session the process had.
    session = SparkSession.builder.remote(url).create()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return session
