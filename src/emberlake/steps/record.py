"""What each step did last, under the root: what `up` shows again when there is nothing to do."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from emberlake.settings import Settings
from emberlake.steps.files import replace_text
from emberlake.steps.wire import plain


@dataclass(frozen=True)
class StepRun:
    """One step's last successful run.

    Attributes:
        peak: peak memory of its process tree while it ran, in bytes.
        inputs: what it was made from, in a few characters; the same again means that it need not run.
    """

    name: str
    seconds: float
    figures: dict[str, Any] = field(default_factory=dict)
    peak: int = 0
    engine: str = ""
    engine_seconds: float = 0.0
    finished_at: str = ""
    log: str = ""
    inputs: str = ""


def _path(settings: Settings) -> Path:
    return settings.state / "steps.json"


def read_runs(settings: Settings) -> dict[str, StepRun]:
    """Step to its last run; empty if there was none, or the record cannot be read (then all steps run)."""
    try:
        kept = json.loads(_path(settings).read_text(encoding="utf-8"))
        return {name: StepRun(**run) for name, run in kept.items()}
    except (OSError, ValueError, TypeError):
        return {}


def keep_runs(settings: Settings, runs: Iterable[StepRun]) -> None:
    """Record these runs in place of the same steps' earlier ones. Called under the build lock."""
    _write(settings, {**read_runs(settings), **{run.name: run for run in runs}})


def forget_runs(settings: Settings, names: Iterable[str]) -> None:
    """Take these steps off the record: they are about to run, and may be killed."""
    gone = set(names)
    _write(settings, {name: run for name, run in read_runs(settings).items() if name not in gone})


def _write(settings: Settings, runs: dict[str, StepRun]) -> None:
    kept = {name: asdict(run) for name, run in runs.items()}
    replace_text(_path(settings), json.dumps(kept, default=plain, indent=1))
