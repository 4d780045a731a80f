"""What a replay leaves: which faults it planted, and how far it came, so that it can go on."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emberlake.errors import StreamError


@dataclass
class Record:
    """A JSON file: the plan, the tables' versions, `sent` (messages acknowledged), and the faults among them.

    A fault is `kind` (late, duplicate, malformed, out_of_order), `how` (which kind of malformed), `topic` and `id`.
    """

    path: Path
    plan: dict[str, object]
    versions: dict[str, int]
    sent: int = 0
    faults: list[dict[str, Any]] = field(default_factory=list)
    finished: bool = False

    def save(self) -> None:
        """Write it whole, or leave the one before."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        made = {
            "plan": self.plan, "versions": self.versions, "sent": self.sent, "finished": self.finished,
            "counts": {kind: sum(fault["kind"] == kind for fault in self.faults) for kind in KINDS},
            "faults": self.faults,
        }  # fmt: skip
        beside = self.path.with_suffix(".new")
        beside.write_text(json.dumps(made, indent=1), encoding="utf-8")
        beside.replace(self.path)

    def position(self) -> int:
        """How many messages an earlier run of the same plan had acknowledged.

        Raises:
            StreamError: if there was none, or it played something else.
        """
        if not self.path.exists():
            raise StreamError(f"There is no replay to go on with in {self.path}.", "Start one without --resume.")
        before = json.loads(self.path.read_text(encoding="utf-8"))
        now = json.loads(json.dumps({"plan": self.plan, "versions": self.versions}))
        for name, what in (("plan", "another plan"), ("versions", "other versions of the lake's tables")):
            if before[name] != now[name]:
                raise StreamError(
                    f"The replay in {self.path} played {what}: {_difference(before[name], now[name])}.",
                    "Give the same options as then, or start anew without --resume.",
                )
        return int(before["sent"])


KINDS = ("late", "duplicate", "malformed", "out_of_order")


def _difference(before: dict[str, object], now: dict[str, object]) -> str:
    return ", ".join(
        f"{name} was {before.get(name)}, not {now.get(name)}" for name in now if before.get(name) != now[name]
    )
