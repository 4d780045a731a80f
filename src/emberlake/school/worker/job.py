"""What a worker is told when it starts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emberlake.school.shops import Shop
from emberlake.settings import Settings


@dataclass(frozen=True)
class Job:
    """A worker's engine, its data, and where it may write.

    Attributes:
        engine: `spark` or `sail`.
        state: the learner's state folder; the engine's own root lies in it.
        shops: what answers are checked on.
        course: the folder of the course's content.
        settings: the run's settings; only what engines need is taken from them.
        short: for one check; a worker that stays compiles better instead: after a minute it answers in two thirds.
    """

    engine: str
    state: Path
    shops: tuple[Shop, ...]
    course: Path
    settings: Settings
    short: bool = True

    @property
    def engine_settings(self) -> Settings:
        """The run's settings under the learner's own root."""
        return self.settings.model_copy(update={"root": self.state / "engine", "engine": self.engine})

    @property
    def story(self) -> Path:
        """Where the worker writes its stack when it is asked to."""
        return self.state / "engine" / f"{self.engine}-stack.txt"

    def line(self) -> bytes:
        """As one line of JSON."""
        told = {
            "engine": self.engine,
            "state": str(self.state),
            "shops": [[str(shop.root), shop.seed, shop.scale] for shop in self.shops],
            "course": str(self.course),
            "settings": self.settings.model_dump(mode="json"),
            "short": self.short,
        }
        return json.dumps(told).encode() + b"\n"

    @classmethod
    def read(cls, line: bytes) -> Job:
        """From a line of JSON."""
        told: dict[str, Any] = json.loads(line)
        shops = tuple(Shop(Path(root), seed, scale) for root, seed, scale in told["shops"])
        settings = Settings(**told["settings"])
        return cls(told["engine"], Path(told["state"]), shops, Path(told["course"]), settings, told["short"])
