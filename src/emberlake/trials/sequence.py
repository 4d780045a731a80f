"""Intervals and p-values that hold whenever one looks: a normal-mixture confidence sequence.

The statistic is T = m * difference, with m = n1 * n2 / (n1 + n2): a sum over users, of variance V = m**2 * se**2. Under
no effect its mixture martingale exceeds 1 / alpha at any time with probability alpha at most (Ville's inequality).
Sources: Robbins (1970), "Statistical methods related to the law of the iterated logarithm"; Johari, Koomen, Pekelis and
Walsh (2022), "Always valid inference" (the mSPRT); Howard, Ramdas, McAuliffe and Sekhon (2021), "Time-uniform,
nonparametric, nonasymptotic confidence sequences"; Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2024),
"Time-uniform central limit theory and asymptotic confidence sequences", whose choice of the scale is used.
docs/decisions/0082-looking-early.md says why users who buy again and again do not break it.
"""

from __future__ import annotations

import numpy as np


def harmonic(control: float, treatment: float) -> float:
    """How many users of each variant a comparison is worth: n1 * n2 / (n1 + n2)."""
    return control * treatment / (control + treatment)


def scale_for(variance: float, alpha: float) -> float:
    """The mixture's scale for which the sequence is narrowest when T has this variance.

    It has to be fixed before the first look (Waudby-Smith et al. 2024, section 2.3).
    """
    a = -2 * np.log(alpha)
    return float(variance / (a + np.log(a) + 1))


def width(variance: np.ndarray | float, scale: float, alpha: float) -> np.ndarray:
    """Half of the interval's width in standard errors; 1.96 would be the one for a single look at 5 %."""
    ratio = np.asarray(variance, dtype=float) / scale
    return np.sqrt((1 + 1 / ratio) * (np.log1p(ratio) - 2 * np.log(alpha)))


def p_value(z: np.ndarray | float, variance: np.ndarray | float, scale: float) -> np.ndarray:
    """The always-valid p-value of a difference of z standard errors."""
    ratio = np.asarray(variance, dtype=float) / scale
    evidence = 0.5 * np.square(z) * ratio / (1 + ratio) - 0.5 * np.log1p(ratio)
    return np.exp(-np.maximum(evidence, 0.0))
