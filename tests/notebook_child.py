"""Runs percent files from top to bottom, as a fresh kernel would: python -m tests.notebook_child TIMES FILE…"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any


def run(path: Path, names: dict[str, Any] | None = None) -> dict[str, Any]:
    """Run one percent file; cells are comments to Python, so that the file is a program."""
    held = {"__name__": "__main__", "__file__": str(path), **(names or {})}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), held)
    return held


def main() -> None:
    times, *files = sys.argv[1:]
    for file in map(Path, files):
        for turn in range(int(times)):
            begun = time.perf_counter()
            run(file)
            print(f"RAN {file.stem} {turn + 1} in {time.perf_counter() - begun:.1f} s", flush=True)


if __name__ == "__main__":
    main()
