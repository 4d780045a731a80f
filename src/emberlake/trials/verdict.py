"""What a reading means, in sentences for those who decide."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from emberlake.trials.comparison import Difference
from emberlake.trials.metric import TrialMetric

Outcome = Literal["better", "worse", "open"]
Guard = Literal["safe", "unclear", "harmed"]


@dataclass(frozen=True)
class Verdict:
    """What the reading means for one treatment: in one word, in one sentence, and what to do."""

    variant: str
    outcome: Outcome
    sentence: str
    advice: str


def guard(metric: TrialMetric, found: Difference) -> Guard:
    """Non-inferiority: safe when the interval's bad end is within the margin, else harmed when all of it is worse."""
    worst, best = sorted((found.relative_low * metric.sign, found.relative_high * metric.sign))
    if worst > -metric.margin:
        return "safe"
    return "harmed" if best < 0 else "unclear"


def verdict(
    variant: str,
    control: str,
    metric: TrialMetric,
    found: Difference,
    alpha: float,
    guards: Mapping[str, Guard],
) -> Verdict:
    """The verdict on one treatment.

    Args:
        guards: guardrail's title to its state.
    """
    result = _outcome(metric, found, alpha)
    between = f"between {percent(found.relative_low)} and {percent(found.relative_high)}"
    title = metric.title.lower()
    if result == "open":
        said = f"No difference between {variant} and {control} is shown: {title} changed by something {between}."
    else:
        moved = f"{'rose' if found.relative > 0 else 'fell'} by {abs(found.relative):.1%}"
        said = f"{variant} is {result} than {control}: {title} {moved} ({between})."
    harmed, unclear = ([name for name, state in guards.items() if state == s] for s in ("harmed", "unclear"))
    if harmed:
        said += f" But it does harm: {_and(harmed)} got worse."
    if unclear:
        said += f" Not shown to be harmless yet: {_and(unclear)}."
    return Verdict(variant, result, said, _advice(result, set(guards.values())))


def peeked(variant: str, until: dt.date) -> Verdict:
    """In place of a verdict, before the planned end."""
    said = "This is a peek before the planned end: it decides nothing, however it looks."
    return Verdict(variant, "open", said, f"Read it again when the data reach {until}.")


def _outcome(metric: TrialMetric, found: Difference, alpha: float) -> Outcome:
    if found.adjusted_p >= alpha:
        return "open"
    return "better" if found.relative * metric.sign > 0 else "worse"


def _advice(result: Outcome, states: set[Guard]) -> str:
    if result == "worse":
        return "Keep the control."
    if "harmed" in states:
        return "Keep the control until the harm is understood."
    if result == "better":
        return "Ship it." + (" Watch the guardrails that are not clear yet." if "unclear" in states else "")
    return "Keep the control, unless the change is wanted for other reasons: the trial does not show that it pays."


def _and(names: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def percent(value: float) -> str:
    """A relative change with its sign."""
    return f"{value:+.1%}".replace("-", "−")
