"""Every Python snippet of the cheat sheet runs, top to bottom, on one session."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from emberlake.school.course import course_folder

SHEET = course_folder() / "PYSPARK_CHEATSHEET.md"
HERE = Path(__file__).parents[2]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def program() -> str:
    """The sheet's Python, each line at its own number: what fails is told by the sheet's line."""
    text = SHEET.read_text(encoding="utf-8")
    lines = [""] * (text.count("\n") + 1)
    for block in BLOCK.finditer(text):
        begin = text[: block.start(1)].count("\n")
        lines[begin : begin + block[1].count("\n")] = block[1].splitlines()
    return "\n".join(lines) + "\n"


def test_the_sheet_imports_functions_under_a_name_and_has_no_dead_fences():
    text = SHEET.read_text(encoding="utf-8")
    assert len(BLOCK.findall(text)) * 2 == len(re.findall(r"^```", text, re.MULTILINE))
    stars = [node for node in ast.walk(ast.parse(program())) if isinstance(node, ast.ImportFrom)]
    assert [each.module for each in stars if each.names[0].name == "*"] == []


@pytest.mark.long
@pytest.mark.timeout(900)
def test_every_snippet_runs(request, tmp_path):
    if request.config.getoption("--engine") != "spark":
        pytest.skip("Spark's own")
    file = tmp_path / "sheet.py"
    file.write_text(program(), encoding="utf-8")
    environment = os.environ | {"EMBERLAKE_COURSE_FOLDER": str(tmp_path / "course"), "PYTHONPATH": str(HERE)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.notebook_child", "1", str(file)],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=800,
    )  # fmt: skip
    assert "RAN sheet 1" in done.stdout, done.stderr[-3000:]
    assert "Exchange" in done.stdout and "R² " in done.stdout
