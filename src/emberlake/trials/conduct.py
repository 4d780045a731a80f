"""What one does with a trial: plan, start, expose, read, stop. Each is noted in the diary when it is done."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

from emberlake.engine import plain_path
from emberlake.errors import TrialError
from emberlake.lake import Lake
from emberlake.progress import Progress, silent
from emberlake.settings import Settings
from emberlake.trials.diary import Diary, Story
from emberlake.trials.exposures import first_exposures
from emberlake.trials.health import count
from emberlake.trials.log import import_exposures, log_folder
from emberlake.trials.metric import find_metric
from emberlake.trials.planner import LOOK_BACK, Forecast, forecast
from emberlake.trials.reading import Reading, read_trial
from emberlake.trials.sources import data_until, exposures, require_data
from emberlake.trials.trial import Trial

OTHERS = ("conversion", "orders_per_user", "revenue_per_user", "average_order_value")
GUARDRAILS = ("return_rate", "cancellation_rate")


def usual(lake: Lake, metric: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The metrics beside the deciding one, and the guardrails, that this data allow."""
    kept: list[tuple[str, ...]] = []
    for names in (OTHERS, GUARDRAILS):
        kept.append(tuple(name for name in names if name != metric and _allowed(lake, name)))
    return kept[0], kept[1]


def _allowed(lake: Lake, name: str) -> bool:
    try:
        require_data(lake, find_metric(name))
    except TrialError:
        return False
    return True


def plan(lake: Lake, trial: Trial, days: int | None = None) -> tuple[Trial, Forecast]:
    """Says what a trial needs, and keeps the plan; until the start it may be planned anew.

    Args:
        days: how long it runs; None: as long as it needs.

    Raises:
        TrialError: if it has begun, has no history to plan from, or would need more than the planner looks at.
    """
    trial = replace(trial, salt=trial.salt or trial.name)
    diary = Diary(lake.settings)
    diary.require(trial.name, "planned")
    found = forecast(lake, trial, days)
    if days is None and found.days is None:
        last = found.outlooks[-1]
        raise TrialError(
            f"In {LOOK_BACK} days, {last.users:,} users would take part in trial {trial.name!r}, and the"
            f" smallest change of the metric {trial.metric!r} that they show is {last.smallest:.1%},"
            f" not {abs(trial.effect):.1%}.",
            "Look for a larger --effect, choose a metric that varies less, or say how long it runs: --days.",
        )
    scale = found.scale if trial.sequential else {}
    planned = replace(trial, days=days or found.days or trial.days, scale=scale)
    diary.add(trial.name, "planned", planned.to_dict())
    return planned, found


def start(settings: Settings, name: str, since: dt.date | None = None) -> Story:
    """Begins a trial: from now on its plan is fixed.

    Args:
        since: its first day, if it is not the planned one.

    Raises:
        TrialError: if it was not planned, or was started before.
    """
    diary = Diary(settings)
    trial = diary.story(name).trial
    fixed = replace(trial, since=since or trial.since)
    diary.add(name, "started", {"fixed": {"since": fixed.since.isoformat()}})
    return diary.story(name)


def expose(lake: Lake, name: str, source: Path | None = None) -> dict[str, int]:
    """Notes who was exposed, from a file or by the trial's rule.

    Returns:
        Variant to its users (by the rule) or rows (of the file).

    Raises:
        TrialError: if the trial is not running, the file cannot be read, or the other way was planned.
    """
    diary = Diary(lake.settings)
    trial = diary.story(name).trial
    diary.require(name, "exposed")
    if (source is None) == (trial.exposure == "log"):
        raise TrialError(
            f"Trial {name!r} was planned with --expose {trial.exposure}.",
            f"Give its file: emberlake trial expose {name} FILE." if source is None else "It takes no file.",
        )
    if source is not None:
        taken = import_exposures(lake.settings, name, source, tuple(trial.shares))
        diary.add(name, "exposed", {"file": taken.file, "rows": taken.rows, "from": str(source.absolute())})
        return taken.variants
    until = min(trial.until, data_until(lake))
    rows = count(first_exposures(exposures(lake, trial, [], until), trial.since, trial.until), trial)
    users = {variant: 0 for variant in trial.shares}
    for row in rows:
        users[row["variant"]] += 0 if row["left_out"] else row["users"]
    diary.add(name, "exposed", {"rule": trial.exposure, "users": users})
    return users


def read(lake: Lake, name: str, peek: bool = False, progress: Progress = silent) -> Reading:
    """Reads a trial, and notes that it was read.

    Raises:
        TrialError: see `read_trial`.
    """
    diary = Diary(lake.settings)
    story = diary.story(name)
    folder = log_folder(lake.settings, name)
    # The embedded engine has to be told folders of plain names.
    base = plain_path(folder) if lake.embedded else folder
    files = [str(base / what["file"]) for what in story.exposures if "file" in what]
    reading = read_trial(lake, story, files, peek, progress)
    noted: dict[str, Any] = {"until": reading.until.isoformat(), "final": reading.final}
    noted["outcomes"] = {verdict.variant: verdict.outcome for verdict in reading.verdicts}
    diary.add(name, "read", noted)
    return reading


def stop(settings: Settings, name: str, on: dt.date, why: str = "") -> Story:
    """Ends a trial: what happens from that day on does not count.

    Raises:
        TrialError: if it is not running, or the day is not one of its own.
    """
    diary = Diary(settings)
    trial = diary.story(name).trial
    diary.require(name, "stopped")
    if on <= trial.since:
        raise TrialError(
            f"Trial {name!r} cannot stop on {on}: it began on {trial.since}.", "Give a later day: --on YYYY-MM-DD."
        )
    diary.add(name, "stopped", {"on": on.isoformat(), "why": why})
    return diary.story(name)
