"""`emberlake up`, end to end on each engine: the summary adds up, and a second one starts nothing."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.crash.builds import Build, settings_at
from tests.lake_tools import Contents, differences

from emberlake.engine.machine import driver_heap
from emberlake.tables import SOURCES

# On Spark the whole job is some three minutes on a quiet machine, and many more on a busy one.
# There what is built is compared with a cluster's in test_lake_engines.py.
pytestmark = [pytest.mark.timeout(1800), pytest.mark.long("spark")]

SCALE = 0.02
# Models and graphs are made in tests of their own.
UP = ("up", *(f"--skip={step}" for step in ("graphs", "models", "live")), "--scale", str(SCALE))


def emberlake(root: Path, *arguments: str, **more) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "emberlake.cli", *arguments, "--root", str(root)],
        capture_output=True, text=True, timeout=1500, **more,
    )  # fmt: skip


def done(root: Path, *arguments: str) -> dict:
    result = emberlake(root, *arguments, "--json")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def rows_made(root: Path) -> int:
    """Rows in the files that the lake takes in; the truth beside them is not one of its sources."""
    rows = json.loads((root / "landing" / "truth.json").read_text())["rows"]
    return sum(count for table, count in rows.items() if table in SOURCES)


@pytest.fixture(scope="module")
def built(request, tmp_path_factory):
    """A small shop, built by the engine under test, and what `up` said."""
    engine = request.config.getoption("--engine")
    root = tmp_path_factory.mktemp("up") / "a root with blanks"
    return SimpleNamespace(root=root, engine=engine, said=done(root, *UP, "--engine", engine))


def test_every_step_ran_in_order(built):
    assert built.said["did"] == ["data", "bronze", "silver", "gold", "reports", "catalog"]
    assert built.said["engine"].startswith(built.engine)


def test_the_rows_add_up_and_are_those_that_the_shop_made(built):
    loads = built.said["loads"]
    assert loads["read"] == rows_made(built.root)
    assert loads["read"] == loads["accepted"] + loads["deleted"] + loads["refused"]
    assert loads["refused"] == sum(built.said["refused_by_rule"].values()) > 0


@pytest.mark.only("spark")
def test_spark_builds_the_tables_that_the_embedded_engine_builds(built, tmp_path):
    shutil.copytree(built.root / "landing", tmp_path / "landing")
    embedded = Build(settings_at(tmp_path, SCALE))
    embedded.finish()
    assert differences(Contents.of(settings_at(built.root, SCALE)), Contents.of(embedded.settings)) == []


def test_tables_are_counted_in_every_layer(built):
    tables = built.said["tables"]
    assert tables["silver"]["orders"] > 500
    assert tables["gold"]["daily_sales"] > 100
    assert sum(tables["quarantine"].values()) == built.said["loads"]["refused"]


def test_five_headline_figures_agree_with_the_reports(built):
    figures = {figure["title"]: figure["value"] for figure in built.said["headlines"]}
    assert len(figures) == 5
    with (built.root / "reports" / "revenue_by_month.csv").open() as file:
        months = list(csv.DictReader(file))
    assert figures["revenue"] == pytest.approx(sum(float(month["revenue"]) for month in months), abs=0.01)
    assert figures["orders"] == sum(int(month["orders"]) for month in months)
    assert 0 < figures["customers who came back"] < 1
    assert 0 < figures["visits that bought"] < 1


def test_every_report_is_there_or_says_why_not(built):
    listed = done(built.root, "report", "--list")
    written = {path.stem for path in (built.root / "reports").glob("*.csv")}
    refused = {row["name"] for row in listed if row["why_not"]}
    assert written | refused == {row["name"] for row in listed}
    assert written & refused == set()
    assert {name.split("_")[0] for name in refused} == {"tpch"}


def test_memory_and_seconds_are_measured(built):
    assert all(step["seconds"] >= 0 for step in built.said["steps"])
    # A JVM fills the heap that it may have before it tidies up, and holds a quarter beside it; Python workers come on
    # top, each with the pages that it shares with the others.
    heap = int(driver_heap().removesuffix("m")) * 2**20
    assert 100e6 < built.said["peak_bytes"] < (4e9 if built.engine == "sail" else 2 * heap)
    assert {step["name"] for step in built.said["steps"]} == set(built.said["did"])


def test_a_second_up_starts_nothing_and_says_the_same(built):
    logs = sorted((built.root / "logs").iterdir())
    again = done(built.root, *UP, "--engine", built.engine)
    assert again["did"] == []
    assert again["seconds"] < 30
    assert sorted((built.root / "logs").iterdir()) == logs
    same = ("loads", "refused_by_rule", "tables", "headlines")
    assert {key: again[key] for key in same} == {key: built.said[key] for key in same}


def test_a_report_answers_in_every_form(built, tmp_path):
    rows = done(built.root, "report", "revenue_by_month", "--engine", built.engine)["rows"]
    as_csv = emberlake(built.root, "report", "revenue_by_month", "--csv", "--engine", built.engine)
    assert len(rows) == 24 and len(as_csv.stdout.strip().splitlines()) == 25
    page, picture = tmp_path / "a.html", tmp_path / "a.png"
    shown = emberlake(
        built.root, "report", "funnel", "--plot", str(page), "--png", str(picture), "--engine", built.engine
    )
    assert shown.returncode == 0, shown.stderr
    assert "<html" in page.read_text()[:500]
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_loads_are_listed_file_by_file(built):
    loads = done(built.root, "lake", "loads")
    assert all(load["read"] == load["accepted"] + load["deleted"] + load["refused"] for load in loads)
    assert {load["source"] for load in loads} >= {"orders", "users", "events"}


def test_one_step_can_run_alone(built):
    alone = done(built.root, "build", "--from", "catalog", "--to", "catalog", "--engine", built.engine)
    assert [step["step"] for step in alone["steps"]] == ["catalog"]
    dictionary = json.loads((built.root / "reports" / "catalog.json").read_text())
    orders = next(entry for entry in dictionary if entry["table"] == "silver.orders")
    assert orders["rows"] == built.said["tables"]["silver"]["orders"]
