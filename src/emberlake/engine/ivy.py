"""JARs are fetched by the Ivy that PySpark ships, from wherever this machine's Java reaches Maven's repository."""

from __future__ import annotations

import os
import re
import subprocess
import threading
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from emberlake.engine.java import Java
from emberlake.engine.logs import log_file
from emberlake.errors import EngineError
from emberlake.progress import Progress, silent

# A resolve takes 20 to 60 s on an ordinary line; a line that gives nothing for this long gives nothing.
PATIENCE = 900

# "found io.delta#delta-storage;4.4.0 in public", "downloading …/delta-storage-4.4.0.jar ..."
NAMED = re.compile(r"found \S+#(\S+) in |downloading \S+/(\S+\.jar)")


def ivy_xml() -> str:
    """The text of `ivy.xml`: what is needed, and what Spark has already."""
    return (files("emberlake.engine") / "ivy.xml").read_text(encoding="utf-8")


def retrieve(
    java: Java, configuration: str, into: Path, work: Path, log: Path, progress: Progress = silent
) -> list[Path]:
    """Fetch the JARs of one configuration of `ivy.xml`.

    Args:
        java: the Java that runs Ivy.
        configuration: "spark" or "kafka".
        into: the folder for the JARs; it is empty.
        work: Ivy's own cache; may hold an earlier, unfinished fetch.
        log: where Ivy's words are appended.
        progress: told each module and JAR.

    Raises:
        EngineError: when a JAR could not be fetched; names the first one and the log.
    """
    work.mkdir(parents=True, exist_ok=True)
    described = work / "ivy.xml"
    described.write_text(ivy_xml(), encoding="utf-8")
    command = [str(java.binary), *_proxy_properties(), f"-Divy.default.ivy.user.dir={work}", "-jar", str(_ivy_jar())]
    command += ["-ivy", str(described), "-confs", configuration, "-cache", str(work / "cache")]
    # "bundle": some JARs (scala-logging) are packaged as OSGi bundles, and Ivy takes only "jar" by default.
    command += ["-types", "jar", "bundle", "-retrieve", f"{into}/[artifact]-[revision].[ext]"]
    try:
        code, said = _run(command, log, progress)
    except OSError as e:
        raise _failed(f"Ivy did not start: {e}", log) from e
    # Ivy ends with 0 even when a download failed; its report does not lie.
    wrong = re.search(r"(?:UNRESOLVED DEPENDENCIES|FAILED DOWNLOADS)", said)
    fetched = sorted(into.glob("*.jar"))
    if code != 0 or wrong or not fetched:
        raise _failed(_first_complaint(said), log)
    return fetched


def _run(command: list[str], log: Path, progress: Progress) -> tuple[int, str]:
    """Run Ivy; its lines go to the log, and to the progress where they name a module or a JAR."""
    said: list[str] = []
    seen = 0
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "stdin": subprocess.DEVNULL}
    with (
        log_file(log).open("a", encoding="utf-8") as out,
        subprocess.Popen(command, text=True, errors="replace", **pipes) as ivy,  # type: ignore[call-overload]
    ):
        watch = threading.Timer(PATIENCE, ivy.kill)
        watch.start()
        try:
            for line in ivy.stdout:
                out.write(line)
                said.append(line)
                if named := NAMED.search(line):
                    seen += 1
                    progress(f"Fetching JARs: {named.group(1) or named.group(2)}", seen / (seen + 10))
        except BaseException:
            ivy.kill()
            raise
        finally:
            watch.cancel()
    if ivy.returncode < 0:
        said.append(f"Exception: Ivy was ended by signal {-ivy.returncode} (after {PATIENCE} s it is ended by us)")
    return ivy.returncode, "".join(said)


def _failed(reason: str, log: Path) -> EngineError:
    return EngineError(
        f"The JARs that Spark needs could not be fetched: {reason}.",
        f"Check the network, and the proxy in HTTPS_PROXY if there is one; the log is {log}.",
    )


def _first_complaint(said: str) -> str:
    for pattern in (r"module not found: (\S+)", r"\[NOT FOUND\s*\] (\S+)", r"\[FAILED\s*\] (\S+)", r"(\S*Exception.*)"):
        if found := re.search(pattern, said):
            return found.group(1)
    return "Ivy named no reason"


def _ivy_jar() -> Path:
    import pyspark

    jars = sorted((Path(pyspark.__file__).parent / "jars").glob("ivy-*.jar"))
    if not jars:
        raise EngineError("The installed PySpark has no Ivy in its jars folder.", "Run the set-up again.")
    return jars[-1]


def _proxy_properties() -> list[str]:
    """Java ignores HTTPS_PROXY; hand it over unless the user already set Java's own properties."""
    given = os.environ.get("JAVA_TOOL_OPTIONS", "") + os.environ.get("JDK_JAVA_OPTIONS", "")
    properties = ["-Djava.net.useSystemProxies=true"]
    for scheme in ("http", "https"):
        url = os.environ.get(f"{scheme}_proxy") or os.environ.get(f"{scheme.upper()}_PROXY")
        proxy = urlsplit(url if url and "://" in url else f"http://{url}") if url else None
        if proxy and proxy.hostname and f"-D{scheme}.proxyHost" not in given:
            port = proxy.port or (443 if proxy.scheme == "https" else 80)
            properties += [f"-D{scheme}.proxyHost={proxy.hostname}", f"-D{scheme}.proxyPort={port}"]
    without = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    if without and "-Dhttp.nonProxyHosts" not in given:
        hosts = [f"*{h}" if h.startswith(".") else h for h in (part.strip() for part in without.split(",")) if h]
        properties.append("-Dhttp.nonProxyHosts=" + "|".join(hosts))
    return properties
