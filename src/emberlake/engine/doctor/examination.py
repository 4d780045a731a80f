"""The examination: what surrounds the engines first, then both engines side by side."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from emberlake.engine.doctor import surroundings
from emberlake.engine.doctor.diagnosis import Check, Diagnosis, timed
from emberlake.engine.doctor.trial import TRIALS
from emberlake.engine.jars import MANIFEST, Configuration, ensure_jars, jars_folder, read_jars
from emberlake.engine.java import find_java
from emberlake.engine.session import EngineKind
from emberlake.errors import EngineError
from emberlake.progress import Progress, silent
from emberlake.settings import Settings

# Both engines take 10 to 30 s together; one that is not done by then hangs.
PATIENCE = 300


def examine(settings: Settings, progress: Progress = silent) -> Diagnosis:
    """Try on this machine what a run will need: about 20 s, and nothing is left behind but logs and the JARs.

    Missing or broken JARs are fetched. The engine that the settings rule out (`--engine sail` rules out Spark)
    is tried too, but cannot block.
    """
    checks: list[Check] = []
    quick: list[tuple[str, Callable[[], Check]]] = [
        ("Java", lambda: surroundings.java(settings)),
        ("SPARK_HOME", surroundings.spark_home_variable),
        ("Python", lambda: surroundings.python(settings)),
        ("Ports", surroundings.ports),
        ("Memory", lambda: surroundings.memory_left(settings)),
        ("Disk", lambda: surroundings.disk("root", settings.root, need=1, want=5)),
        ("Disk", lambda: surroundings.disk("cache", settings.cache, need=0.2, want=1)),
        ("Proxy", surroundings.proxy),
        ("JARs", lambda: _jars(settings, "spark", lambda doing, done: progress(doing, 0.40 + 0.05 * done))),
        ("JARs", lambda: _jars(settings, "kafka", lambda doing, done: progress(doing, 0.45 + 0.05 * done))),
    ]
    for done, (what, trial) in enumerate(quick):
        progress(f"Looking at {what}" if what != "JARs" else "Checking the JARs, fetching what is missing", done / 20)
        checks.append(timed(trial))
    checks += _engines(settings, progress, begin=len(quick) / 20)
    progress("Done", 1.0)
    return Diagnosis(tuple(_softened(check, settings) for check in checks))


def _jars(settings: Settings, configuration: Configuration, progress: Progress) -> Check:
    """Every JAR's content against the manifest; a broken one is fetched again."""
    name = {"spark": "JARs", "kafka": "JARs of Kafka"}[configuration]
    folder = jars_folder(settings, configuration)
    before = read_jars(folder, hashes=True)
    if before is not None:
        return Check(name, "ok", f"{len(before.paths)} JARs in {folder} are what was fetched.")
    broken = (folder / MANIFEST).exists()
    if broken and not settings.offline:
        # Sizes may still agree: without its manifest the folder counts as not there.
        (folder / MANIFEST).unlink(missing_ok=True)
    try:
        if broken and settings.offline:
            raise EngineError(f"JARs in {folder} are not what was fetched.", "Run once without --offline.")
        mended = ensure_jars(settings, find_java(settings), configuration, progress)
    except EngineError as e:
        # Without the broker's, all works but live orders, and those with another Kafka.
        return Check(name, "blocked" if configuration == "spark" else "caveat", e.problem, e.hint)
    said = "were broken, and have been fetched again" if broken else "have been fetched"
    return Check(name, "ok", f"{len(mended.paths)} JARs {said}; from now on no network is needed for them.")


def _softened(check: Check, settings: Settings) -> Check:
    """What only concerns an engine that the settings rule out is a caveat."""
    ruled_out = {"sail": "spark", "spark": "sail"}.get(settings.engine)
    about = (ruled_out or "", "java", "JARs") if ruled_out == "spark" else (ruled_out,)
    words = check.name.split()
    if ruled_out and check.status == "blocked" and any(word in about for word in words):
        return replace(check, status="caveat", sentence=f"{check.sentence} (Not used with --engine {settings.engine}.)")
    return check


@dataclass
class _Patient:
    """A child process that tries one engine, and what it has told so far."""

    kind: EngineKind
    process: subprocess.Popen[str]
    told: list[Check] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            try:
                self.told.append(Check(**json.loads(line)))
            except (ValueError, TypeError):
                self.complaints.append(line.strip())


@contextlib.contextmanager
def _folder(settings: Settings) -> Iterator[Path]:
    folder = settings.scratch / f"doctor {time.time_ns()}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _engines(settings: Settings, progress: Progress, begin: float) -> list[Check]:
    try:
        with _folder(settings) as folder:
            patients = [_start(settings, kind, folder) for kind in TRIALS]
            listeners = [threading.Thread(target=patient.listen, daemon=True) for patient in patients]
            for listener in listeners:
                listener.start()
            try:
                _wait(patients, listeners, progress, begin)
            finally:
                for patient in patients:
                    if patient.process.poll() is None:
                        patient.process.kill()
                    patient.process.wait()
    except OSError as e:
        said = f"The trials of the engines need a folder under {settings.root}: {e.strerror or e}."
        return [Check("engines", "blocked", said, "Give --root a folder that you may write to.")]
    return [check for patient in patients for check in _heard(patient, settings)]


def _start(settings: Settings, kind: EngineKind, folder: Path) -> _Patient:
    # The embedded engine has no master; without this, a cluster's would be refused.
    own = settings if kind == "spark" else settings.model_copy(update={"master": "local[*]"})
    command = [sys.executable, "-m", "emberlake.engine.doctor.trial", own.model_dump_json(), kind, str(folder)]
    pipe = subprocess.PIPE
    # One pipe for both: an unexpected word on standard error is the best explanation of a crash.
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=pipe, stderr=subprocess.STDOUT, text=True)
    return _Patient(kind, process)


def _wait(patients: list[_Patient], listeners: list[threading.Thread], progress: Progress, begin: float) -> None:
    deadline = time.monotonic() + PATIENCE
    expected = sum(len(trials) + 1 for trials in TRIALS.values())
    while any(listener.is_alive() for listener in listeners) and time.monotonic() < deadline:
        done = sum(len(patient.told) for patient in patients)
        busy = " and ".join(p.kind.capitalize() for p, who in zip(patients, listeners, strict=True) if who.is_alive())
        progress(f"Writing and reading tables on {busy or 'the engines'}", begin + (1 - begin) * done / expected)
        time.sleep(0.2)


def _heard(patient: _Patient, settings: Settings) -> list[Check]:
    """What a child told; a check that it did not come to is blocked, with the reason."""
    names = [f"{patient.kind} starts", *(name for name, _ in TRIALS[patient.kind])]
    heard = {check.name: check for check in patient.told}
    missing = [name for name in names if name not in heard]
    if not missing or any(check.status == "blocked" and check.name == names[0] for check in patient.told):
        return patient.told
    code = patient.process.returncode
    words = patient.complaints[-1] if patient.complaints else "it said nothing"
    how = f"was ended by signal {-code}" if code < 0 else f"ended with {code}"
    hint = f"The log is {settings.logs / (patient.kind + '.log')}."
    return [*patient.told, Check(missing[0], "blocked", f"The process {how} before this was done: {words}", hint)]
