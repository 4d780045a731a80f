"""The only room that starts anything: sessions on Sail or Spark, Java, JARs.

Others call `resolve_engine` and `open_engine`, and `Engine.path` (or `plain_path`) for the folder of a table; the
command line also calls `doctor.examine` and `prepare`.
"""

from emberlake.engine.committer import committing_process
from emberlake.engine.jars import prepare
from emberlake.engine.paths import plain_path
from emberlake.engine.session import Engine, EngineKind, open_engine, resolve_engine

__all__ = ["Engine", "EngineKind", "committing_process", "open_engine", "plain_path", "prepare", "resolve_engine"]
