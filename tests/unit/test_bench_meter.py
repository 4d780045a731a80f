"""A child process is measured with its descendants, and ended when it is late or fails."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest
from bench.meter import BenchError, measure, read_answer

HERE = Path(__file__).parents[2]


def python(code, timeout=60.0):
    return measure([sys.executable, "-c", code], HERE, dict(os.environ), timeout)


def test_wall_and_cpu_are_told_apart():
    asleep = python("import time; time.sleep(1)")
    busy = python("import time\nend = time.process_time() + 1\nwhile time.process_time() < end: pass")
    assert asleep.seconds >= 1 and asleep.cpu < 0.8
    assert busy.cpu >= 1


def test_the_cpu_and_memory_of_a_grandchild_count():
    # Every page is touched, or it would take no memory.
    work = (
        "import time; b = bytearray(300_000_000); b[::4096] = b'x' * len(b[::4096])\\nend = time.process_time() + 1"
        "\\nwhile time.process_time() < end: pass\\ntime.sleep(1)"
    )
    sample = python(f"import subprocess, sys; subprocess.run([sys.executable, '-c', '''{work}'''], check=True)")
    assert sample.cpu >= 1
    assert sample.peak > 300_000_000


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody adopts orphans")
def test_the_cpu_of_a_grandchild_that_nobody_waits_for_counts(tmp_path):
    mark = tmp_path / "done"
    burn = "end = time.process_time() + 1\nwhile time.process_time() < end: pass"
    work = f"import time\n{burn}\nopen({str(mark)!r}, 'w')\ntime.sleep(60)"
    leave = f"while not os.path.exists({str(mark)!r}): time.sleep(0.05)"
    sample = python(f"import os, subprocess, sys, time\nsubprocess.Popen([sys.executable, '-c', {work!r}])\n{leave}")
    assert sample.cpu >= 1
    assert sample.seconds < 50


def test_what_it_prints_is_its_answer():
    assert python("print('talk'); print('{\"rows\": 3}')").said == {"rows": 3}


@pytest.mark.parametrize(
    ("text", "answer"), [('{\n "a": 1\n}', {"a": 1}), ("[1]", {"answer": [1]}), ("no json", {}), ("", {})]
)
def test_an_answer_is_all_of_the_output_or_its_last_line(text, answer):
    assert read_answer(text) == answer


def test_a_child_that_fails_is_an_error_with_its_last_words():
    with pytest.raises(BenchError, match="ended with 1: .*no such luck"):
        python("raise SystemExit('no such luck')")


def test_a_child_that_takes_too_long_is_ended_with_its_descendants(tmp_path):
    mark = tmp_path / "still-there"
    inner = f"import time; time.sleep(3); open({str(mark)!r}, 'w')"
    begun = time.monotonic()
    with pytest.raises(BenchError, match="took longer than 1 s"):
        python(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])", timeout=1)
    assert time.monotonic() - begun < 3
    time.sleep(2.5)
    assert not mark.exists()
