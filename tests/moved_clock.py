"""A wall clock that a test moves under other processes, Python and JVM alike."""

from __future__ import annotations

import mmap
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_name("clock.c")


class MovedClock:
    """What is started with `environment` sees the clock moved by as many seconds as was said last.

    Skips the test where there is no compiler.
    """

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None:
            pytest.skip("no C compiler: no clock can be moved under a JVM")
        library, file = folder / "clock.so", folder / "clock"
        line = [compiler, "-O2", "-shared", "-fPIC", "-o", str(library), str(SOURCE), "-ldl", "-lpthread"]
        subprocess.run(line, check=True, capture_output=True)
        file.write_bytes(bytes(8))
        with file.open("r+b") as opened:
            self._page = mmap.mmap(opened.fileno(), 8)
        self.environment = {"LD_PRELOAD": str(library), "EMBERLAKE_TEST_CLOCK": str(file)}

    def move(self, hours: float) -> None:
        """Away from the true time, not from where it was."""
        self._page[:] = struct.pack("q", round(hours * 3600))
