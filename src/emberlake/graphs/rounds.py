"""Rounds of an iterative program: each one's rows are written and read back, so that plans do not grow.

A DataFrame is a recipe: the tenth round of a loop holds the nine before it, and the engine would plan, and run, all
of them again. Neither `cache` nor a checkpoint of the engine's own does everywhere what it does on classic Spark; a
file does (docs/decisions/0100).
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from emberlake.engine import plain_path
from emberlake.errors import GraphError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


@dataclass(frozen=True)
class Round:
    """How far an algorithm is.

    Attributes:
        work: which one: "pagerank".
        number: rounds done, from 1.
        change: what this round still changed, in the algorithm's own measure.
        wanted: it ends when the change is this or less.
    """

    work: str
    number: int
    change: float
    wanted: float

    @property
    def converged(self) -> bool:
        """Whether this was the last round that was needed."""
        return self.change <= self.wanted


Told = Callable[[Round], None]


def untold(_: Round) -> None:
    """Nobody watches."""


class Rounds:
    """A scratch folder for the rounds of iterative algorithms; removed at the end, also after an error.

    What an algorithm returns lies in this folder, so its result is written elsewhere, or collected, before the end:

        with Rounds(session, settings.scratch) as rounds:
            lake.overwrite("gold.influence", pagerank(graph, rounds))

    Args:
        session: a session of either engine.
        folder: where the scratch folder is made; on a cluster one that all its machines share.
        told: called after each round.
        every: keep only every so many of the frames given to `keep`: a round is then cheaper by a write, and the plan
            is longer. 1 is right unless a round is far smaller than a write.
        work: whose rounds these are, for `told`.
    """

    def __init__(
        self, session: SparkSession, folder: Path, *, told: Told = untold, every: int = 1, work: str = "graph"
    ) -> None:
        if every < 1:
            raise GraphError(f"Rounds cannot be kept every {every}.", "Give 1 or more.")
        self.session = session
        self.every = every
        self.work = work
        self._folder = plain_path(folder) / f"{work}-{uuid.uuid4().hex}"
        self._told = told
        self._kept: dict[str, Path] = {}
        self._asked: dict[str, int] = {}

    def __enter__(self) -> Rounds:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove everything that was kept."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def part(self, work: str) -> Rounds:
        """Rounds of an algorithm inside this folder: its names do not meet another's, and it tells the same watcher.

        It lives until these end, or until it is closed itself.
        """
        return Rounds(self.session, self._folder, told=self._told, every=self.every, work=work)

    def keep(self, name: str, rows: DataFrame) -> DataFrame:
        """Rows written once and read back; what was kept under this name before is removed.

        Nothing may still read the older rows when newer ones are kept, except the newer ones themselves: Sail reads
        files that are gone as no rows, without a word. With `every`, the rows come back unwritten until it is their
        turn.
        """
        asked = self._asked[name] = self._asked.get(name, 0) + 1
        return rows if asked % self.every else self.write(name, rows)

    def write(self, name: str, rows: DataFrame) -> DataFrame:
        """As `keep`, whatever `every` says: for what is read in all rounds and does not change."""
        older = self._kept.get(name)
        # Numbered by what was there, so that a frame is never written onto the files that it reads.
        number = int(older.name.rpartition("-")[2]) + 1 if older else 1
        folder = self._folder / f"{name}-{number:05d}"
        schema = rows.schema
        rows.write.parquet(str(folder))
        self._kept[name] = folder
        if older:
            shutil.rmtree(older, ignore_errors=True)
        # Sail writes no file for no rows, Spark an empty one.
        if not folder.exists():
            return self.session.createDataFrame([], schema)
        return self.session.read.schema(schema).parquet(str(folder))

    def drop(self, name: str) -> None:
        """Remove what was kept under a name, before the end; nothing may read it afterwards."""
        folder = self._kept.pop(name, None)
        if folder:
            shutil.rmtree(folder, ignore_errors=True)

    def count(self, most: int) -> Iterator[int]:
        """Numbers of rounds, from 1 to `most`."""
        if most < 1:
            raise GraphError(f"{self.work} cannot run {most} rounds.", "Give 1 or more.")
        return iter(range(1, most + 1))

    def tell(self, number: int, change: float, wanted: float) -> bool:
        """Tell the watcher about a round, and say whether it was the last one needed (change ≤ wanted)."""
        done = Round(self.work, number, change, wanted)
        self._told(done)
        return done.converged
