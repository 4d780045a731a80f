"""What surrounds the engines: Java, the environment's leftovers, ports, memory, disk, proxies."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import tempfile
from pathlib import Path

import psutil

from emberlake.engine.doctor.diagnosis import Check, Status
from emberlake.engine.java import find_java
from emberlake.engine.machine import GIB, cores, driver_heap, memory
from emberlake.engine.spark import spark_home
from emberlake.errors import EngineError
from emberlake.settings import Settings


def java(settings: Settings) -> Check:
    """Which Java will run Spark, and where it was found."""
    try:
        found = find_java(settings)
    except EngineError as e:
        return Check("java", "blocked", e.problem, e.hint)
    what = f"Java {found.release} from {found.source} ({found.home})"
    if found.source == "the bundled JRE":
        return Check("java", "ok", f"{what}; this machine has no Java 17 or 21 of its own, and needs none.")
    return Check("java", "ok", f"{what}.")


def spark_home_variable() -> Check:
    """SPARK_HOME of another Spark breaks PySpark; we pass it over, but other programs will not."""
    named, ours = os.environ.get("SPARK_HOME"), spark_home()
    if not named or Path(named).expanduser().resolve() == ours.resolve():
        return Check("SPARK_HOME", "ok", "SPARK_HOME does not point elsewhere.")
    kind = "another Spark" if (Path(named).expanduser() / "jars").is_dir() else "a folder that is no Spark"
    return Check(
        "SPARK_HOME",
        "caveat",
        f"SPARK_HOME is {named!r}, {kind}; Emberlake passes it over and uses {ours}.",
        "Unset SPARK_HOME, if you use PySpark from this shell yourself.",
    )


def python(settings: Settings) -> Check:
    """The driver's Python, and a PYSPARK_PYTHON that would give workers another one."""
    release = ".".join(map(str, sys.version_info[:3]))
    named = os.environ.get("PYSPARK_PYTHON")
    if named and shutil.which(named) != sys.executable and Path(named).resolve() != Path(sys.executable).resolve():
        local = settings.master.startswith("local")
        said = "passed over" if local else "what the cluster's workers start"
        return Check(
            "python",
            "ok" if not local else "caveat",
            f"Python {release} ({sys.executable}); PYSPARK_PYTHON is {named!r}, which is {said}.",
            "Unset PYSPARK_PYTHON." if local else "",
        )
    return Check("python", "ok", f"Python {release} ({sys.executable}).")


def ports() -> Check:
    """Whether two sockets on 127.0.0.1 can talk: engines and their workers do nothing else."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(5)
            with socket.create_connection(server.getsockname(), timeout=5) as client:
                there, _ = server.accept()
                with there:
                    client.sendall(b"emberlake")
                    if there.recv(16) != b"emberlake":
                        raise OSError("other bytes came back")
    except OSError as e:
        return Check(
            "ports",
            "blocked",
            f"A connection to 127.0.0.1 failed: {e}.",
            "Allow programs to listen on the loopback interface (firewall, sandbox).",
        )
    return Check("ports", "ok", "Ports on 127.0.0.1 can be opened and reached.")


def memory_left(settings: Settings) -> Check:
    """Memory for the driver's heap and the rest."""
    total, left = memory() / GIB, psutil.virtual_memory().available / GIB
    heap = settings.driver_memory or driver_heap()
    said = f"{total:.1f} GiB of memory, {left:.1f} free, {cores()} cores; Spark's heap is {heap}."
    status: Status = "blocked" if total < 1.8 else "caveat" if total < 3.8 or left < 1.5 else "ok"
    advice = {
        "ok": "",
        "caveat": "Close other programs; scale 1 needs about 2 GiB, scale 200 about 8 GiB.",
        "blocked": "Give this machine or container at least 2 GiB.",
    }
    return Check("memory", status, said, advice[status])


def disk(what: str, folder: Path, need: float, want: float) -> Check:
    """Whether a folder can be written to, and has room.

    Args:
        what: "root" or "cache".
        folder: the folder; it may not be there yet.
        need: GiB without which nothing works.
        want: GiB that are comfortable.
    """
    name = f"disk under {what}"
    there = next((p for p in (folder, *folder.parents) if p.exists()), Path("/"))
    try:
        with tempfile.TemporaryFile(dir=there) as file:
            file.write(b"emberlake")
            file.flush()
        left = shutil.disk_usage(there).free / GIB
    except OSError as e:
        return Check(
            name,
            "blocked",
            f"{folder} cannot be written: {e.strerror or e}.",
            f"Give --{what} a folder that you may write to.",
        )
    said = f"{left:.1f} GiB are free under {folder}."
    if left < need:
        return Check(name, "blocked", said, f"Free {need:g} GiB, or give --{what} another folder.")
    if left < want:
        return Check(name, "caveat", said, f"{want:g} GiB are comfortable; --{what} names another folder.")
    return Check(name, "ok", said)


def proxy() -> Check:
    """Proxy variables: JARs are fetched through them, loopback connections must not be."""
    names = [n for n in ("http_proxy", "https_proxy", "all_proxy", "grpc_proxy") if _variable(n)]
    if not names:
        return Check("proxy", "ok", "No proxy variables are set.")
    said = f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} set; JARs are fetched that way."
    around = _variable("no_proxy").split(",")
    if any(host.strip() in ("127.0.0.1", "*") for host in around):
        return Check("proxy", "ok", said)
    return Check(
        "proxy",
        "caveat",
        f"{said} 127.0.0.1 is not in no_proxy; Emberlake goes around the proxy there by itself.",
        "Add 127.0.0.1,localhost to no_proxy for other programs.",
    )


def _variable(name: str) -> str:
    return os.environ.get(name) or os.environ.get(name.upper()) or ""
