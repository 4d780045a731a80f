"""What a micro-batch is called: by the offsets that it holds, which stay the same when it is tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def typed(scores: DataFrame) -> DataFrame:
    """Scores with ordered_at and sent_at as timestamps (UTC); null where the text is none."""
    return scores.withColumns({name: F.col(name).try_cast("timestamp") for name in ("ordered_at", "sent_at")})


def batch_name(scores: DataFrame) -> str | None:
    """Topic, partitions and offsets of a micro-batch; None for an empty one.

    Spark's number of a batch begins at 0 again with a new checkpoint, and would then name another batch.
    """
    ranges = scores.groupBy("topic", "partition").agg(F.min("offset"), F.max("offset")).collect()
    return "; ".join(f"{topic} {part} {low}-{high}" for topic, part, low, high in sorted(ranges)) or None
