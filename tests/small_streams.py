"""Small streams without Kafka: a rate source into nothing, and ways in which a query goes wrong."""

from __future__ import annotations

import time
from pathlib import Path

from emberlake.errors import StreamError
from emberlake.streams.stream import Running, Stream


def _rate(running: Running):
    return running.session.readStream.format("rate").option("rowsPerSecond", 20).load()


def _begin(running: Running, writer, name: str):
    return writer.queryName(name).option("checkpointLocation", str(running.checkpoint)).start()


def ticking(running: Running, name: str = "ticking"):
    rows = _rate(running).withWatermark("timestamp", "10 seconds").groupBy("timestamp").count()
    writer = rows.writeStream.format("noop").outputMode("update").trigger(processingTime="500 milliseconds")
    return _begin(running, writer, name)


def changing(running: Running):
    return ticking(running, "changing")


def _per_batch(running: Running, name: str, act):
    return _begin(
        running, _rate(running).writeStream.foreachBatch(act).trigger(processingTime="300 milliseconds"), name
    )


def hanging(running: Running):
    """Hangs in its foreachBatch for ever."""

    def act(rows, number):
        Path(running.options["mark"]).touch()
        while True:
            time.sleep(0.1)

    return _per_batch(running, "hanging", act)


def failing(running: Running):
    """Fails in each batch after the first, until the file is gone."""

    def act(rows, number):
        if number > 0 and Path(running.options["mark"]).exists():
            raise ValueError("the shelf is empty")

    return _per_batch(running, "failing", act)


def refusing(running: Running):
    """Finds in its third batch that it must not go on."""

    def act(rows, number):
        if number > 1:
            raise StreamError("The checkpoint was changed by another process.", "Look who writes it.")

    return _per_batch(running, "refusing", act)


def token(running: Running) -> str:
    return Path(running.options["mark"]).read_text()


def small_streams() -> dict[str, Stream]:
    made = [
        Stream("ticking", "Ticks.", (), ("nothing",), ticking),
        Stream("hanging", "Hangs.", (), (), hanging, options={"mark": "a file"}),
        Stream("failing", "Fails.", (), (), failing, options={"mark": "a file"}),
        Stream("refusing", "Refuses.", (), (), refusing),
        Stream("changing", "Changes.", (), (), changing, options={"mark": "a file"}, changed=token),
    ]
    return {stream.name: stream for stream in made}
