"""The JVM of Spark's driver, started by us instead of Spark's scripts.

Those start a JVM only to work out the command line of the second one (0.5 s), write to our terminal, and put a
folder on the class path, which the JVM's class-data archive refuses.
"""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from emberlake.engine.logs import log_file
from emberlake.errors import EngineError

# What Spark's launcher adds for Java 17 and 21 (JavaModuleOptions); a test compares the two lists.
OPENED = (
    "java.base/java.lang",
    "java.base/java.lang.invoke",
    "java.base/java.lang.reflect",
    "java.base/java.io",
    "java.base/java.net",
    "java.base/java.nio",
    "java.base/java.util",
    "java.base/java.util.concurrent",
    "java.base/java.util.concurrent.atomic",
    "java.base/jdk.internal.ref",
    "java.base/sun.nio.ch",
    "java.base/sun.nio.cs",
    "java.base/sun.security.action",
    "java.base/sun.util.calendar",
    "java.security.jgss/sun.security.krb5",
)
SWITCHES = (
    "-XX:+IgnoreUnrecognizedVMOptions",
    *(f"--add-opens={package}=ALL-UNNAMED" for package in OPENED),
    "-Dio.netty.tryReflectionSetAccessible=true",
    "-Dio.netty.allocator.type=pooled",
    "-Dio.netty.handler.ssl.defaultEndpointVerificationAlgorithm=NONE",
    "--sun-misc-unsafe-memory-access=allow",
    "--enable-native-access=ALL-UNNAMED",
    "-Dderby.connection.requireAuthentication=false",
)
# A start takes 3 to 9 s; a machine that needs this long is swapping.
PATIENCE = 180


@dataclass
class Jvm:
    """A running driver JVM and the door that PySpark talks through."""

    process: subprocess.Popen[bytes]
    port: int
    secret: str

    def end(self, patience: float = 30) -> None:
        """Ask the JVM to end by closing its standard input, wait, and kill it if it does not."""
        if self.process.stdin is not None:
            with suppress(OSError):  # it may be gone already
                self.process.stdin.close()
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start_jvm(
    java: Path, options: list[str], classpath: list[Path], environment: Mapping[str, str], log: Path,
    meanwhile: Callable[[], object] = lambda: None,
) -> Jvm:  # fmt: skip
    """Start Spark's driver JVM and wait until it listens.

    Args:
        java: the `java` to run.
        options: JVM options, put before the class path.
        classpath: JAR files, in order.
        environment: the JVM's whole environment.
        log: where everything that the JVM prints is appended.
        meanwhile: called once the JVM is on its way, which takes it a second.

    Raises:
        EngineError: when the JVM ends or stays silent; the message carries its last words.
    """
    command = [str(java), *SWITCHES, *options, "-cp", os.pathsep.join(map(str, classpath))]
    command += ["org.apache.spark.deploy.SparkSubmit", "pyspark-shell"]
    with tempfile.TemporaryDirectory(prefix="emberlake-") as folder, log_file(log).open("ab") as out:
        told = Path(folder) / "gateway"
        begin = out.tell()
        try:
            process = subprocess.Popen(
                command,
                # The JVM ends when this pipe does, so it cannot outlive a killed Python.
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=out,
                env={**environment, "_PYSPARK_DRIVER_CONN_INFO_PATH": str(told), "SPARK_CONNECT_MODE": "0"},
                # Ctrl-C is for Python, which cancels the running jobs; the JVM must live to hear that.
                start_new_session=True,
            )
        except OSError as e:
            raise EngineError(f"Java could not be started: {java}: {e.strerror or e}.", "Check --java-home.") from e
        try:
            meanwhile()
            port, secret = _wait_for(told, process, log, begin)
        except BaseException:
            _kill(process)
            raise
    return Jvm(process, port, secret)


def _wait_for(told: Path, process: subprocess.Popen[bytes], log: Path, begin: int) -> tuple[int, str]:
    deadline = time.monotonic() + PATIENCE
    # Spark renames the file into place when it is complete.
    while not told.exists():
        if process.poll() is not None:
            raise EngineError(f"Spark's JVM ended at its start: {last_words(log, begin)}.", f"The log is {log}.")
        if time.monotonic() > deadline:
            raise EngineError(f"Spark's JVM did not answer within {PATIENCE} s.", f"The log is {log}.")
        time.sleep(0.02)
    content = told.read_bytes()
    port, length = struct.unpack(">ii", content[:8])
    return port, content[8 : 8 + length].decode()


def last_words(log: Path, begin: int) -> str:
    """The first complaint, or else the last line, of what was appended to a log after `begin`."""
    with log.open("rb") as file:
        file.seek(begin)
        lines = [line.strip() for line in file.read()[-8000:].decode(errors="replace").splitlines()]
    said = [line for line in lines if line and not line.startswith("at ")] or ["it said nothing"]
    loud = next((place for place, line in enumerate(said) if "rror" in line or "xception" in line), len(said) - 1)
    # The JVM's own errors take two lines: that there was one, and which.
    count = 2 if said[loud].startswith("Error occurred during initialization") else 1
    return ": ".join(said[loud : loud + count]).rstrip(".")


def _kill(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (OSError, AttributeError):
        process.kill()
    process.wait()


@contextmanager
def announced(jvm: Jvm) -> Iterator[None]:
    """Tell PySpark, in the one way it knows, to use this JVM instead of starting its own."""
    names = {"PYSPARK_GATEWAY_PORT": str(jvm.port), "PYSPARK_GATEWAY_SECRET": jvm.secret}
    os.environ.update(names)
    try:
        yield
    finally:
        for name in names:
            os.environ.pop(name, None)
