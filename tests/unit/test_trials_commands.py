"""The trial commands: one sentence for what is wrong, and nothing written by asking."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from typer.testing import CliRunner

from emberlake.cli.app import app
from emberlake.settings import Settings
from emberlake.trials import Diary, Trial

RUN = CliRunner()


def emberlake(root, *arguments):
    return RUN.invoke(app, ["trial", *arguments, "--root", str(root)])


@pytest.mark.parametrize(
    ("arguments", "code", "problem"),
    [
        (["plan", "x", "--metric", "convertion"], 1, "There is no metric 'convertion'. "),
        (["plan", "x", "--effect", "much"], 2, "--effect is 'much'"),
        (["plan", "x", "--from", "soon"], 2, "--from is 'soon'"),
        (["plan", "x", "--variant", "control"], 2, "--variant is 'control'"),
        (["plan", "x", "--variant", "control=50", "--variant", "control=50"], 2, "--variant is 'control=50'"),
        (["plan", "x", "--variant", "control=50", "--variant", "b=40"], 1, "The shares sum to 0.9"),
        (["plan", "x", "--assign", "coin"], 2, "--assign is 'coin'"),
        (["plan", "x", "--assign", "file"], 1, "assigns its users by a file"),
        (["plan", "X!"], 1, "A trial cannot be called 'X!'"),
        (["plan", "x", "--days", "0"], 1, "A trial of 0 days"),
        (["plan", "x"], 1, "There is no lakehouse in"),
        (["start", "x"], 1, "There is no trial 'x'"),
        (["start", "x", "--from", "2025-13-01"], 2, "--from is '2025-13-01'"),
        (["expose", "x"], 1, "There is no trial 'x'"),
        (["read", "x"], 1, "There is no trial 'x'"),
        (["stop", "x"], 1, "There is no trial 'x'"),
    ],
)
def test_a_failure_is_one_sentence_and_a_code(tmp_path, arguments, code, problem):
    result = emberlake(tmp_path / "root", *arguments)
    assert result.exit_code == code
    assert result.stderr.startswith("Error: ") and problem.strip() in " ".join(result.stderr.split())
    assert result.stdout == "" and not (tmp_path / "root").exists()


def test_start_stop_and_list(tmp_path):
    settings = Settings(root=tmp_path)
    trial = Trial("checkout", "conversion", 0.05, dt.date(2025, 9, 1), 14)
    Diary(settings).add("checkout", "planned", trial.to_dict())
    assert "from 2025-09-01 to before 2025-09-15" in emberlake(tmp_path, "start", "checkout").stdout
    assert "started before" in emberlake(tmp_path, "start", "checkout").stderr
    assert "2025-09-10 and later do not count" in emberlake(tmp_path, "stop", "checkout", "--on", "2025-09-10").stdout
    assert "stopped before" in emberlake(tmp_path, "stop", "checkout").stderr
    [row] = json.loads(emberlake(tmp_path, "list", "--json").stdout)
    assert (row["state"], row["until"], row["plan"]["days"]) == ("stopped", "2025-09-10", 14)
    assert "control 50%, treatment 50%" in emberlake(tmp_path, "list").stdout


def test_no_trials_yet(tmp_path):
    assert "none" in emberlake(tmp_path / "root", "list").stdout
    assert json.loads(emberlake(tmp_path / "root", "list", "--json").stdout) == []
