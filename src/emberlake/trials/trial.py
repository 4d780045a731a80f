"""What a trial is: who takes part, what is measured, from when to when, and what was promised before it began."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from emberlake.errors import TrialError
from emberlake.trials.assignment import Method

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
MOST_DAYS = 366
Exposure = Literal["before", "during", "log"]
_HALF = {"control": 0.5, "treatment": 0.5}


@dataclass(frozen=True)
class Trial:
    """A plan, fixed before the first look at the data.

    Attributes:
        shares: variant to its share of the users; the first one is the control.
        metric: the one that decides.
        others: metrics that are looked at beside it, corrected for their number.
        guardrails: metrics that must not get worse.
        effect: the smallest relative change of the metric that is worth knowing.
        since: first day, UTC.
        days: length; the last day is `until` less one.
        method: how users are assigned.
        exposure: who takes part: `before`, those who ordered or visited in the `history` days before it; `during`,
            those who order or visit in it; `log`, those that imported exposures name.
        sequential: whether it may be read at any time.
        scale: metric to the variance at which its confidence sequence is narrowest (sequential trials only).
        history: days before the trial that the covariates of CUPED are taken from.

    Raises:
        TrialError: if it could not be run as written.
    """

    name: str
    metric: str
    effect: float
    since: dt.date
    days: int
    shares: Mapping[str, float] = field(default_factory=lambda: dict(_HALF))
    others: tuple[str, ...] = ()
    guardrails: tuple[str, ...] = ()
    alpha: float = 0.05
    power: float = 0.8
    method: Method = "hash"
    exposure: Exposure = "before"
    salt: str = ""
    sequential: bool = False
    scale: Mapping[str, float] = field(default_factory=dict)
    history: int = 90

    def __post_init__(self) -> None:
        _check(self)

    @property
    def until(self) -> dt.date:
        """The first day after the trial."""
        return self.since + dt.timedelta(days=self.days)

    @property
    def before(self) -> dt.date:
        """The first day that covariates are taken from."""
        return self.since - dt.timedelta(days=self.history)

    @property
    def control(self) -> str:
        """The variant that the others are compared with."""
        return next(iter(self.shares))

    @property
    def treatments(self) -> tuple[str, ...]:
        """All other variants."""
        return tuple(self.shares)[1:]

    @property
    def metrics(self) -> tuple[str, ...]:
        """Every metric, the deciding one first."""
        return (self.metric, *self.others, *self.guardrails)

    def to_dict(self) -> dict[str, Any]:
        """As the diary keeps it; the order of the shares matters."""
        return asdict(self) | {"since": self.since.isoformat()}

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Trial:
        """From what `to_dict` gave."""
        lists = {name: tuple(kept[name]) for name in ("others", "guardrails")}
        return cls(**{**kept, **lists, "since": dt.date.fromisoformat(kept["since"])})


def _check(trial: Trial) -> None:
    if not _NAME.fullmatch(trial.name):
        raise TrialError(
            f"A trial cannot be called {trial.name!r}.",
            "Use up to 64 small letters, digits, - and _, such as checkout-2025.",
        )
    _check_shares(trial.shares)
    if not 1 <= trial.days <= MOST_DAYS:
        raise TrialError(f"A trial of {trial.days} days is not possible.", f"Give 1 to {MOST_DAYS} days.")
    if not 1990 <= trial.since.year <= 2199:
        raise TrialError(f"The trial would begin on {trial.since}.", "Give a day from 1990 to 2199.")
    for name, value, low, high in (
        ("alpha", trial.alpha, 0.0001, 0.5),
        ("power", trial.power, 0.5, 0.999),
        ("effect", abs(trial.effect), 0.0001, 10),
    ):
        if not low <= value <= high:
            raise TrialError(f"The trial's {name} is {value}.", f"Give a number from {low} to {high}.")
    if repeated := sorted({m for m in trial.metrics if trial.metrics.count(m) > 1}):
        raise TrialError(f"The metric {repeated[0]!r} is named twice.", "A metric decides, is beside it, or guards.")

    if trial.method == "file" and trial.exposure != "log":
        raise TrialError(
            f"Trial {trial.name!r} assigns its users by a file, so nobody can work out who was in which variant.",
            "Add --expose log, and import the exposures: emberlake trial expose.",
        )


def _check_shares(shares: Mapping[str, float]) -> None:
    if not 2 <= len(shares) <= 10:
        raise TrialError(f"A trial has 2 to 10 variants, not {len(shares)}.", "Such as control=50 treatment=50.")
    if any(not 0 < share < 1 for share in shares.values()):
        raise TrialError("Every variant needs a share above 0.", "Such as control=80 a=10 b=10.")
    if abs(sum(shares.values()) - 1) > 1e-9:
        raise TrialError(
            f"The shares sum to {sum(shares.values()):.4g}, not to 1.",
            "Shares are percentages that sum to 100, such as control=80 a=10 b=10.",
        )
