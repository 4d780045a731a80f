"""What a process of streams is told at its start: one JSON line on its standard input."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from emberlake.settings import Settings
from emberlake.streams.running.registry import REGISTRY

OPENER = "emberlake.streams.running.workplace:open_workplace"


@dataclass(frozen=True)
class Job:
    """Which streams, with what.

    Attributes:
        options: name to value, for those streams that take it.
        registry: `module:function` that knows the streams.
        opener: `module:function`, a context manager that opens what they run on.
        patience: of the restarts, by `backoff.Patience`'s names.
        stop_seconds: how long a query may take to stop before its JVM is killed.
    """

    settings: Settings
    names: tuple[str, ...]
    options: dict[str, str] = field(default_factory=dict)
    registry: str = REGISTRY
    opener: str = OPENER
    patience: dict[str, float] = field(default_factory=dict)
    stop_seconds: float = 15.0

    @property
    def log(self) -> Path:
        """Where the process and its JVM write."""
        return self.settings.logs / f"stream-{'+'.join(self.names)}.log"

    def line(self) -> bytes:
        """The job as one JSON line."""
        told = {**asdict(self), "settings": self.settings.model_dump(mode="json")}
        return json.dumps(told).encode() + b"\n"


def read_job(line: bytes) -> Job:
    """The job that `Job.line` wrote."""
    told = json.loads(line)
    return Job(**{**told, "settings": Settings(**told["settings"]), "names": tuple(told["names"])})
