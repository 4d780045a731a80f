"""A child process tells its parent everything over its own pipe, dies with it, and leaves nobody behind."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from emberlake.errors import LakeError, SchemaDrift
from emberlake.settings import Settings
from emberlake.steps import Event, Step, StepFailed
from emberlake.steps.child import Outcome, run_group

REPOSITORY = Path(__file__).parents[2]
PLAN = "tests.unit.test_cli_child:FAKES"


def _quiet(tools):
    tools.progress("half", 0.5)
    return {"rows": 3}


def _noisy(tools):
    print('{"kind": "finished", "step": "noisy", "figures": {"rows": 666}}', flush=True)
    os.write(2, b"the engine mutters\n" * 1000)
    return {"rows": 1}


def _drifts(tools):
    raise SchemaDrift("Column 'a' is new.", "Say --keep-extra.")


def _crashes(tools):
    raise ZeroDivisionError("by nought\nand a second line")


def _fills_the_disk(tools):
    raise OSError(errno.ENOSPC, "No space left on device", "/data/lake/part-0.parquet")


def _fills_the_disk_deep_down(tools):
    raise RuntimeError("engine: task 7 failed: IO error: No space left on device (os error 28)")


def _is_killed(tools):
    os.kill(os.getpid(), signal.SIGKILL)


def _segfaults(tools):
    os.kill(os.getpid(), signal.SIGSEGV)


def _exits(tools):
    os._exit(7)


def _hungry(tools):
    block = bytearray(os.urandom(1)) * 150_000_000
    time.sleep(0.6)
    return {"bytes": len(block)}


def _leaves_a_grandchild(tools):
    grandchild = subprocess.Popen(["sleep", "300"])
    (tools.settings.root / "grandchild").write_text(str(grandchild.pid))
    return {}


def _hangs(tools):
    (tools.settings.root / "hanging").write_text(str(os.getpid()))
    subprocess.Popen(["sleep", "300"])
    time.sleep(300)


def _lost_by_the_engine(tools):
    tries = tools.settings.root / "tries"
    tries.write_text(tries.read_text() + "x" if tries.exists() else "x")
    if len(tries.read_text()) == 1:
        raise RuntimeError("status = INTERNAL: task context not found for operation")
    return {"tries": len(tries.read_text())}


FAKES = tuple(
    Step(function.__name__.strip("_"), "A fake.", "none", function)
    for function in (
        _quiet,
        _noisy,
        _drifts,
        _crashes,
        _lost_by_the_engine,
        _fills_the_disk,
        _fills_the_disk_deep_down,
        _is_killed,
        _segfaults,
        _exits,
        _hungry,
        _leaves_a_grandchild,
        _hangs,
    )
)


@pytest.fixture
def settings(tmp_path, monkeypatch):
    # The child finds this module from the repository's root.
    monkeypatch.chdir(REPOSITORY)
    root = tmp_path / "a root"
    root.mkdir()
    return Settings(root=root)


def run(settings, *names):
    told: list[Event] = []
    kept: list[Event] = []
    outcome = run_group(settings, None, names, told.append, lambda event, outcome: kept.append(event), plan=PLAN)
    return outcome, told, kept


def gone(pid: int, within: float = 5.0) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


def wait_for(path: Path, within: float = 20.0) -> str:
    deadline = time.monotonic() + within
    while not (path.exists() and path.read_text()):
        assert time.monotonic() < deadline, f"{path} did not appear"
        time.sleep(0.05)
    return path.read_text()


def test_events_come_in_order_with_the_figures(settings):
    outcome, told, kept = run(settings, "quiet", "noisy")
    assert [(event.kind, event.step) for event in told] == [
        ("started", "quiet"), ("progress", "quiet"), ("finished", "quiet"), ("started", "noisy"), ("finished", "noisy"),
    ]  # fmt: skip
    assert [event.figures for event in kept] == [{"rows": 3}, {"rows": 1}]
    assert told[1].doing == "half" and told[1].fraction == 0.5


def test_what_a_step_prints_goes_to_the_log_and_is_not_taken_for_news(settings, capfd):
    outcome, told, kept = run(settings, "noisy")
    assert "the engine mutters" in outcome.log.read_text()
    assert kept[0].figures == {"rows": 1}
    assert capfd.readouterr() == ("", "")


def test_an_error_of_ours_comes_back_as_the_same_type(settings):
    with pytest.raises(SchemaDrift) as caught:
        run(settings, "drifts")
    assert caught.value.problem == "Column 'a' is new."
    assert caught.value.hint == "Say --keep-extra."
    assert "_drifts" in caught.value.story


def test_any_other_error_is_one_sentence_with_the_logs_path(settings):
    with pytest.raises(StepFailed) as caught:
        run(settings, "crashes")
    assert caught.value.problem == "Step 'crashes' stopped: ZeroDivisionError: by nought"
    log = Path(caught.value.hint.removeprefix("The whole story is in ").removesuffix("."))
    assert "and a second line" in log.read_text()


def test_a_step_that_the_engine_lost_sight_of_goes_on_once(settings):
    _, told, kept = run(settings, "lost_by_the_engine")
    assert kept[0].figures == {"tries": 2}
    assert "the engine lost an operation" in "".join(event.doing for event in told)


@pytest.mark.parametrize("step", ["fills_the_disk", "fills_the_disk_deep_down"])
def test_a_full_disk_is_said_to_be_one(settings, step):
    with pytest.raises(LakeError, match="The disk is full") as caught:
        run(settings, step)
    assert "run the same command to go on" in caught.value.hint


def test_steps_before_a_failure_are_kept(settings):
    kept: list[Event] = []
    with pytest.raises(StepFailed):
        run_group(settings, None, ["quiet", "crashes"], lambda e: None, lambda e, o: kept.append(e), plan=PLAN)
    assert [event.step for event in kept] == ["quiet"]


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ("is_killed", "was ended by SIGKILL (out of memory?"),
        ("segfaults", "SIGSEGV"),
        ("exits", "ended with exit code 7"),
    ],
)
def test_a_child_that_dies_is_an_error_that_names_the_step(settings, step, says):
    with pytest.raises(StepFailed, match=f"Step '{step}'") as caught:
        run(settings, "quiet", step)
    assert says in caught.value.problem


def test_peak_memory_is_that_of_the_step_that_took_it(settings):
    outcome, _, _ = run(settings, "quiet", "hungry")
    assert 150e6 < outcome.peaks["hungry"] < 400e6
    assert outcome.peaks[""] >= outcome.peaks["hungry"]
    assert outcome.peaks.get("quiet", 0) < 150e6


def test_what_a_child_left_running_is_ended_and_does_not_hold_us_up(settings):
    begun = time.monotonic()
    run(settings, "leaves_a_grandchild")
    assert time.monotonic() - begun < 20
    assert gone(int((settings.root / "grandchild").read_text()))


def parent(settings) -> subprocess.Popen[str]:
    """A process that runs the hanging step in a child of its own."""
    program = f"""
        from pathlib import Path
        from emberlake.settings import Settings
        from emberlake.steps.child import run_group
        run_group(Settings(root=Path({str(settings.root)!r})), None, ["hangs"], lambda e: None, plan={PLAN!r})
    """
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_orphan_survives_its_parent(settings, how):
    process = parent(settings)
    child = int(wait_for(settings.root / "hanging"))
    family = [child, *(each.pid for each in psutil.Process(child).children())]
    process.send_signal(how)
    process.wait(timeout=20)
    assert [pid for pid in family if not gone(pid)] == []
    assert process.returncode != 0


def test_the_lock_is_held_until_the_child_is_gone_too(settings):
    read, write = os.pipe()
    outcome = Outcome(None, settings.logs)
    assert outcome.peaks == {}
    run_group(settings, None, ["quiet"], lambda e: None, keep_open=(write,), plan=PLAN)
    # We still hold `write`; the child's copy is gone with it.
    os.close(write)
    assert os.read(read, 1) == b""
    os.close(read)
