"""Which steps there are, which of them a command asks for, and which of those share a process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

from emberlake.errors import SettingsError
from emberlake.settings import Settings
from emberlake.steps import work


@dataclass(frozen=True)
class Step:
    """One step of the main job.

    Attributes:
        engine: what it needs: `none`, `lake` (the setting's engine; auto is sail) or `spark`.
        run: does it, and returns its figures (values that JSON can hold).
    """

    name: str
    title: str
    engine: Literal["none", "lake", "spark"]
    run: Callable[[work.Tools], dict[str, Any]]


# One line a step; the order is the order of the data.
STEPS: tuple[Step, ...] = (
    Step("data", "Make the shop, unless you imported yours", "none", work.make_data),
    Step("bronze", "Take in new files, as they came", "lake", work.take_in),
    Step("silver", "Type, check and deduplicate", "lake", work.refine),
    Step("gold", "Build the marts", "lake", work.build_gold),
    Step("reports", "Answer the business's questions", "lake", work.run_reports),
    Step("graphs", "See who follows and influences whom", "lake", work.build_graphs),
    Step("models", "Train the models, write what they say", "spark", work.train_models),
    Step("catalog", "Write the data dictionary", "none", work.write_catalog),
    Step("live", "Score live orders, to show it", "none", work.show_live),
)

# Where a child process finds them.
PLAN = "emberlake.steps.plan:STEPS"


def choose(
    first: str | None = None,
    last: str | None = None,
    skip: Sequence[str] = (),
    steps: Sequence[Step] = STEPS,
) -> list[Step]:
    """The steps from `first` to `last`, both included, without those skipped.

    Raises:
        SettingsError: if a name is no step's, or nothing is left.
    """
    names = [step.name for step in steps]
    for name in (first, last, *skip):
        if name is not None and name not in names:
            close = get_close_matches(name, names, 1)
            hint = f"Did you mean {close[0]!r}? " if close else ""
            raise SettingsError(f"There is no step {name!r}.", f"{hint}The steps are: {', '.join(names)}.")
    start = names.index(first) if first else 0
    end = names.index(last) if last else len(names) - 1
    chosen = [step for step in steps[start : end + 1] if step.name not in skip]
    if not chosen:
        raise SettingsError("No step is left to run.", f"The order is: {', '.join(names)}.")
    return chosen


def engine_of(step: Step, settings: Settings) -> str | None:
    """The engine that the step needs: `sail`, `spark`, or None for no engine."""
    if step.engine == "none":
        return None
    if step.engine == "spark":
        return "spark"
    from emberlake.engine import resolve_engine

    return resolve_engine(settings)


def group(chosen: Sequence[Step], settings: Settings) -> list[tuple[str | None, list[Step]]]:
    """Consecutive steps that can share one process, with its engine.

    PySpark cannot hold two kinds of session in one process, so each engine gets its own. A step without an engine
    joins its neighbours: another process would cost its start and save nothing.
    """
    groups: list[tuple[str | None, list[Step]]] = []
    for step in chosen:
        kind = engine_of(step, settings)
        if groups and (kind is None or groups[-1][0] in (None, kind)):
            groups[-1] = (groups[-1][0] or kind, [*groups[-1][1], step])
        else:
            groups.append((kind, [step]))
    return groups
