"""Scores to Kafka: each into the partition that its event came from, so that the output's end says where to go on."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from emberlake.errors import StreamError
from emberlake.streams.position import ends, kafka_tail
from emberlake.streams.sinks.sink import Sink
from emberlake.streams.stream import Running
from emberlake.streams.topics import SCORES

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.streaming.readwriter import DataStreamWriter

_POOL = "org.apache.spark.sql.kafka010.producer.InternalKafkaProducerPool$"
_CLIENT = "emberlake-scores-"
# What a score waits for company at most: longer, and it would no longer be an answer in milliseconds.
_LONGEST_LINGER = 1_000


def scores_topic(running: Running) -> str:
    """The topic that is written."""
    return running.options.get("scores", SCORES.name)


def linger(running: Running) -> int:
    """For how many ms the broker and the producer wait for company, each."""
    return running.milliseconds("linger", 0, _LONGEST_LINGER)


def messages(scores: DataFrame) -> DataFrame:
    """Scores as Kafka's sink takes them.

    Returns:
        key (the order's number as text), value (JSON of the score's columns; nulls are left out), partition.
    """
    return scores.select(
        F.coalesce(F.col("order_id").cast("string"), F.lit("")).alias("key"),
        F.to_json(F.struct(*scores.columns)).alias("value"),
        F.col("partition").cast("int").alias("partition"),
    )


def _write(running: Running, scores: DataFrame) -> DataStreamWriter:
    batches = {"kafka.linger.ms": str(wait), "kafka.batch.size": str(2**18)} if (wait := linger(running)) else {}
    return (
        messages(scores)
        .writeStream.format("kafka")
        .options(**running.connection.spark() | batches)
        .option("topic", scores_topic(running))
        # A producer of its own for each start: `_settle` closes those of the starts before.
        .option("kafka.client.id", f"{_CLIENT}{uuid.uuid4().hex[:12]}")
    )


def _tail(running: Running, topic: str) -> dict[int, int]:
    output = scores_topic(running)
    there, needed = (len(ends(running.connection, name).next) for name in (output, topic))
    if there < needed:
        raise StreamError(
            f"{output} has {there} partitions and {topic} has {needed}: a score goes where its event was.",
            f"Give {output} {needed} partitions.",
        )
    return kafka_tail(running.connection, output, topic)


def _settle(running: Running) -> None:
    """Close the producers of earlier queries: what they hold is sent, and a task that was not told yet writes no more.

    Spark keeps producers for the next query, and a stopped query's may still be sending: read then, the output's end
    would be a little before its end.
    """
    jvm: Any = running.session.sparkContext._jvm
    # Spark has no door to one query's producers.
    field = jvm.java.lang.Class.forName(_POOL).getDeclaredField("pool")
    field.setAccessible(True)
    entries = jvm.scala.jdk.javaapi.CollectionConverters.asJava(field.get(None).getAsMap())
    for key in list(entries.keySet()):
        if _CLIENT in key.toString():
            entries[key].producer().close()


KAFKA = Sink("kafka", True, _write, _tail, _settle)
