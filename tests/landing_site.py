"""A lake and a topic of one test, landed into within the run's own session."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace
from pathlib import Path

from pyspark.sql import SparkSession
from tests.landed import BEGIN, Tap, check_amounts, check_landed, table

from emberlake.engine.kafka import Connection, ensure_partitions
from emberlake.lake import Lake, refine
from emberlake.settings import read_settings
from emberlake.streams.events import Event
from emberlake.streams.landing.query import land
from emberlake.streams.stream import Running
from emberlake.streams.topics import Topic


class Landed:
    """A root and a topic of one test."""

    def __init__(self, session: SparkSession, connection: Connection, root: Path, event: Event) -> None:
        name = f"test-{uuid.uuid4().hex[:12]}"
        ensure_partitions(connection, {name: 2})
        self.event = replace(event, topic=Topic(name, event.topic.meaning, event.topic.key, 2))
        self.settings = read_settings(root=root)
        self.session, self.connection, self.topic, self._tap = session, connection, name, Tap(connection)
        self.checkpoint = self.settings.streams / "land" / "checkpoint"

    def write(self, *messages: dict | str) -> None:
        self._tap.write(self.topic, list(messages))

    def running(self, **options: str) -> Running:
        given = {"trigger": "once", "refine": "never"} | options
        return Running(self.session, self.settings, self.connection, self.checkpoint, given)

    def land(self, **options: str) -> None:
        query = land(self.running(**options), self.event)
        query.awaitTermination()

    def refine(self) -> None:
        with Lake(self.session, self.settings) as lake:
            refine(lake)

    def check(self) -> None:
        self.refine()
        check_landed(self.settings, self.connection, self.topic, self.event.source, self.event.key, self.event.time)
        if self.event.line:
            check_amounts(self.settings, self.connection, self.topic)

    def table(self, name: str) -> list[dict]:
        return table(self.settings, name)


def later(seconds: float) -> dt.datetime:
    return BEGIN + dt.timedelta(seconds=seconds)
