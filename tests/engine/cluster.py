"""A real standalone cluster on this machine: one master and two workers from the PyPI package, always ended."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from emberlake.engine.java import find_java
from emberlake.engine.spark import spark_home
from emberlake.settings import Settings, read_settings

PATIENCE = 90


@dataclass(frozen=True)
class Cluster:
    """A running cluster.

    Attributes:
        master: its URL, for the setting `master`.
        logs: the folder with a log for each of its processes.
    """

    master: str
    logs: Path


@contextlib.contextmanager
def standalone_cluster(
    settings: Settings | None = None, *, workers: int = 2, cores: int = 1, memory: str = "1g"
) -> Iterator[Cluster]:
    """Start a master and workers on 127.0.0.1, on free ports; wait until all are registered."""
    java = find_java(settings or read_settings())
    with tempfile.TemporaryDirectory(prefix="emberlake-cluster-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        environment = {n: v for n, v in os.environ.items() if not n.startswith(("SPARK_", "PYSPARK_"))}
        environment |= {
            "SPARK_HOME": str(spark_home()),
            "JAVA_HOME": str(java.home),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_LOCAL_DIRS": str(folder / "local"),
            "SPARK_DAEMON_MEMORY": "256m",
        }
        port, page = _free_port(), _free_port()
        master = f"spark://127.0.0.1:{port}"
        where = ["--host", "127.0.0.1"]
        daemon = "org.apache.spark.deploy"
        stack.enter_context(
            _process(
                [f"{daemon}.master.Master", *where, "--port", str(port), "--webui-port", str(page)],
                environment,
                folder / "master.log",
            )
        )
        for number in range(workers):
            shape = ["--cores", str(cores), "--memory", memory, "--work-dir", str(folder / f"work{number}")]
            stack.enter_context(
                _process(
                    [f"{daemon}.worker.Worker", *where, *shape, "--webui-port", "0", master],
                    environment,
                    folder / f"worker{number}.log",
                )
            )
        _wait(page, workers, folder)
        yield Cluster(master, folder)


@contextlib.contextmanager
def _process(arguments: list[str], environment: dict[str, str], log: Path) -> Iterator[None]:
    with log.open("wb") as out:
        process = subprocess.Popen(
            [str(spark_home() / "bin" / "spark-class"), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
        try:
            yield
        finally:
            # The group, because a worker's executors are its children.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def _wait(page: int, workers: int, folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    # Around any proxy, which would be asked for 127.0.0.1 otherwise.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < deadline:
        with (
            contextlib.suppress(OSError, ValueError),
            opener.open(f"http://127.0.0.1:{page}/json/", timeout=2) as answer,
        ):
            if json.load(answer)["aliveworkers"] >= workers:
                return
        time.sleep(0.25)
    logs = "\n".join(f"{log.name}:\n{log.read_text(errors='replace')[-1500:]}" for log in sorted(folder.glob("*.log")))
    raise RuntimeError(f"No cluster of {workers} workers within {PATIENCE} s.\n{logs}")
