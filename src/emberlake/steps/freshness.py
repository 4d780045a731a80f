"""Which steps have work, found without an engine: a second `up` on unchanged input ends in a second."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from emberlake.settings import Settings
from emberlake.steps.plan import Step
from emberlake.steps.record import StepRun

_PACKAGE = Path(__file__).parent.parent
# Whose code makes a step's output: an upgrade runs those steps again.
_ROOMS = {
    "data": ("synth",),
    "bronze": ("lake", "tables"),
    "silver": ("lake", "tables"),
    "gold": ("lake", "tables"),
    "reports": ("reports",),
    "catalog": ("tables",),
}


_LAYERS = {"bronze", "silver", "gold"}


def work_left(settings: Settings, steps: Sequence[Step], runs: dict[str, StepRun]) -> dict[str, str]:
    """Steps that have work, with the reason; all steps after the first of them have work too.

    Args:
        runs: what each step did last.
    """
    # The lake knows best about its own tables; it looks at files and its ledger, not at our record.
    from emberlake.lake import pending

    in_lake = set(pending(settings)) if _LAYERS & runs.keys() & {step.name for step in steps} else set()
    left: dict[str, str] = {}
    for step in steps:
        run = runs.get(step.name)
        if left:
            left[step.name] = f"after {next(iter(left))}"
        elif run is None:
            left[step.name] = "has not run yet"
        elif step.name in in_lake:
            left[step.name] = "has new input"
        elif run.inputs != inputs_of(step.name, settings):
            left[step.name] = "its input changed"
    return left


def inputs_of(step: str, settings: Settings) -> str:
    """What a step reads and what its code is, in a few characters: another value means that it has to run."""
    if step == "data":
        of = [f"{settings.seed} {settings.scale}", *_files(settings.landing), *_files(settings.state / "feeds")]
    elif step in ("reports", "catalog"):
        of = [*_files(settings.lake, "_delta_log/*.json"), *_written(step, settings)]
    else:
        of = []  # the lake keeps count of its own input
    code = [line for room in _ROOMS.get(step, ()) for line in _files(_PACKAGE / room, "*.py", "*.sql", "*.yaml")]
    return hashlib.sha256("\n".join([*of, *code]).encode()).hexdigest()[:16]


def _written(step: str, settings: Settings) -> list[str]:
    # What somebody deleted is written again; what somebody opened and saved is theirs.
    found = sorted(path.name for path in settings.reports.glob("*"))
    return [name for name in found if name.startswith("catalog.") == (step == "catalog")]


def _files(folder: Path, *patterns: str) -> Iterator[str]:
    for path in sorted({path for pattern in patterns or ("*",) for path in folder.rglob(pattern)}):
        if path.is_file():
            status = path.stat()
            yield f"{path.relative_to(folder)} {status.st_size} {status.st_mtime_ns}"
