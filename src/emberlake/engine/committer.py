"""Which process carries out what a session is told to write."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def committing_process(session: SparkSession) -> int:
    """The pid of the process that commits a table: this one, or the JVM of Spark's driver.

    It matters after a kill: the JVM ends when this process does, but 0.6 to 0.8 seconds later, and in two of four
    kills in the midst of appends it had committed one more by then. A Connect server is somebody else's process:
    nothing is known of it, and this process stands for it.
    """
    if "connect" in type(session).__module__:
        return os.getpid()
    return int(session._jvm.java.lang.ProcessHandle.current().pid())  # type: ignore[union-attr]
