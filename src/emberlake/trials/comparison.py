"""One metric, two variants: the difference, its interval and how surprising it would be by chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log1p
from typing import Any, Literal

from emberlake.errors import TrialError
from emberlake.trials import sequence
from emberlake.trials.moments import Moments

Kind = Literal["share", "mean", "ratio"]


@dataclass(frozen=True)
class Difference:
    """A treatment beside the control.

    Attributes:
        control, treatment: the metric's values, with the covariate's chance differences taken out.
        absolute, low, high: treatment less control, and its interval.
        relative, relative_low, relative_high: the same over the control's value.
        p: probability of a difference at least as large if there were none; always-valid in a sequential trial.
        saved: part of the variance that CUPED took out; None where there was nothing to take.
        adjusted_p: `p` corrected for the number of comparisons.
    """

    control: float
    treatment: float
    absolute: float
    low: float
    high: float
    relative: float
    relative_low: float
    relative_high: float
    p: float
    saved: float | None
    adjusted_p: float


def difference(
    kind: Kind, control: Moments, treatment: Moments, alpha: float = 0.05, scale: float | None = None
) -> Difference:
    """Compares two variants on one metric.

    Means by Welch's test, ratios by the delta method (Deng, Knoblich and Lu 2018), both with the variance cut by what
    was known before the trial (CUPED: Deng, Xu, Kohavi and Walker 2013), and the relative interval on the log scale;
    all by tea-tasting.

    Args:
        alpha: the interval covers with probability 1 - alpha.
        scale: of the confidence sequence (`sequence.scale_for`): interval and p-value then hold at any look.

    Raises:
        TrialError: if a variant has fewer than two users, or nothing varies.
    """
    _require_variation(kind, control, treatment)
    plain = _analysis(kind, control, treatment, alpha, covariate=False, exact=scale is None)
    helps = _has_history(kind, control, treatment)
    found = _analysis(kind, control, treatment, alpha, covariate=True, exact=scale is None) if helps else plain
    saved = 1 - (_error(found, alpha) / _error(plain, alpha)) ** 2 if helps else None
    if scale is None:
        ends = (found.effect_size_ci_lower, found.effect_size_ci_upper)
        relative_ends = (found.rel_effect_size_ci_lower, found.rel_effect_size_ci_upper)
        p = found.pvalue
    else:
        ends, relative_ends, p = _always_valid(found, control, treatment, alpha, scale)
    return Difference(
        found.control, found.treatment, found.effect_size, *ends, found.rel_effect_size, *relative_ends, p, saved, p
    )


def _analysis(kind: Kind, control: Moments, treatment: Moments, alpha: float, *, covariate: bool, exact: bool) -> Any:
    import tea_tasting as tt

    given: dict[str, Any] = {"confidence_level": 1 - alpha, "use_t": exact, "alternative": "two-sided"}
    if kind == "ratio":
        metric: Any = tt.RatioOfMeans("x", "y", *(("cx", "cy") if covariate else ()), **given)
    else:
        metric = tt.Mean("x", *(("cx",) if covariate else ()), **given)
    both = {0: control.aggregates(), 1: treatment.aggregates()}
    return metric.analyze(both, control=0, treatment=1)


def _error(found: Any, alpha: float) -> float:
    """The half width of its interval, which is the standard error times something of `alpha`."""
    return float(found.effect_size_ci_upper - found.effect_size)


def _always_valid(
    found: Any, control: Moments, treatment: Moments, alpha: float, scale: float
) -> tuple[tuple[float, float], tuple[float, float], float]:
    from scipy.special import ndtri

    quantile = float(ndtri(1 - alpha / 2))
    error = _error(found, alpha) / quantile
    variance = (sequence.harmonic(control.users, treatment.users) * error) ** 2
    half = float(sequence.width(variance, scale, alpha))
    ends = (found.effect_size - half * error, found.effect_size + half * error)
    relative = found.rel_effect_size
    log_half = (log1p(found.rel_effect_size_ci_upper) - log1p(relative)) / quantile * half
    relative_ends = ((1 + relative) * exp(-log_half) - 1, (1 + relative) * exp(log_half) - 1)
    return ends, relative_ends, float(sequence.p_value(found.effect_size / error, variance, scale))


def _require_variation(kind: Kind, control: Moments, treatment: Moments) -> None:
    if min(control.users, treatment.users) < 2:
        raise TrialError("A variant has fewer than two users.", "Wait for more, or look at who was exposed.")
    if kind == "ratio" and min(control.sums[1], treatment.sums[1]) <= 0:
        raise TrialError("A variant has nothing to divide by.", "The metric counts orders, and a variant has none.")
    varies = [_variance(kind, side) > 1e-12 * max(1.0, side.mean[0] ** 2) for side in (control, treatment)]
    if not all(varies):
        raise TrialError(
            "All users of a variant have the same value, so that there is no variance to compare with.",
            "Wait until something happened to some of them, or choose another metric.",
        )
    if control.sums[0] <= 0 or treatment.sums[0] <= 0:
        raise TrialError(
            "A variant's total is not above zero, so no relative difference exists.", "Wait for more data."
        )


def _variance(kind: Kind, side: Moments) -> float:
    cov, mean = side.covariance, side.mean
    if kind != "ratio":
        return float(cov[0, 0])
    ratio = mean[0] / mean[1]
    return float(cov[0, 0] - 2 * ratio * cov[0, 1] + ratio**2 * cov[1, 1])


def _has_history(kind: Kind, control: Moments, treatment: Moments) -> bool:
    both = control + treatment
    if kind == "ratio" and min(control.sums[3], treatment.sums[3]) <= 0:
        return False
    return float(both.covariance[2, 2]) > 0


def corrected(found: Sequence[float]) -> list[float]:
    """P-values after Holm's correction: all of them right with probability 1 - alpha, whatever their dependence."""
    from tea_tasting.experiment import ExperimentResult
    from tea_tasting.multiplicity import adjust_fwer

    results: Any = ExperimentResult({str(i): {"pvalue": p} for i, p in enumerate(found)})
    adjusted = adjust_fwer(results, arbitrary_dependence=True, method="bonferroni")
    return [float(row["pvalue_adj"]) for row in adjusted.to_dicts()] if found else []
