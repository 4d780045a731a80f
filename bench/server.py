"""A Spark Connect server of its own, tuned as the lakehouse tunes Spark: the warm Spark of the rows about starts."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench.meter import BenchError, end_tree

if TYPE_CHECKING:
    from bench.stage import Stage

PORT = 15052
ADDRESS = f"sc://127.0.0.1:{PORT}"
_PATIENCE = 90


@contextmanager
def connect_server(stage: Stage) -> Iterator[None]:
    """A server that answers on ADDRESS until the block ends.

    Raises:
        BenchError: if it does not come up.
    """
    from emberlake.engine.jars import ensure_jars
    from emberlake.engine.java import find_java
    from emberlake.engine.knobs import knobs
    from emberlake.engine.spark import classpath

    settings = stage.settings(stage.work / "server", driver_memory="2g")
    java = find_java(settings)
    jars = ensure_jars(settings, java, "spark")
    conf = knobs(settings, jars) | {"spark.connect.grpc.binding.port": str(PORT)}
    options = [word for name, value in conf.items() for word in ("--conf", f"{name}={value}")]
    home = stage.work / "server"
    home.mkdir(parents=True, exist_ok=True)
    command = [
        str(java.binary), "-Xmx2g", "--add-opens=java.base/java.nio=ALL-UNNAMED",
        "--add-opens=java.base/java.lang=ALL-UNNAMED", "--add-opens=java.base/java.util=ALL-UNNAMED",
        "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED", "--add-opens=java.base/java.lang.invoke=ALL-UNNAMED",
        "--add-opens=java.base/sun.util.calendar=ALL-UNNAMED", "--add-opens=java.base/sun.security.action=ALL-UNNAMED",
        "-cp", os.pathsep.join(map(str, classpath(jars))), "org.apache.spark.deploy.SparkSubmit", *options,
        "--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal",
    ]  # fmt: skip
    log_path = home / "server.log"
    with log_path.open("wb") as log:
        child = subprocess.Popen(command, cwd=home, env=stage.env | {"JAVA_HOME": str(java.home)}, stdout=log,
                                 stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)  # fmt: skip
    try:
        deadline = time.monotonic() + _PATIENCE
        while not _answers():
            if child.poll() is not None or time.monotonic() > deadline:
                last = log_path.read_text(errors="replace").strip().splitlines()[-1:]
                raise BenchError(f"The Spark Connect server did not come up: {last}")
            time.sleep(0.3)
        yield
    finally:
        end_tree(child.pid)
        child.wait()


def _answers() -> bool:
    try:
        socket.create_connection(("127.0.0.1", PORT), timeout=1).close()
        return True
    except OSError:
        return False
