"""The stage: a folder for the run, data sets that are made once and shared, and how children are started."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path

from bench.meter import BenchError, Sample, measure

REPOSITORY = Path(__file__).parents[1]
# Leftovers of another Spark, or of another run's settings, would measure something else.
_STRAY = ("EMBERLAKE_", "SPARK_", "PYSPARK_")
_KEPT = ("EMBERLAKE_CACHE", "EMBERLAKE_JAVA_HOME", "EMBERLAKE_OFFLINE")


class Stage:
    """Where a bench run works.

    Args:
        work: a folder that is this run's own.
        timeout: seconds after which a child is ended.
    """

    def __init__(self, work: Path, timeout: float) -> None:
        self.work, self.timeout = work, timeout
        # What lives as long as the run: servers, mostly.
        self.stack = ExitStack()
        self.env = {k: v for k, v in os.environ.items() if k in _KEPT or not k.startswith(_STRAY)}

    def run(self, *command: str, env: dict[str, str] | None = None) -> Sample:
        """Run a command from the repository's folder, measured."""
        return measure(command, REPOSITORY, self.env | (env or {}), self.timeout)

    def emberlake(self, *arguments: str) -> Sample:
        """Run the command line as a user does."""
        beside = Path(sys.executable).with_name("emberlake")
        command = [str(beside)] if beside.exists() else [sys.executable, "-m", "emberlake.cli"]
        return self.run(*command, *arguments)

    def python(self, module: str, *arguments: str, env: dict[str, str] | None = None) -> Sample:
        """Run one of the bench's own programs."""
        return self.run(sys.executable, "-m", module, *arguments, env=env)

    def spark_env(self) -> dict[str, str]:
        """What a peer on plain Spark is given: a Java that works, and Delta's JARs (BENCH_JARS), fetched before."""
        from emberlake.engine.jars import ensure_jars
        from emberlake.engine.java import find_java

        settings = self.settings(self.work / "peers")
        java = find_java(settings)
        jars = os.pathsep.join(str(path) for path in ensure_jars(settings, java, "spark").paths)
        # The Python of the workers must be the driver's, as it is in a notebook.
        return {"JAVA_HOME": str(java.home), "BENCH_JARS": jars, "PYSPARK_PYTHON": sys.executable,
                "SPARK_LOCAL_IP": "127.0.0.1"}  # fmt: skip

    @staticmethod
    def settings(root: Path, **given: object):  # noqa: ANN205
        """Settings for a root, with the user's own cache."""
        from emberlake.settings import read_settings

        return read_settings(root=root, **given)

    # Data sets
    def shop(self, scale: float) -> Path:
        """The root of the shop of that scale: source files only; made once."""
        root = self.work / "data" / f"shop-{scale:g}"
        if not (root / "landing" / "truth.json").exists():
            self.emberlake("synth", "--root", str(root), "--scale", f"{scale:g}")
        return root

    def rows(self, scale: float) -> int:
        """Rows of the shop in all source tables."""
        return sum(truth_rows(self.shop(scale)).values())

    def root_with_shop(self, root: Path, scale: float) -> Path:
        """A new root that has the shop's source files, as hard links: not a byte is copied."""
        source = self.shop(scale) / "landing"
        root.mkdir(parents=True)
        shutil.copytree(source, root / "landing", copy_function=os.link)
        return root

    def lake(self, scale: float) -> Path:
        """The root of a lakehouse of that scale, bronze to gold; built once."""
        root = self.work / "data" / f"lake-{scale:g}"
        done = root / "state" / "built-for-bench"
        if not done.exists():
            shutil.rmtree(root, ignore_errors=True)
            self.root_with_shop(root, scale)
            self.emberlake("build", "--root", str(root), "--scale", f"{scale:g}", "--from", "bronze", "--to", "gold")
            done.touch()
        return root

    def fresh(self, name: str, number: int) -> Path:
        """A path for one contestant in one round, with nothing there."""
        path = self.work / "runs" / f"{name}-{number}"
        shutil.rmtree(path, ignore_errors=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def forget(self, roots: Iterable[Path]) -> None:
        """Remove what a round made."""
        for root in roots:
            shutil.rmtree(root, ignore_errors=True)


def truth_rows(root: Path) -> dict[str, int]:
    """Rows of each table that the shop says it has."""
    rows = json.loads((root / "landing" / "truth.json").read_text())["rows"]
    return {table: count for table, count in rows.items() if table not in ("truth", "odd_orders")}


def same_rows(ours: dict[str, int], theirs: dict[str, int], what: str) -> None:
    """Refuse a comparison of two that did not come to the same result.

    Raises:
        BenchError: naming what differs.
    """
    differ = [f"{name}: {ours.get(name)} and {theirs.get(name)}" for name in sorted({*ours, *theirs})
              if ours.get(name) != theirs.get(name)]  # fmt: skip
    if differ or not ours:
        raise BenchError(f"{what} do not have the same rows: {', '.join(differ) or 'nothing to compare'}.")


def gold_rows(sample: Sample) -> dict[str, int]:
    """Rows of each gold table, from what `emberlake build --json` said."""
    return next((step["figures"]["rows"] for step in sample.said["steps"] if step["step"] == "gold"), {})


def step_seconds(sample: Sample, names: Sequence[str] = ()) -> float:
    """Seconds of the steps (all, or these), starts of processes and engines not counted."""
    return sum(step["seconds"] for step in sample.said["steps"] if not names or step["step"] in names)
