"""The main job: take the lock, run the steps that are asked for group by group, keep what they did."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from emberlake.settings import Settings
from emberlake.steps.child import Outcome, run_group
from emberlake.steps.freshness import inputs_of, work_left
from emberlake.steps.lock import build_lock
from emberlake.steps.plan import PLAN, STEPS, Step, group
from emberlake.steps.record import StepRun, forget_runs, keep_runs, read_runs
from emberlake.steps.root import claim_root
from emberlake.steps.wire import Event

Tell = Callable[[Event], None]


@dataclass
class Run:
    """What one command did.

    Attributes:
        did: the steps that ran, in order; empty when all were up to date.
        why: step to the reason why it ran.
        seconds: wall time of all, engines' starts included.
        peak: the highest memory of any child's process tree, in bytes.
    """

    did: list[StepRun] = field(default_factory=list)
    why: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    peak: int = 0


def build(settings: Settings, steps: Sequence[Step], tell: Tell, wait: bool = False, plan: str = PLAN) -> Run:
    """Run these steps, whether they have work or not.

    Args:
        plan: `module:name` under which a child process finds the steps.

    Raises:
        LakeBusy: if another build holds the root and `wait` is false.
        EmberlakeError: what a step raised. Steps that finished before stay done.
    """
    begun = time.monotonic()
    claim_root(settings)
    settings = _of_shop(settings)
    with build_lock(settings, wait, lambda who: tell(Event("waiting", doing=who))) as held:
        run = Run(why={step.name: "asked for" for step in steps})
        _work(settings, steps, tell, held, run, plan)
    run.seconds = time.monotonic() - begun
    return run


def up(settings: Settings, tell: Tell, wait: bool = False, steps: Sequence[Step] = STEPS, plan: str = PLAN) -> Run:
    """Run the first step that has work and all after it; start nothing if none has.

    Raises:
        LakeBusy: if another build holds the root and `wait` is false.
        EmberlakeError: what a step raised.
    """
    begun = time.monotonic()
    claim_root(settings)
    settings = _of_shop(settings)
    with build_lock(settings, wait, lambda who: tell(Event("waiting", doing=who))) as held:
        why = work_left(settings, steps, read_runs(settings))
        run = Run(why=why)
        _work(settings, [step for step in steps if step.name in why], tell, held, run, plan)
    run.seconds = time.monotonic() - begun
    return run


def _of_shop(settings: Settings) -> Settings:
    """A shop that was made with other than the default seed and scale is built on as it is."""
    if not settings.landing.exists():
        return settings
    from emberlake.synth import as_made

    return as_made(settings)


def _work(settings: Settings, steps: Sequence[Step], tell: Tell, held: int, run: Run, plan: str) -> None:
    def keep(event: Event, outcome: Outcome) -> None:
        # At once, not at the end of the group: what is done stays done when a later step fails.
        run.did.append(_step_run(event, outcome, settings))
        keep_runs(settings, run.did[-1:])

    for engine, members in group(steps, settings):
        names = [step.name for step in members]
        forget_runs(settings, names)
        outcome = run_group(settings, engine, names, tell, keep, keep_open=(held,), plan=plan)
        run.peak = max(run.peak, outcome.peaks[""])


def _step_run(event: Event, outcome: Outcome, settings: Settings) -> StepRun:
    return StepRun(
        name=event.step,
        seconds=event.seconds,
        figures=event.figures,
        peak=outcome.peaks.get(event.step, 0),
        engine=outcome.engine_title,
        engine_seconds=outcome.engine_seconds,
        finished_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        log=str(outcome.log),
        inputs=inputs_of(event.step, settings),
    )
