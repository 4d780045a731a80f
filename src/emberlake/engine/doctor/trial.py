"""The work on one engine, in a process of its own (`python -m emberlake.engine.doctor.trial SETTINGS KIND FOLDER`).

Prints one JSON object a check, as soon as it is known, so that a crash in the third does not hide the first two.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path

from emberlake.engine.doctor.diagnosis import Check
from emberlake.engine.session import Engine, EngineKind, open_engine
from emberlake.errors import EmberlakeError
from emberlake.settings import Settings

# Values that a wrong time zone, a lossy decimal or a wrong encoding would change.
ROWS = [
    (1, Decimal("10.05"), dt.datetime(2026, 3, 29, 1, 30, tzinfo=dt.UTC), "Zoë, \"7''\""),
    (2, None, dt.datetime(2025, 12, 31, 23, 59, 59, tzinfo=dt.UTC), None),
]
SCHEMA = "id long, amount decimal(12,2), at timestamp, name string"
SHOWN = [(1, "10.05", "2026-03-29 01:30:00", "Zoë, \"7''\""), (2, None, "2025-12-31 23:59:59", None)]


def delta(engine: Engine, folder: Path) -> str:
    """Write a Delta table, append to it, read it back and read its first version."""
    # With a blank in its name, as folders on people's machines have.
    path = engine.path(folder / f"{engine.name} table")
    df = engine.session.createDataFrame(ROWS, SCHEMA)
    df.write.format("delta").save(path)
    df.where("id = 2").write.format("delta").mode("append").save(path)
    if not (folder / f"{engine.name} table" / "_delta_log").is_dir():
        raise EmberlakeError(f"The table was not written to {folder / engine.name} table, but elsewhere.")
    shown = "id", "cast(amount as string)", "cast(at as string)", "name"
    for options, expected in (({}, [*SHOWN, SHOWN[1]]), ({"versionAsOf": "0"}, SHOWN)):
        read = engine.session.read.format("delta").options(**options).load(path)
        got = sorted(tuple(row) for row in read.selectExpr(*shown).collect())
        if got != sorted(expected):
            raise EmberlakeError(f"What was read is not what was written: {got}.")
    return "A Delta table was written, appended to and read back, now and as of its first version."


def python_udf(engine: Engine, folder: Path) -> str:
    """Run a Python function in a worker, and compare the worker's Python with ours."""
    from pyspark.sql import functions as F

    mine = f"{sys.version_info[0]}.{sys.version_info[1]}"

    def where(n: int) -> str:
        import sys

        return f"{n + 1} {sys.version_info[0]}.{sys.version_info[1]} {sys.executable}"

    told = [row[0] for row in engine.session.range(2).select(F.udf(where, "string")("id")).collect()]
    number, worker, executable = sorted(told)[0].split(" ", 2)
    if number != "1" or len(told) != 2:
        raise EmberlakeError(f"A Python function returned {told}.")
    if worker != mine:
        raise EmberlakeError(
            f"Workers run Python {worker} ({executable}), the driver runs {mine}.", "Set PYSPARK_PYTHON to one like it."
        )
    return f"A Python function ran in a worker, on Python {worker} ({executable})."


def kafka(engine: Engine, folder: Path) -> str:
    """Load the Kafka source, which needs no broker to tell its columns."""
    source = engine.session.readStream.format("kafka").option("kafka.bootstrap.servers", "127.0.0.1:9")
    columns = source.option("subscribe", "doctor").load().columns
    if "offset" not in columns or "value" not in columns:
        raise EmberlakeError(f"The Kafka source has the columns {columns}.")
    return "The Kafka source was loaded."


TRIALS: dict[EngineKind, tuple[tuple[str, Callable[[Engine, Path], str]], ...]] = {
    "sail": (("delta on sail", delta), ("python on sail", python_udf)),
    "spark": (("delta on spark", delta), ("python on spark", python_udf), ("kafka on spark", kafka)),
}


def attempt(name: str, log: Path, work: Callable[[], str], begin: float | None = None) -> Check:
    """A piece of work as a check; its failure is told in one sentence."""
    begin = time.perf_counter() if begin is None else begin
    try:
        check = Check(name, "ok", work())
    except EmberlakeError as e:
        check = Check(name, "blocked", e.problem, e.hint or f"The log is {log}.")
    except Exception as e:
        told = next((line for line in str(e).splitlines() if line.strip()), repr(e))
        check = Check(name, "blocked", f"{type(e).__name__}: {told[:400]}", f"The log is {log}.")
    return Check(check.name, check.status, check.sentence, check.what_to_do, time.perf_counter() - begin)


def main(arguments: list[str]) -> int:
    """Open the engine, do its trials, print what they found."""
    settings, kind, folder = Settings.model_validate_json(arguments[0]), arguments[1], Path(arguments[2])
    engine_kind: EngineKind = "sail" if kind == "sail" else "spark"
    log = settings.logs / f"{kind}.log"
    begin = time.perf_counter()

    def tell(check: Check) -> None:
        print(json.dumps(asdict(check)), flush=True)

    try:
        with open_engine(settings, engine_kind, short=True) as engine:
            where = "" if kind == "sail" else f" on {settings.master}"
            started = f"{kind.capitalize()} starts{where} and runs {engine.parallelism} tasks at a time."
            tell(attempt(f"{kind} starts", log, lambda: started, begin))
            for name, trial in TRIALS[engine_kind]:
                tell(attempt(name, log, lambda trial=trial: trial(engine, folder)))  # type: ignore[misc]
    except Exception as e:
        failure = e

        def fail() -> str:
            raise failure

        tell(attempt(f"{kind} starts", log, fail, begin))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
