"""The workshop runs: on classic Spark, alone and twice in a row; on Spark Connect behind what Free Edition refuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from emberlake.engine.jars import ensure_jars
from emberlake.engine.java import find_java
from emberlake.school.course import course_folder
from emberlake.school.workshop import tpch_folder
from emberlake.settings import read_settings

HERE = Path(__file__).parents[2]
NOTEBOOKS = sorted(path.stem for path in (course_folder() / "workshop").glob("*.py"))
# What each attempt must be told; `rdd` and `sparkContext` are refused by Spark Connect itself.
REFUSED = {
    "cache": "cache and persist", "persist": "cache and persist", "cache_table": "cache and persist",
    "cache_sql": "cache and persist", "rdd": "rdd", "sparkContext": "sparkContext", "global_view": "global",
    "setting": "spark.sql.adaptive.enabled", "setting_sql": "autoBroadcastJoinThreshold",
    "write_elsewhere": "in no volume", "write_dbfs": "in no volume", "write_beside_the_volume": "in no volume",
    "table_elsewhere": "in no volume", "no_trigger": "by default", "processing_time": "processing_time",
    "once": "once", "continuous": "continuous", "real_time": "real_time", "console": "sink console",
    "memory": "sink memory", "stream_elsewhere": "a stream is", "checkpoint_elsewhere": "a checkpoint is",
    "rate": "rate", "model_elsewhere": "in no volume",
}  # fmt: skip


# Of the module, and asked for by what is made once: else that would be made before it is known that nobody needs it.
@pytest.fixture(scope="module", autouse=True)
def spark_only(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--engine") != "spark":
        pytest.skip("the workshop is about Spark")


@pytest.fixture(scope="module")
def free_edition(spark_only: None, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What came of each attempt and each notebook, in order, in one session behind the guard.

    Made once for all of pytest's workers: a Connect server of a session has one port, and it takes minutes.
    """
    base = tmp_path_factory.getbasetemp()
    kept = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "free-edition.json"
    with FileLock(f"{kept}.lock"):
        if not kept.exists():
            kept.write_text(json.dumps(_told(tmp_path_factory.mktemp("free"))))
    return dict(json.loads(kept.read_text()))


def _told(folder: Path) -> dict[str, dict[str, Any]]:
    settings = read_settings(root=folder / "root", course_folder=folder / "course")
    tpch = tpch_folder(settings, settings)
    java = find_java(settings)
    jars = os.pathsep.join(map(str, ensure_jars(settings, java, "spark").paths))
    environment = os.environ | {
        "JAVA_HOME": str(java.home), "SPARK_LOCAL_IP": "127.0.0.1", "PYTHONPATH": str(HERE),
        "WORKSHOP_VOLUME": str(folder / "Volumes" / "workspace" / "default" / "workshop"),
        "MLFLOW_TRACKING_URI": f"sqlite:///{folder}/mlflow.db", "PYSPARK_PYTHON": sys.executable,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "tests.free_edition_child", str(folder), str(tpch), jars],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=550,
    )  # fmt: skip
    told = [json.loads(line[5:]) for line in done.stdout.splitlines() if line.startswith("TOLD ")]
    assert told, done.stderr[-3000:]
    return {each["name"]: each for each in told}


def test_everything_that_is_tried_is_expected(free_edition):
    assert set(free_edition) == {*REFUSED, "allowed", *NOTEBOOKS}


@pytest.mark.parametrize("name", REFUSED)
def test_the_guard_refuses_what_free_edition_refuses(free_edition, name):
    told = free_edition[name]
    assert told["error"] in ("Refused", "PySparkAttributeError", "PySparkNotImplementedError"), told
    assert REFUSED[name] in told["said"]


def test_the_guard_lets_pass_what_free_edition_can_do(free_edition):
    assert free_edition["allowed"]["error"] == "", free_edition["allowed"]["said"]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_behind_the_guard(free_edition, name):
    assert free_edition[name]["error"] == "", free_edition[name]["said"]


@pytest.mark.parametrize(
    "name", [NOTEBOOKS[0], *(pytest.param(each, marks=pytest.mark.long) for each in NOTEBOOKS[1:])]
)
def test_a_notebook_runs_alone_from_a_fresh_process_and_twice_in_a_row(name, tmp_path):
    environment = os.environ | {
        "EMBERLAKE_COURSE_FOLDER": str(tmp_path / "course"), "EMBERLAKE_ROOT": str(tmp_path / "root"),
        "PYTHONPATH": str(HERE),
    }  # fmt: skip
    environment.pop("MLFLOW_TRACKING_URI", None)
    done = subprocess.run(
        [sys.executable, "-m", "tests.notebook_child", "2", str(course_folder() / "workshop" / f"{name}.py")],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=550,
    )  # fmt: skip
    assert f"RAN {name} 2" in done.stdout, done.stderr[-3000:]
    # Nothing is written beside the folder that it was told.
    assert sorted(path.name for path in tmp_path.iterdir()) == ["course"]
