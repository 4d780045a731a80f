"""The small lakes that answers are checked on: one of the learner's own seed, one of another seed and size.

They are built like any other shop, on the embedded engine, in a process of their own:
python -m emberlake.school.shops ROOT SEED SCALE
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from emberlake.errors import CourseError
from emberlake.progress import Progress, silent
from emberlake.settings import Settings, read_settings

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from emberlake.lake import Lake

# Large enough that each case of an exercise is there (users without orders, ties, nulls), small enough for a second.
SCALE, OTHER_SCALE = 0.1, 0.05


@dataclass(frozen=True)
class Shop:
    """A small lake that can be made again at any time."""

    root: Path
    seed: int
    scale: float

    @property
    def settings(self) -> Settings:
        """Its settings: everything of it lies under its own root."""
        return read_settings(root=self.root, seed=self.seed, scale=self.scale)

    @property
    def _stamp(self) -> Path:
        return self.root / "as-made.txt"

    @property
    def _copy(self) -> Path:
        return self.root / "as-made.tar"

    def whole(self) -> bool:
        """Whether its tables are as they were made."""
        try:
            return self._stamp.read_text() == self.fingerprint()
        except OSError:
            return False

    def fingerprint(self) -> str:
        """Names, sizes and times of all files of its tables, as one short text."""
        found = hashlib.sha256(f"{self.seed} {self.scale}".encode())
        for folder, folders, names in os.walk(self.root / "lake"):
            folders.sort()
            for name in sorted(names):
                stat = os.stat(os.path.join(folder, name))
                place = os.path.relpath(folder, self.root)
                found.update(f"{place}/{name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
        return found.hexdigest()

    def ensure(self, progress: Progress = silent) -> None:
        """Make it, or put it back as it was made; does nothing where it is whole.

        Raises:
            CourseError: if it cannot be made.
        """
        if self.whole():
            return
        self.root.mkdir(parents=True, exist_ok=True)
        with FileLock(self.root.parent / f"{self.root.name}.lock"):
            if self.whole() or self._put_back():
                return
            progress("making a small shop", 0.1)
            for each in self.root.iterdir():
                shutil.rmtree(each) if each.is_dir() else each.unlink()
            self._build()
            self._stamp.write_text(self.fingerprint())
            with tarfile.open(self._copy, "w") as copy:
                copy.add(self.root / "lake", "lake")

    def _put_back(self) -> bool:
        try:
            with tarfile.open(self._copy) as copy:
                shutil.rmtree(self.root / "lake", ignore_errors=True)
                copy.extractall(self.root, filter="data")
        except (OSError, tarfile.TarError):
            return False
        return self._stamp.exists() and self._restamped()

    def _restamped(self) -> bool:
        # A tar keeps whole seconds; the files themselves are the same.
        self._stamp.write_text(self.fingerprint())
        return True

    def _build(self) -> None:
        words = [sys.executable, "-m", "emberlake.school.shops", str(self.root), str(self.seed), str(self.scale)]
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise CourseError(f"The course's small shop could not be made: {said}", f"It would lie in {self.root}.")


def shops(state: Path, seed: int) -> tuple[Shop, Shop]:
    """The learner's shop, and the one that shows whether an answer holds for others, too."""
    return Shop(state / "shop", seed, SCALE), Shop(state / "another-shop", seed + 1, OTHER_SCALE)


class Tables:
    """What an exercise gets as `lake`: tables to read, and a folder to write to.

    Args:
        lake: a lake with a session.
        room: a folder that is emptied before each check.
    """

    def __init__(self, lake: Lake, room: Path) -> None:
        self._lake, self._room = lake, room

    def read(self, name: str) -> DataFrame:
        """A table as a DataFrame: `lake.read("silver.orders")`."""
        return self._lake.read(name)

    def path(self, name: str) -> str:
        """The folder of a table."""
        return self._lake.engine_path(name)

    def scratch(self, name: str) -> str:
        """A folder that may be written to; it is gone at the next check."""
        self._room.mkdir(parents=True, exist_ok=True)
        return str(self._room / name)

    def slices(self, frame: DataFrame, name: str, by: str, days: int) -> str:
        """A scratch folder with the frame's rows as JSON files, one for so many days of `by`, the oldest first."""
        from emberlake.school.slices import write_slices

        return write_slices(frame, Path(self.scratch(name)), by, days)


def build(settings: Settings) -> None:
    """Make a shop's lake up to gold on the embedded engine."""
    from emberlake import lake as rooms
    from emberlake.engine import open_engine
    from emberlake.synth import write_shop

    write_shop(settings, silent)
    with open_engine(settings, "sail", short=True) as engine, rooms.Lake(engine.session, settings) as lake:
        rooms.ingest(lake, silent)
        rooms.refine(lake, silent)
        rooms.build_gold(lake, silent)


if __name__ == "__main__":
    build(Shop(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])).settings)
    # The engine's own threads may outlive the session.
    os._exit(0)
