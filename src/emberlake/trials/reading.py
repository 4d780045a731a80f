"""Reading a trial: health first, then each metric of each treatment beside the control, then what it means."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from emberlake.errors import TrialError
from emberlake.lake import Lake
from emberlake.progress import Progress, silent
from emberlake.trials.comparison import Difference, corrected, difference
from emberlake.trials.diary import Story
from emberlake.trials.exposures import first_exposures
from emberlake.trials.health import Health, count, examine
from emberlake.trials.metric import TrialMetric, find_metric
from emberlake.trials.moments import Course, course
from emberlake.trials.sources import ask, data_until, exposures, fetch, require_data, views
from emberlake.trials.sums import daily_sums
from emberlake.trials.trial import Trial
from emberlake.trials.verdict import Guard, Verdict, guard, peeked, verdict

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Role = Literal["decides", "beside", "guards"]


@dataclass(frozen=True)
class Line:
    """One metric of one treatment.

    Attributes:
        found: None where this data has nothing to compare, with the reason in `why_not`.
        guard: for guardrails.
    """

    variant: str
    metric: TrialMetric
    role: Role
    found: Difference | None
    why_not: str = ""
    guard: Guard | None = None


@dataclass(frozen=True)
class Daily:
    """The deciding metric's difference at the end of each day, with all days before it; some days may have none."""

    variant: str
    days: tuple[dt.date, ...]
    found: tuple[Difference, ...]


@dataclass(frozen=True)
class Reading:
    """A trial as of a day.

    Attributes:
        until: the first day that is not in it.
        final: whether it may decide: the planned end is reached, or the trial is sequential.
        looks: how often it was read before.
    """

    trial: Trial
    until: dt.date
    final: bool
    looks: int
    health: Health
    lines: tuple[Line, ...]
    daily: tuple[Daily, ...]
    verdicts: tuple[Verdict, ...]

    @property
    def complete(self) -> bool:
        """Whether all planned days are in it."""
        return self.until >= self.trial.until

    def to_dict(self) -> dict[str, Any]:
        """For programs: plain values, metrics by name."""
        lines = [
            {"variant": line.variant, "metric": line.metric.name, "role": line.role, "guard": line.guard,
             "why_not": line.why_not, **(asdict(line.found) if line.found else {})}
            for line in self.lines
        ]  # fmt: skip
        return {
            "trial": self.trial.to_dict(), "until": self.until.isoformat(), "complete": self.complete,
            "final": self.final, "looks": self.looks, "health": asdict(self.health), "metrics": lines,
            "verdicts": [asdict(verdict) for verdict in self.verdicts],
        }  # fmt: skip


def read_trial(
    lake: Lake, story: Story, log: Sequence[str] = (), peek: bool = False, progress: Progress = silent
) -> Reading:
    """Reads a trial from the lake.

    Args:
        log: Parquet files of exposures, as the engine has to be told them; for trials that have a log.
        peek: read before the planned end, without a verdict.

    Raises:
        TrialError: if it has not begun, is not over, fails a check, or asks what this data cannot answer.
    """
    trial = story.trial
    until = _until(lake, story)
    final = until >= trial.until or trial.sequential
    if not (final or peek):
        raise _too_early(story, until)
    metrics = [find_metric(name) for name in trial.metrics]
    for metric in metrics:
        require_data(lake, metric)
    progress("who was exposed", 0.1)
    exposed = lake.stage(first_exposures(exposures(lake, trial, list(log), until), trial.since, until))
    health = examine(count(exposed, trial) if exposed is not None else [], trial)
    assert exposed is not None
    compared = exposed.where("left_out is null").select("user_id", "variant", "exposed_at")
    courses: dict[str, Course] = {}
    for place, metric in enumerate(metrics):
        progress(metric.title.lower(), 0.2 + 0.6 * place / len(metrics))
        courses[metric.name] = _course(lake, trial, metric, compared, until)
    progress("comparing", 0.9)
    lines = _corrected([_line(trial, v, m, courses[m.name]) for v in trial.treatments for m in metrics])
    daily = tuple(_daily(trial, variant, metrics[0], courses[trial.metric]) for variant in trial.treatments)
    verdicts = tuple(_verdict(trial, variant, lines, final) for variant in trial.treatments)
    return Reading(trial, until, final, len(story.of("read")), health, tuple(lines), daily, verdicts)


def _until(lake: Lake, story: Story) -> dt.date:
    trial = story.trial
    if story.state == "planned":
        raise TrialError(
            f"Trial {trial.name!r} was planned, but not started.", f"Start it: emberlake trial start {trial.name}."
        )
    until = min(trial.until, data_until(lake))
    if story.stopped_on:
        until = min(until, dt.date.fromisoformat(story.stopped_on))
    if until <= trial.since:
        raise TrialError(
            f"There are no data of trial {trial.name!r}'s days yet: it began on {trial.since},"
            f" and the data end before {until}.",
            "Import newer orders and build: emberlake up.",
        )
    return until


def _too_early(story: Story, until: dt.date) -> TrialError:
    trial, days = story.trial, (until - story.trial.since).days
    why = f"was stopped before {until}" if story.stopped_on == until.isoformat() else f"has data up to before {until}"
    return TrialError(
        f"Trial {trial.name!r} {why}, after {days} of its {trial.days} planned days; looking now and deciding when it"
        " looks good finds effects that are not there.",
        f"Read it when the data reach {trial.until}; to look without deciding, add --peek. A trial planned with"
        " --sequential may be read at any time.",
    )


def _course(lake: Lake, trial: Trial, metric: TrialMetric, exposed: DataFrame, until: dt.date) -> Course:
    with views(lake, metric):
        happened = ask(lake, metric, trial.before, until)
        sums = fetch(daily_sums(exposed, happened, trial.since, metric.kind))
    return course(sums, tuple(trial.shares), trial.since, until)


def _line(trial: Trial, variant: str, metric: TrialMetric, seen: Course) -> Line:
    role: Role = "decides" if metric.name == trial.metric else "guards" if metric.name in trial.guardrails else "beside"
    try:
        found = _difference(trial, variant, metric, seen, -1)
    except TrialError as error:
        if role == "decides":
            raise TrialError(f"Trial {trial.name!r}, {metric.title.lower()}: {error.problem}", error.hint) from error
        return Line(variant, metric, role, None, error.problem)
    return Line(variant, metric, role, found, guard=guard(metric, found) if role == "guards" else None)


def _difference(trial: Trial, variant: str, metric: TrialMetric, seen: Course, day: int) -> Difference:
    scale = trial.scale[metric.name] if trial.sequential else None
    control, treatment = (seen.by_variant[name][day] for name in (trial.control, variant))
    return difference(metric.kind, control, treatment, trial.alpha, scale)


def _corrected(lines: list[Line]) -> list[Line]:
    """Holm's correction within the deciding comparisons, and within those beside them; guardrails must all hold."""
    done = list(lines)
    for role in ("decides", "beside"):
        places = [place for place, line in enumerate(lines) if line.role == role and line.found]
        adjusted = corrected([line.found.p for place in places if (line := lines[place]).found])
        for place, p in zip(places, adjusted, strict=True):
            if found := lines[place].found:
                done[place] = replace(lines[place], found=replace(found, adjusted_p=p))
    return done


def _daily(trial: Trial, variant: str, metric: TrialMetric, seen: Course) -> Daily:
    days, found = [], []
    for place, day in enumerate(seen.days):
        try:
            found.append(_difference(trial, variant, metric, seen, place))
            days.append(day)
        except TrialError:
            continue  # the first days may have nothing to compare
    return Daily(variant, tuple(days), tuple(found))


def _verdict(trial: Trial, variant: str, lines: Sequence[Line], final: bool) -> Verdict:
    if not final:
        return peeked(variant, trial.until)
    own = [line for line in lines if line.variant == variant]
    [main] = [line for line in own if line.role == "decides"]
    assert main.found is not None
    guards: dict[str, Guard] = {line.metric.title.lower(): line.guard for line in own if line.guard}
    return verdict(variant, trial.control, main.metric, main.found, trial.alpha, guards)
