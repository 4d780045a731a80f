"""Ranges of offsets of micro-batches, told by their checkpoint."""

from __future__ import annotations

import json
from pathlib import Path

from emberlake.errors import StreamError


def is_begun(checkpoint: Path) -> bool:
    """Whether a checkpoint tells where its query stands."""
    return any(checkpoint.glob("offsets/[0-9]*")) or (checkpoint / "sources" / "0" / "0").exists()


def range_of(checkpoint: Path, batch: int, topic: str) -> tuple[dict[int, int], dict[int, int]]:
    """First offsets of a micro-batch and those behind its last, by partition.

    Spark writes them to the checkpoint's log before it gives the micro-batch away, and takes the same ones when it
    gives it away again.

    Raises:
        StreamError: if the checkpoint lacks them.
    """
    try:
        past = _offsets((checkpoint / "offsets" / str(batch)).read_text(), topic)
        before = checkpoint / "offsets" / str(batch - 1) if batch else checkpoint / "sources" / "0" / "0"
        first = _offsets(before.read_text(), topic)
    except (OSError, ValueError, KeyError) as e:
        raise StreamError(
            f"The checkpoint {checkpoint} does not tell the offsets of micro-batch {batch}: {e}.",
            "Restore it, or delete it and start the stream with from=ledger.",
        ) from e
    return {partition: first.get(partition, 0) for partition in past}, past


def _offsets(text: str, topic: str) -> dict[int, int]:
    # A version, then one JSON a line; the last line is the source's own.
    last = text.rstrip("\0\n").splitlines()[-1]
    told = json.loads(last[last.index("{") :])
    return {int(partition): offset for partition, offset in told[topic].items()}
