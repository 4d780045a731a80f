"""A model card (Mitchell et al. 2019): what a version answers, on which data, how well, for whom, and its limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emberlake.models.groups import Group, groups
from emberlake.models.recipe import Fitted, Metric, Recipe

if TYPE_CHECKING:
    from emberlake.models.promotion import Verdict

_GROUPS_SHOWN = 30
_FEATURES_SHOWN = 15


@dataclass(frozen=True)
class Grid:
    """A table of a card, as texts."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Section:
    """A part of a card.

    Attributes:
        sentences: a paragraph each.
        points: a list under them.
    """

    title: str
    sentences: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    grid: Grid | None = None


@dataclass(frozen=True)
class Card:
    """A whole card.

    Attributes:
        figures: names of the pictures that belong to it, in order.
    """

    title: str
    lead: str
    sections: tuple[Section, ...]
    figures: tuple[str, ...]


def write_card(
    recipe: Recipe, fitted: Fitted, pinned: dict[str, int], verdict: Verdict, figures: Sequence[str] = ()
) -> Card:
    """The card of a fitted model."""
    sections: list[Section | None] = [_measured(recipe, fitted), _verdict(verdict), _data(recipe, fitted, pinned)]
    for column, of in (("country", "Countries"), ("age", "Ages")):
        sections.append(_fairness(groups(verdict.losses, column), of, column))
    sections += [_importance(fitted), _tried(fitted), _limits(fitted), _parameters(fitted)]
    kept = tuple(section for section in sections if section is not None)
    return Card(
        f"{recipe.title}, trained {verdict.at[:16].replace('T', ' ')} UTC", recipe.question, kept, tuple(figures)
    )


def _measured(recipe: Recipe, fitted: Fitted) -> Section:
    metric = recipe.metric
    reached = fitted.metrics[metric.name]
    rows = [("this model", number(reached, metric))]
    rows += [(name, number(of[metric.name], metric)) for name, of in fitted.baselines.items()]
    better = [n for n, of in fitted.baselines.items() if _beats(metric, reached, of[metric.name])]
    worse = [name for name in fitted.baselines if name not in better]
    says = f"It beats every baseline: {', '.join(better)}."
    if worse:
        says = f"It does NOT beat {', '.join(worse)}: use what is simpler, or do not trust this model."
    which = "more is better." if metric.higher_is_better else "less is better."
    others = {name: value for name, value in fitted.metrics.items() if name != metric.name}
    points = tuple(f"{name}: {number(value)}" for name, value in others.items())
    return Section("How well", (says, f"{metric.title}: {which}"), points, Grid(("", metric.name), tuple(rows)))


def _verdict(verdict: Verdict) -> Section:
    if not verdict.champion:
        return Section("Beside the champion", (verdict.why,))
    role = f"Compared with version {verdict.champion}, it became {verdict.becomes}."
    return Section("Beside the champion", (role, verdict.why))


def _data(recipe: Recipe, fitted: Fitted, pinned: dict[str, int]) -> Section:
    said = f"Learnt from {fitted.train_rows:,} rows, measured on {fitted.holdout_rows:,} rows that it had not seen."
    windows = tuple(f"{name}: {first} to {last}" for name, (first, last) in fitted.windows.items())
    rows = tuple((name, str(version) if version >= 0 else "not there") for name, version in pinned.items())
    return Section("Data", (said,), windows, Grid(("table", "version"), rows))


def _fairness(found: list[Group], of: str, column: str) -> Section:
    title = f"{of}: is it worse for some?"
    if not found:
        return Section(title, ("Not known: the hold-out has no such column.",))
    worse = [group.name for group in found if group.verdict == "worse"]
    says = f"Its loss is higher for {', '.join(worse)}." if worse else "No group of enough units has a higher loss."
    rows = tuple((g.name, f"{g.units:,}", f"{g.loss:.4g}", _interval(g), g.verdict) for g in found[:_GROUPS_SHOWN])
    more = (f"{len(found) - _GROUPS_SHOWN} smaller groups are left out.",) if len(found) > _GROUPS_SHOWN else ()
    grid = Grid((column, "units", "mean loss", "95 % interval", "beside the others"), rows)
    return Section(title, (says, "Loss: less is better. The verdict allows for the number of groups.", *more), (), grid)


def _interval(group: Group) -> str:
    return "–" if group.low is None or group.high is None else f"{group.low:.4g} to {group.high:.4g}"


def _importance(fitted: Fitted) -> Section | None:
    if not fitted.importance:
        return None
    ranked = sorted(fitted.importance.items(), key=lambda pair: -pair[1])[:_FEATURES_SHOWN]
    rows = tuple((name, f"{share:.1%}") for name, share in ranked)
    return Section("What it looks at", (), (), Grid(("feature", "share of importance"), rows))


def _tried(fitted: Fitted) -> Section | None:
    return Section("What else was tried", fitted.tried) if fitted.tried else None


def _limits(fitted: Fitted) -> Section:
    own = fitted.limits or ("None were written down: take that for a limit too.",)
    return Section("Limits", (), own)


def _parameters(fitted: Fitted) -> Section:
    return Section("Parameters", (), (), Grid(("name", "value"), tuple((n, str(v)) for n, v in fitted.params.items())))


def number(value: float, metric: Metric | None = None) -> str:
    """A measure as people read it."""
    unit = metric.unit if metric else ""
    if unit == "share":
        return f"{value:.1%}"
    text = f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"
    return f"{text} {unit}".rstrip()


def _beats(metric: Metric, value: float, than: float) -> bool:
    return value > than if metric.higher_is_better else value < than
