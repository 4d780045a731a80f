"""Trials as people read them on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from math import isfinite
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

from emberlake.cli.screen import table

if TYPE_CHECKING:
    from emberlake.trials import Forecast, Reading, Story, Trial
    from emberlake.trials.reading import Line


def plan_data(trial: Trial, found: Forecast) -> dict[str, Any]:
    """For programs."""
    outlooks = [
        asdict(look) | {"smallest": look.smallest if isfinite(look.smallest) else None} for look in found.outlooks
    ]
    return {"trial": trial.to_dict(), "forecast": asdict(found) | {"outlooks": outlooks}}


def plan_view(trial: Trial, found: Forecast) -> Iterator[RenderableType]:
    """What the trial needs, week by week."""
    shown = [
        {
            "days": look.days,
            "users": look.users,
            f"users needed for {abs(trial.effect):.1%}": look.needed,
            "smallest change shown": f"{look.smallest:.1%}" if isfinite(look.smallest) else None,
        }
        for look in found.outlooks
    ]
    value = f"{found.value:.1%}" if trial.metric in ("conversion",) else f"{found.value:,.2f}"
    yield Text(
        f"{trial.metric.replace('_', ' ')} was {value} from {found.since} to before {found.until};", style="bold"
    )
    yield Text(f"{found.active_a_day:,.0f} users a day ordered or visited.")
    yield table(shown)
    enough = f"{found.days} days are enough." if found.days else "Not enough within these weeks."
    looks = "It may be read at any time." if trial.sequential else "It is read once, at its end."
    yield Text(f"\n{enough} Planned: {trial.days} days from {trial.since}. {looks}")
    yield Text(f"Next: emberlake trial start {trial.name}", style="dim")


def next_step(trial: Trial) -> str:
    """The command that follows the start."""
    if trial.exposure == "log":
        return f"emberlake trial expose {trial.name} FILE"
    return f"emberlake trial read {trial.name}"


def story_row(story: Story) -> dict[str, Any]:
    """A line of the list."""
    trial = story.trial
    return {
        "trial": trial.name,
        "state": story.state,
        "from": trial.since,
        "until": story.stopped_on or trial.until,
        "metric": trial.metric,
        "variants": ", ".join(f"{name} {share:.0%}" for name, share in trial.shares.items()),
        "sequential": trial.sequential,
        "read": len(story.of("read")),
    }


def reading_view(reading: Reading) -> Iterator[RenderableType]:
    """The verdict, then the figures."""
    if not reading.final:
        yield Text("A PEEK: this trial is not over, and nothing may be decided on what follows.", style="bold red")
    for verdict in reading.verdicts:
        yield Text(verdict.sentence, style="bold")
        yield Text(verdict.advice)
    users = ", ".join(f"{name} {n:,}" for name, n in reading.health.users.items())
    yield Text(f"{reading.trial.since} to before {reading.until}; users: {users}\n", style="dim")
    yield table([_row(line, reading.trial.alpha) for line in reading.lines])
    for line in reading.lines:
        if line.why_not:
            yield Text(f"{line.metric.title}: {line.why_not}", style="dim")


def _row(line: Line, alpha: float) -> dict[str, Any]:
    found, share = line.found, line.metric.unit == "share"
    shown = {"variant": line.variant, "metric": line.metric.title, "role": line.role}
    if found is None:
        return shown | dict.fromkeys(("control", "treatment", "change", f"{1 - alpha:.0%} interval", "p", "says"))

    def value(x: float) -> str:
        return f"{x:.2%}" if share else f"{x:,.2f}"

    says = line.guard or ("changed" if found.adjusted_p < alpha else "open")
    return shown | {
        "control": value(found.control),
        "treatment": value(found.treatment),
        "change": f"{found.relative:+.1%}",
        f"{1 - alpha:.0%} interval": f"{found.relative_low:+.1%} to {found.relative_high:+.1%}",
        "p": "<0.0001" if found.adjusted_p < 0.0001 else f"{found.adjusted_p:.4f}",
        "says": says,
    }
