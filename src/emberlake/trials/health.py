"""Whether a reading can be trusted at all: checked first, and a trial that fails is not read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emberlake.errors import TrialError
from emberlake.trials.exposures import CONFLICT
from emberlake.trials.trial import Trial

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

# Fabijan et al. (2019), "Diagnosing sample ratio mismatch in online controlled experiments": they use 0.0005 to 0.001.
MISMATCH = 0.001
# Above this, users are mixed up between variants, and leaving them out would choose who is compared.
MOST_IN_TWO = 0.01
MOST_ELSEWHERE = 0.01


@dataclass(frozen=True)
class Health:
    """What the checks found.

    Attributes:
        users: variant to its users in the comparison.
        expected: variant to how many there should be.
        mismatch_p: probability of shares that far off by chance.
        left_out: reason to users that are in no comparison.
        elsewhere: users whose variant is not the one that the assignment gives; None where it is not known.
    """

    users: dict[str, int]
    expected: dict[str, float]
    mismatch_p: float
    left_out: dict[str, int] = field(default_factory=dict)
    elsewhere: int | None = None

    @property
    def compared(self) -> int:
        """All users in the comparison."""
        return sum(self.users.values())


def count(exposed: DataFrame, trial: Trial) -> list[dict[str, Any]]:
    """Users by variant and reason for being left out, and how many of them the assignment puts elsewhere.

    Args:
        exposed: what `first_exposures` gave.
    """
    import pyspark.sql.functions as F

    from emberlake.trials.assignment import variant_column

    elsewhere = F.lit(0)
    if trial.method != "file":
        own = variant_column(F.col("user_id"), trial.shares, trial.salt, trial.method)
        elsewhere = (own != F.col("variant")).cast("int")
    counted = exposed.groupBy("variant", "left_out").agg(
        F.count("*").alias("users"), F.sum(elsewhere).alias("elsewhere")
    )
    return counted.toArrow().to_pylist()  # type: ignore[no-any-return]


def examine(rows: list[dict[str, Any]], trial: Trial) -> Health:
    """The checks' result, from what `count` gave.

    Raises:
        TrialError: if the trial cannot be read, with what to look at.
    """
    left_out: dict[str, int] = {}
    users = dict.fromkeys(trial.shares, 0)
    for row in rows:
        if row["left_out"]:
            left_out[row["left_out"]] = left_out.get(row["left_out"], 0) + row["users"]
        elif row["variant"] not in users:
            raise TrialError(
                f"{row['users']:,} users of trial {trial.name!r} are in a variant {row['variant']!r} that it lacks.",
                f"It has: {', '.join(users)}. Correct the exposures, and plan a new trial for them.",
            )
        else:
            users[row["variant"]] += row["users"]
    kept = [row for row in rows if not row["left_out"]]
    elsewhere = None if trial.method == "file" else sum(row["elsewhere"] for row in kept)
    _require_users(trial, users, left_out, elsewhere)
    p = mismatch(users, trial.shares)
    total = sum(users.values())
    found = Health(users, {n: s * total for n, s in trial.shares.items()}, p, left_out, elsewhere)
    if p < MISMATCH:
        raise _mismatched(trial, found)
    return found


def mismatch(users: Mapping[str, int], shares: Mapping[str, float]) -> float:
    """Probability of numbers at least that far from the planned shares by chance (Pearson's chi-square)."""
    from scipy.stats import chisquare

    total = sum(users.values())
    return float(chisquare([users[name] for name in shares], [share * total for share in shares.values()]).pvalue)


def _require_users(trial: Trial, users: dict[str, int], left_out: dict[str, int], elsewhere: int | None) -> None:
    if not sum(users.values()):
        why = f" ({', '.join(f'{n:,} {reason}' for reason, n in left_out.items())})" if left_out else ""
        raise TrialError(
            f"Nobody was exposed to trial {trial.name!r} in its days{why}.",
            f"It counts users first exposed from {trial.since} to before {trial.until}, UTC.",
        )
    everyone = sum(users.values()) + left_out.get(CONFLICT, 0)
    if left_out.get(CONFLICT, 0) > MOST_IN_TWO * everyone:
        raise TrialError(
            f"{left_out[CONFLICT]:,} of {everyone:,} users of trial {trial.name!r} were exposed to two variants;"
            f" more than {MOST_IN_TWO:.0%} make the comparison void.",
            "Look at how the site chooses the variant: it must be by user, not by visit or device.",
        )
    if empty := [name for name, n in users.items() if not n]:
        raise TrialError(
            f"The variant {empty[0]!r} of trial {trial.name!r} has no users.",
            "Look at whether it was ever switched on, and whether its name is the plan's.",
        )
    if elsewhere and elsewhere > MOST_ELSEWHERE * sum(users.values()):
        raise TrialError(
            f"{elsewhere:,} of {sum(users.values()):,} users saw another variant than trial {trial.name!r} gives them.",
            "Look at whether the site uses this trial's salt and method (emberlake trial list --json);"
            " if it assigns on its own, plan with --assign file.",
        )


def _mismatched(trial: Trial, found: Health) -> TrialError:
    had = ", ".join(f"{name} {n:,} (planned {found.expected[name]:,.0f})" for name, n in found.users.items())
    return TrialError(
        f"Trial {trial.name!r} is not read: its users are not split as planned: {had};"
        f" chance alone does so once in {1 / max(found.mismatch_p, 1e-12):,.0f} trials.",
        "Something loses or adds users of one variant, and the rest are no longer comparable. Look at redirects and"
        " errors of one variant, at bots, at when each variant was switched on, and at whether the variant changes who"
        " counts as exposed.",
    )
