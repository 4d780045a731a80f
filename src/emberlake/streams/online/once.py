"""Each event learned once: what was learned, up to which offset, in which micro-batch, is saved in one piece."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from emberlake.errors import StreamError
from emberlake.streams.online.state import Saved, load, save

if TYPE_CHECKING:
    import pyarrow as pa

    from emberlake.streams.online.learner import Happening, Learner

# The columns by which messages are put in order; the names that `events.parse` gives them.
PARTITION, OFFSET = "_partition", "_offset"


class Once:
    """A learner with its state on disk.

    Spark may bring a micro-batch again, after a kill or a failure, under its old number and with its old messages.
    Either the state was not saved then, and the batch is learned from the state before it; or it was, and the batch
    is left alone. So the learner is what it would be without the kill.

    Args:
        folder: of the state.
        new: makes an untrained learner.
        topic_id: the broker's own name of what it learns from.
        time: the column of the events' times; "": they have none.
    """

    def __init__(self, folder: Path, new: Callable[[], Learner], topic_id: str = "", time: str = "") -> None:
        self.folder, self.topic_id, self.time = folder, topic_id, time
        self._new = new
        self._now: Saved | None = None

    def take(self, query: str, batch: int, rows: Callable[[], pa.Table], undo: int = 0) -> Saved:
        """Learn a micro-batch, unless it is in the state already.

        Args:
            query: id of the query's checkpoint.
            batch: its number.
            rows: gives the messages; not asked for a batch that is known.
            undo: number of the last request to undo a promotion.

        Returns:
            The state after it.

        Raises:
            StreamError: if the state is another query's, or not the one that this batch follows.
        """
        saved, self._now = self._now or self._opened(), None
        saved = self._of(saved, query, batch)
        if batch != saved.batch:
            saved = self._learned(saved, batch, rows(), undo)
            save(self.folder, saved)
        # Kept for the next batch only now: after a failure half-way, the state on disk counts.
        self._now = saved
        return saved

    def _opened(self) -> Saved:
        return load(self.folder) or Saved("", -1, self._new())

    def _of(self, saved: Saved, query: str, batch: int) -> Saved:
        if saved.query not in ("", query):
            raise _apart(self.folder, "it belongs to another checkpoint")
        if batch not in (saved.batch, saved.batch + 1):
            raise _apart(self.folder, f"it ends with micro-batch {saved.batch}, and the checkpoint goes on at {batch}")
        saved.query = query
        return saved

    def _learned(self, saved: Saved, batch: int, rows: pa.Table, undo: int) -> Saved:
        happened: list[Happening] = []
        if undo > saved.undone:
            happened.append(saved.learner.undo())
        saved.undone = max(undo, saved.undone)
        rows = in_order(rows, saved.offsets, self.time)
        happened += saved.learner.take(rows)
        offsets = saved.offsets | ends(rows)
        return Saved(saved.query, batch, saved.learner, offsets, tuple(happened), saved.undone, self.topic_id)


def in_order(rows: pa.Table, learned: dict[int, int], time: str = "") -> pa.Table:
    """Messages without those that were learned already: each partition's by offset, and partitions merged by time.

    One partition after the other would let time jump back by all that a micro-batch spans, which is hours where there
    is much to catch up with; what waits for its outcome would be told too early.

    Args:
        rows: _partition, _offset and more.
        learned: by partition the offset at which it goes on.
        time: the column of times to merge by; "": partition after partition.
    """
    partition, offset = _places(rows)
    begin = np.array([learned.get(int(p), 0) for p in partition], dtype=np.int64)
    order = np.lexsort((offset, partition))
    if time:
        # A message is as late as the latest before it in its partition, so that none overtakes another.
        at = rows[time].to_numpy().astype("datetime64[us]")[order]
        for number in np.unique(partition):
            mine = partition[order] == number
            at[mine] = np.maximum.accumulate(at[mine])
        order = order[np.lexsort((offset[order], partition[order], at))]
    return rows.take(order[(offset >= begin)[order]])


def ends(rows: pa.Table) -> dict[int, int]:
    """By partition the offset after its last message."""
    partition, offset = _places(rows)
    return {int(p): int(offset[partition == p].max()) + 1 for p in np.unique(partition)}


def check_beginning(folder: Path, checkpoint: Path) -> None:
    """Refuse to start where state and checkpoint do not belong together.

    Raises:
        StreamError: if one of the two is gone, or the state is not our own.
    """
    saved = load(folder)
    begun = any((checkpoint / "commits").glob("[0-9]*"))
    if saved is None and begun:
        raise StreamError(
            f"The checkpoint {checkpoint} is there, but what was learned up to it is gone: {folder}.",
            "Put the folder back from the checkpoint's backup; or remove the checkpoint, too, to learn anew from the"
            " earliest message that Kafka still has.",
        )
    if saved is not None and saved.query and not (checkpoint / "metadata").exists():
        raise StreamError(
            f"There is no checkpoint {checkpoint}, but its learner has learned {saved.learner.summary().events:,}"
            " events: it would learn them twice.",
            "Put the checkpoint back; or start with the option go_on=yes: it reads on from the offsets that the state"
            f" names; or remove {folder} to learn anew.",
        )


def go_on(folder: Path) -> dict[int, int]:
    """Let a state be taken up by a new checkpoint.

    Returns:
        By partition the offset at which that must begin.

    Raises:
        StreamError: if there is no state.
    """
    return taken_up(folder).offsets


def taken_up(folder: Path) -> Saved:
    """The state, freed of the checkpoint that it belonged to."""
    saved = load(folder)
    if saved is None:
        raise StreamError(f"There is no state in {folder} to go on from.", "Start without the option go_on.")
    saved.query, saved.batch = "", -1
    save(folder, saved)
    return saved


def _places(rows: pa.Table) -> tuple[Any, Any]:
    return rows[PARTITION].to_numpy(), rows[OFFSET].to_numpy()


def _apart(folder: Path, why: str) -> StreamError:
    return StreamError(
        f"The state of the learner in {folder} and the checkpoint beside it do not belong together: {why}.",
        "Put both back from one backup; or remove the checkpoint and start with the option go_on=yes, which reads on"
        " from the offsets that the state names; or remove both to learn anew.",
    )
