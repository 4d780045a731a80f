"""Which steps have work, found without an engine: a second `up` on unchanged input ends in a second."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from emberlake.settings import Settings
from emberlake.steps.plan import Step
from emberlake.steps.record import StepRun
from emberlake.tables import GRAPHS, LIVE, SCORES

_PACKAGE = Path(__file__).parent.parent
# Whose code makes a step's output: an upgrade runs those steps again.
_ROOMS = {
    "data": ("synth",),
    "bronze": ("lake", "tables"),
    "silver": ("lake", "tables"),
    "gold": ("lake", "tables"),
    "reports": ("reports",),
    "graphs": ("graphs",),
    "models": ("models",),
    "catalog": ("tables",),
    "live": ("streams",),
}

# Answers and what is shown are for people: no other step reads them.
_READ_BY_NONE = {"reports", "live"}
_LAYERS = {"bronze", "silver", "gold"}


def work_left(settings: Settings, steps: Sequence[Step], runs: dict[str, StepRun]) -> dict[str, str]:
    """Steps that have work, with the reason; the steps that read what the first of them makes have work too.

    Args:
        runs: what each step did last.
    """
    # The lake knows best about its own tables; it looks at files and its ledger, not at our record.
    from emberlake.lake import pending

    in_lake = set(pending(settings)) if _LAYERS & runs.keys() & {step.name for step in steps} else set()
    left: dict[str, str] = {}
    for step in steps:
        run = runs.get(step.name)
        before = [name for name in left if name not in _READ_BY_NONE]
        if before:
            left[step.name] = f"after {before[0]}"
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
    elif step == "reports":
        of = [*_logs(settings, but={*SCORES, *GRAPHS}), *_written(step, settings)]
    elif step == "catalog":
        of = [*_logs(settings), *_written(step, settings)]
    elif step == "graphs":
        # What it writes is no input of its own; that it is still there is.
        read = {name for table in GRAPHS.values() for name in table.reads}
        of = [*_logs(settings, only=read), *(str((settings.lake / "gold" / name).exists()) for name in GRAPHS)]
    elif step == "models":
        # Without its store there is no model, whatever was trained once.
        of = [*_logs(settings, but=set(SCORES)), str(settings.models.exists())]
    elif step == "live":
        of = [str(settings.models.exists())]  # a training runs it again, as a step before it
    else:
        of = []  # the lake keeps count of its own input
    code = [line for room in _ROOMS.get(step, ()) for line in _files(_PACKAGE / room, "*.py", "*.sql", "*.yaml")]
    return hashlib.sha256("\n".join([*of, *code]).encode()).hexdigest()[:16]


def _written(step: str, settings: Settings) -> list[str]:
    # What somebody deleted is written again; what somebody opened and saved is theirs.
    found = sorted(path.name for path in settings.reports.glob("*"))
    return [name for name in found if name.startswith("catalog.") == (step == "catalog")]


def _logs(settings: Settings, but: Collection[str] = (), only: Collection[str] = ()) -> Iterator[str]:
    """The tables' logs.

    Args:
        but: gold tables that the step does not read; where there are some, it reads nothing that streams write either.
        only: the tables that it reads, as `layer.name`; empty: all.
    """
    own = {f"gold/{name}" for name in but}
    own |= {f"{table.layer}/{table.name}" for table in LIVE.values()} if but else set()
    wanted = {name.replace(".", "/") for name in only}
    for line in _files(settings.lake, "_delta_log/*.json"):
        table = line.split("/_delta_log/")[0]
        if table not in own and (not wanted or table in wanted):
            yield line


def _files(folder: Path, *patterns: str) -> Iterator[str]:
    for path in sorted({path for pattern in patterns or ("*",) for path in folder.rglob(pattern)}):
        if path.is_file():
            status = path.stat()
            yield f"{path.relative_to(folder)} {status.st_size} {status.st_mtime_ns}"
