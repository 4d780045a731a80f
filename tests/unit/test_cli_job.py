"""The main job resumes where work is left, holds its root alone, and keeps what it did."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from emberlake.errors import LakeBusy, SettingsError
from emberlake.settings import Settings
from emberlake.steps import Step, StepFailed, build, choose, claim_root, holdings, up
from emberlake.steps.plan import group
from emberlake.steps.record import read_runs

REPOSITORY = Path(__file__).parents[2]
PLAN = "tests.unit.test_cli_job:FAKES"


def _note(tools, name):
    with (tools.settings.root / "state" / "ran").open("a") as ran:
        ran.write(f"{name}\n")
    return {"name": name}


def _first(tools):
    return _note(tools, "first")


def _second(tools):
    if (tools.settings.root / "state" / "fail").exists():
        raise ValueError("as told")
    return _note(tools, "second")


def _slow(tools):
    (tools.settings.root / "state" / "slow").write_text(str(os.getpid()))
    time.sleep(60)


FAKES = (Step("first", "A fake.", "none", _first), Step("second", "A fake.", "none", _second))
SLOW = (Step("slow", "A fake.", "none", _slow),)


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.chdir(REPOSITORY)
    return Settings(root=tmp_path / "root")


def ran(settings) -> list[str]:
    path = settings.state / "ran"
    return path.read_text().split() if path.exists() else []


def go_up(settings):
    return up(settings, lambda event: None, steps=FAKES, plan=PLAN)


def test_a_second_up_starts_nothing(settings):
    first = go_up(settings)
    logs = list(settings.logs.iterdir())
    second = go_up(settings)
    assert [step.name for step in first.did] == ["first", "second"]
    assert second.did == []
    assert ran(settings) == ["first", "second"]
    assert list(settings.logs.iterdir()) == logs


def test_up_goes_on_at_the_step_that_failed(settings):
    settings.state.mkdir(parents=True)
    (settings.state / "fail").touch()
    with pytest.raises(StepFailed, match="as told"):
        go_up(settings)
    assert set(read_runs(settings)) == {"first"}
    (settings.state / "fail").unlink()
    run = go_up(settings)
    assert run.why == {"second": "has not run yet"}
    assert ran(settings) == ["first", "second"]


def test_what_comes_after_a_step_with_work_runs_too(settings):
    go_up(settings)
    build(settings, [], lambda event: None)
    record = settings.state / "steps.json"
    record.write_text(record.read_text().replace('"first": {', '"other": {'))
    assert go_up(settings).why == {"first": "has not run yet", "second": "after first"}


def test_a_damaged_record_only_costs_time(settings):
    go_up(settings)
    (settings.state / "steps.json").write_text('{"first": ')
    assert [step.name for step in go_up(settings).did] == ["first", "second"]


def test_build_runs_what_it_is_asked_for(settings):
    go_up(settings)
    build(settings, choose("second", steps=FAKES), lambda event: None, plan=PLAN)
    assert ran(settings) == ["first", "second", "second"]


def test_the_record_says_what_a_step_took(settings):
    run = go_up(settings)
    kept = read_runs(settings)
    assert kept["first"].figures == {"name": "first"}
    assert 0 <= kept["first"].seconds < 5
    assert run.peak > 10e6
    assert Path(kept["first"].log).exists()


def slow_build(settings, *, wait=False) -> subprocess.Popen[str]:
    program = f"""
        from pathlib import Path
        from emberlake.settings import Settings
        from emberlake.steps import build
        from tests.unit.test_cli_job import SLOW
        build(Settings(root=Path({str(settings.root)!r})), SLOW, lambda e: None, plan="tests.unit.test_cli_job:SLOW")
    """
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], stderr=subprocess.DEVNULL, text=True)
    deadline = time.monotonic() + 20
    while not (settings.state / "slow").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return process


def test_a_second_build_refuses_with_the_holders_pid(settings):
    other = slow_build(settings)
    with pytest.raises(LakeBusy, match=rf"Another build of .* is running \(pid {other.pid}, since"):
        go_up(settings)
    other.kill()
    other.wait()


def test_a_killed_build_blocks_nobody_and_a_waiting_one_starts_when_its_child_is_gone(settings):
    other = slow_build(settings)
    child = int((settings.state / "slow").read_text())
    # The child is stopped: it cannot go down with its parent, and goes on to hold the lock.
    os.kill(child, signal.SIGSTOP)
    other.kill()
    other.wait()
    with pytest.raises(LakeBusy):
        go_up(settings)
    os.kill(child, signal.SIGCONT)
    waited: list[str] = []
    run = up(settings, lambda e: waited.append(e.kind), wait=True, steps=FAKES, plan=PLAN)
    assert [step.name for step in run.did] == ["first", "second"]


def test_two_roots_do_not_wait_for_each_other(settings, tmp_path):
    other = slow_build(settings)
    assert go_up(Settings(root=tmp_path / "another")).did
    other.kill()
    other.wait()


def test_steps_are_chosen_by_name():
    assert [step.name for step in choose("silver", "gold")] == ["silver", "gold"]
    assert "data" not in [step.name for step in choose(skip=["data"])]


@pytest.mark.parametrize(
    ("given", "problem", "hint"),
    [
        ({"first": "sliver"}, "There is no step 'sliver'.", "Did you mean 'silver'?"),
        ({"first": "gold", "last": "bronze"}, "No step is left to run.", "The order is: data, bronze"),
        ({"first": "gold", "last": "gold", "skip": ["gold"]}, "No step is left to run.", ""),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused(given, problem, hint):
    with pytest.raises(SettingsError) as caught:
        choose(**given)
    assert caught.value.problem == problem
    assert hint in caught.value.hint


def steps_of(*kinds):
    return [Step(f"{number}", "", kind, _first) for number, kind in enumerate(kinds)]


@pytest.mark.parametrize(
    ("kinds", "engine", "groups"),
    [
        (("none", "lake", "lake", "none"), "auto", [("sail", 4)]),
        (("none", "lake", "spark", "none", "lake"), "auto", [("sail", 2), ("spark", 2), ("sail", 1)]),
        (("lake", "spark"), "spark", [("spark", 2)]),
        (("none", "none"), "auto", [(None, 2)]),
    ],
)
def test_steps_of_one_engine_share_a_process(kinds, engine, groups, tmp_path):
    made = group(steps_of(*kinds), Settings(root=tmp_path, engine=engine))
    assert [(kind, len(members)) for kind, members in made] == groups


def test_a_folder_of_somebody_elses_is_not_taken_as_root(tmp_path):
    (tmp_path / "thesis.doc").write_text("years of work")
    with pytest.raises(SettingsError, match=r"holds 'thesis.doc', which Emberlake did not write"):
        claim_root(Settings(root=tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.doc"]


def test_a_root_without_the_mark_is_not_counted_as_ours(tmp_path):
    (tmp_path / "lake").mkdir()
    with pytest.raises(SettingsError, match="does not bear Emberlake's mark"):
        holdings(Settings(root=tmp_path))


def test_holdings_measure_what_is_there(settings):
    claim_root(settings)
    settings.lake.mkdir()
    (settings.lake / "a").write_bytes(b"12345")
    assert [(h.name, h.files, h.bytes) for h in holdings(settings)] == [("lake", 1, 5)]
