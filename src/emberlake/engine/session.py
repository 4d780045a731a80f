"""One process, one kind of session: PySpark cannot hold a Connect and a classic one together."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from emberlake.engine.paths import plain_path
from emberlake.errors import EngineError
from emberlake.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

EngineKind = Literal["sail", "spark"]
KINDS: tuple[EngineKind, ...] = ("sail", "spark")

# What this process opened first ("sail", "spark" or "connect"), and whether it is still open.
_held: str | None = None
_open = False


@dataclass(frozen=True)
class Engine:
    """A session that is ready for work.

    Attributes:
        name: "sail" or "spark".
        session: the PySpark session; its time zone is UTC and it reads and writes Delta.
        parallelism: how many tasks run at the same time.
    """

    name: EngineKind
    session: SparkSession
    parallelism: int

    def path(self, path: Path) -> str:
        """A folder as this engine must be told it; the embedded one misreads blanks and the like."""
        return str(plain_path(path) if self.name == "sail" else path)


def resolve_engine(settings: Settings, default: EngineKind = "sail") -> EngineKind:
    """The engine for a step: what the settings say, or the step's own default for "auto".

    A master that is not this machine's means Spark, because Sail is embedded in one process.

    Raises:
        EngineError: when Sail is asked for together with a cluster's master.
    """
    clustered = not settings.master.startswith("local")
    if settings.engine == "sail" and clustered:
        raise EngineError(
            f"Engine sail runs inside one process and cannot use the master {settings.master!r}.",
            "Give --engine spark, or leave --master out.",
        )
    if settings.engine == "auto":
        return "spark" if clustered else default
    return settings.engine


@contextmanager
def open_engine(settings: Settings, kind: EngineKind, *, short: bool = False, log: str = "") -> Iterator[Engine]:
    """Open a session of a kind, and close it and all that it started at the end.

    Args:
        settings: the run's settings; `master` decides where Spark runs.
        kind: "sail" or "spark".
        short: for commands of a few seconds: Spark's JVM then compiles quickly instead of well.
        log: the file under the logs that the engine writes to, instead of its own.

    Raises:
        EngineError: when this process holds another kind of session, or when the engine does not start.
    """
    if kind not in KINDS:
        raise EngineError(f"There is no engine {kind!r}.", f"Engines are: {', '.join(KINDS)}.")
    remote = kind == "spark" and settings.master.startswith("sc://")
    _take("connect" if remote else kind)
    try:
        # Imported here, because PySpark alone costs half a second that --help should not pay.
        if kind == "sail":
            from emberlake.engine.sail import sail_session as session
        elif remote:
            from emberlake.engine.remote import remote_session as session
        else:
            from emberlake.engine.spark import spark_session as session
        with session(settings, short=short, log=log) as (opened, parallelism):
            yield Engine(kind, opened, parallelism)
    finally:
        _give_back()


def _take(kind: str) -> None:
    global _held, _open
    if _open:
        raise EngineError(
            f"This process has already opened a session ({_held}).",
            "Pass that one on, or open the second in a process of its own.",
        )
    foreign = _held or _opened_by_others()
    if (foreign is not None and foreign != kind) and {foreign, kind} != {"sail", "connect"}:
        raise EngineError(
            f"This process holds a {foreign} session, and cannot open a {kind} one beside or after it.",
            "Run each engine in a process of its own.",
        )
    _held, _open = kind, True


def _opened_by_others() -> str | None:
    """A session that somebody opened without us, as notebooks do; looks only at what is loaded already."""
    # Not SPARK_CONNECT_MODE_ENABLED: a child inherits that variable from a parent whose session it does not have.
    connect = sys.modules.get("pyspark.sql.connect.session")
    if connect is not None and connect.SparkSession.getActiveSession() is not None:
        return "connect"
    core = sys.modules.get("pyspark.core.context")
    if core is not None and core.SparkContext._active_spark_context is not None:
        return "spark"
    return None


def _give_back() -> None:
    global _open
    _open = False
