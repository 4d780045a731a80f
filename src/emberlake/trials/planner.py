"""How many users and days a trial needs, from what the shop's own users did before it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from math import ceil, inf
from typing import TYPE_CHECKING, Any

from emberlake.errors import TrialError
from emberlake.lake import Lake
from emberlake.trials import sequence
from emberlake.trials.metric import find_metric
from emberlake.trials.moments import Course, Moments, course
from emberlake.trials.sources import active_a_day, ask, data_until, fetch, participants, require_data, views
from emberlake.trials.sums import daily_sums
from emberlake.trials.trial import Trial

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

# What the planner looks back at: eight whole weeks, so that each weekday counts as often.
LOOK_BACK = 56
_EVERYBODY = "everybody"
_FEWEST = 10


@dataclass(frozen=True)
class Outlook:
    """What a trial of so many days could show.

    Attributes:
        users: who would take part, all variants together.
        needed: users for the wanted effect; None where too little happened to say.
        smallest: the smallest relative effect found with the wanted power.
    """

    days: int
    users: int
    needed: int | None
    smallest: float


@dataclass(frozen=True)
class Forecast:
    """What history says of a trial.

    Attributes:
        since, until: the days that were looked at.
        value: the metric over all of these days.
        active_a_day: users who ordered or visited, a day.
        outlooks: by days, in steps of a week.
        days: the fewest days, in whole weeks, that are enough; None when none of those looked at are.
        scale: metric to the scale of its confidence sequence, for the plan's days.
    """

    since: dt.date
    until: dt.date
    value: float
    active_a_day: float
    outlooks: tuple[Outlook, ...]
    days: int | None
    scale: dict[str, float]


def forecast(lake: Lake, trial: Trial, days: int | None = None) -> Forecast:
    """Looks at the weeks before the trial as if it had run then, with one variant only.

    Args:
        days: how long the trial runs, if that is settled.

    Raises:
        TrialError: if there is no history, or the metrics cannot be read from this data.
    """
    end = min(trial.since, data_until(lake))
    begin = end - dt.timedelta(days=LOOK_BACK)
    metrics = [find_metric(name) for name in trial.metrics]
    for metric in metrics:
        require_data(lake, metric)
    users = lake.stage(_everybody(lake, trial, begin, end))
    if users is None:
        raise TrialError(
            f"Nobody ordered or visited before {begin}, so there is nothing to plan trial {trial.name!r} from.",
            "Give a later --from, or import older orders.",
        )
    courses = {}
    for metric in metrics:
        with views(lake, metric):
            happened = ask(lake, metric, begin - dt.timedelta(days=trial.history), end)
            sums = fetch(daily_sums(users, happened, begin, metric.kind))
        courses[metric.name] = course(sums, (_EVERYBODY,), begin, end)
    return _look(trial, days, courses, begin, end, active_a_day(lake, begin, end))


def _everybody(lake: Lake, trial: Trial, begin: dt.date, end: dt.date) -> DataFrame:
    import pyspark.sql.functions as F

    # Who will be in a log is not known; those who come are the nearest to it.
    rule = "during" if trial.exposure == "log" else trial.exposure
    return participants(lake, rule, trial.history, begin, end).withColumn("variant", F.lit(_EVERYBODY))


def _look(
    trial: Trial, days: int | None, courses: dict[str, Course], begin: dt.date, end: dt.date, active: float
) -> Forecast:
    own = courses[trial.metric].by_variant[_EVERYBODY]
    outlooks = tuple(_outlook(trial, own[day - 1], day) for day in range(7, LOOK_BACK + 1, 7))
    if own[-1].users < _FEWEST or own[-1].sums[0] <= 0:
        raise TrialError(
            f"From {begin} to {end} nothing happened that the metric {trial.metric!r} counts.",
            "Give another metric, or another --from.",
        )
    enough = [look.days for look in outlooks if look.needed and look.users >= look.needed]
    last = min(days or min(enough, default=LOOK_BACK), LOOK_BACK)
    scale = {name: _scale(trial, name, seen.by_variant[_EVERYBODY][last - 1]) for name, seen in courses.items()}
    denominator = own[-1].mean[1] if find_metric(trial.metric).kind == "ratio" else 1.0
    value = float(own[-1].mean[0] / denominator)
    return Forecast(begin, end, value, active, outlooks, min(enough, default=None), scale)


def _outlook(trial: Trial, users: Moments, days: int) -> Outlook:
    if users.users < _FEWEST or users.sums[0] <= 0 or users.covariance[0, 0] <= 0:
        return Outlook(days, int(users.users), None, inf)
    control, treatment = _pair(trial)
    part = control + treatment
    factor = inflation(trial) if trial.sequential else 1.0
    needed = solve(trial, users, "n_obs").n_obs * factor / part
    worth = max(int(users.users * part / factor), 4)
    smallest = solve(trial, users, "rel_effect_size", worth).rel_effect_size
    return Outlook(days, int(users.users), ceil(needed), float(smallest))


def inflation(trial: Trial) -> float:
    """How many times the users of a trial with a single look a sequential one needs, for the same power at its end."""
    from scipy.special import ndtri

    ratio = 1 / sequence.scale_for(1.0, trial.alpha)
    power, once = ndtri(trial.power), -ndtri(trial.alpha / 2)
    return float(((sequence.width(ratio, 1.0, trial.alpha) + power) / (once + power)) ** 2)


def solve(trial: Trial, users: Moments, parameter: str, n_obs: int | None = None) -> Any:
    """tea-tasting's power analysis of the deciding metric, for the control and the smallest treatment."""
    import tea_tasting as tt

    kind = find_metric(trial.metric).kind
    control, treatment = _pair(trial)
    given: dict[str, Any] = {"alpha": trial.alpha, "power": trial.power, "ratio": treatment / control, "use_t": False}
    given |= {"n_obs": n_obs} if n_obs else {"rel_effect_size": trial.effect}
    helps = users.covariance[2, 2] > 0 and (kind != "ratio" or users.sums[3] > 0)
    if kind == "ratio":
        metric: Any = tt.RatioOfMeans("x", "y", *(("cx", "cy") if helps else ()), **given)
    else:
        metric = tt.Mean("x", *(("cx",) if helps else ()), **given)
    return metric.solve_power_from_aggregates(users.aggregates(), parameter)[0]


def _scale(trial: Trial, name: str, users: Moments) -> float:
    """Of the metric's confidence sequence: narrowest at the trial's planned end."""
    if users.users < 2 or users.sums[0] <= 0:
        return 1.0
    control, treatment = _pair(trial)
    m = sequence.harmonic(control * users.users, treatment * users.users)
    denominator = "y" if find_metric(name).kind == "ratio" else None
    variance = float(users.aggregates().with_zero_div().ratio_var("x", denominator))
    return sequence.scale_for(m * variance, trial.alpha) if variance > 0 else 1.0


def _pair(trial: Trial) -> tuple[float, float]:
    """The shares of the control and of the smallest treatment: the comparison that needs most users."""
    return trial.shares[trial.control], min(trial.shares[name] for name in trial.treatments)
