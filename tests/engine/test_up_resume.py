"""A build that was stopped goes on; a shop with its own files gets what they allow."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.engine.test_up_summary import UP, done, emberlake, rows_made

from emberlake.settings import Settings
from emberlake.steps.record import read_runs

# The steps' own conduct: how they stop, resume and find new files is the same on every engine.
pytestmark = pytest.mark.once

LOG = """Customer;Date;Total
C-1;31.12.2025;"1.299,00"
C-2;01.01.2026;5,50
C-1;02.01.2026;7,00
C-3;03.01.2026;abc
"""


@pytest.fixture
def engine_name(request):
    return request.config.getoption("--engine")


def start(root: Path, engine: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "emberlake.cli", *UP, "--engine", engine, "--root", str(root)],
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, start_new_session=True,
    )  # fmt: skip


def wait_for_step(root: Path, step: str, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 240
    while step not in read_runs(Settings(root=root)):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("how", [signal.SIGKILL, pytest.param(signal.SIGINT, marks=pytest.mark.long)])
def test_a_stopped_build_goes_on_and_ends_as_an_undisturbed_one(tmp_path, engine_name, how):
    root = tmp_path / "root"
    process = start(root, engine_name)
    wait_for_step(root, "bronze", process)
    process.send_signal(how)
    _, said = process.communicate(timeout=60)
    if how is signal.SIGINT:
        assert process.returncode == 130
        assert "Stopped; run the same command to go on." in said
    resumed = done(root, *UP, "--engine", engine_name)
    assert "bronze" not in resumed["did"] and "silver" in resumed["did"]
    assert resumed["loads"]["read"] == rows_made(root)
    assert resumed["loads"]["read"] == resumed["loads"]["accepted"] + resumed["loads"]["refused"]


def test_an_order_log_is_enough_and_new_files_are_taken(tmp_path, engine_name):
    root, folder = tmp_path / "root", tmp_path / "ex ports"
    folder.mkdir()
    (folder / "2025.csv").write_text(LOG)
    taken = done(root, "import", str(folder / "*.csv"), "--as", "orders")
    assert taken["saved"] is True and taken["unread_rows"] == 1
    first = done(root, *UP, "--engine", engine_name)
    assert not (root / "landing").exists()
    orders = [load for load in done(root, "lake", "loads") if load["source"] == "orders"]
    assert [(load["read"], load["accepted"], load["refused"]) for load in orders] == [(4, 3, 1)]
    assert {figure["title"]: figure["value"] for figure in first["headlines"]}["revenue"] == 1311.5
    (folder / "2026.csv").write_text("Customer;Date;Total\nC-2;04.01.2026;10,00\n")
    second = done(root, *UP, "--engine", engine_name)
    assert second["did"][0] == "bronze"
    assert {figure["title"]: figure["value"] for figure in second["headlines"]}["revenue"] == 1321.5
    why = {row["name"]: row["why_not"] for row in done(root, "report", "--list")}
    assert why["revenue_by_month"] is None
    assert why["funnel"] and "events" in why["funnel"]
    asked = emberlake(root, "report", "funnel", "--engine", engine_name)
    assert asked.returncode == 1
    assert "Report 'funnel' cannot be answered from this data." in asked.stderr


def test_a_file_taken_twice_changes_nothing(tmp_path, engine_name):
    root = tmp_path / "root"
    (tmp_path / "a.csv").write_text(LOG)
    done(root, "import", str(tmp_path / "*.csv"), "--as", "orders")
    before = done(root, *UP, "--engine", engine_name)
    shutil.copy(tmp_path / "a.csv", tmp_path / "b.csv")
    os.utime(tmp_path / "a.csv")
    after = done(root, *UP, "--engine", engine_name)
    same = ("loads", "tables", "headlines")
    assert {key: after[key] for key in same} == {key: before[key] for key in same}
