"""The main job: its steps in order, each able to run, skip and resume alone, grouped by engine in child processes.

Public: `STEPS`, `Step`, `choose`, `build`, `up`, `Run`, `Event`, `Summary`, `summarize`, `StepFailed`, `claim_root`,
`holdings`.
"""

from emberlake.steps.job import Run, build, up
from emberlake.steps.plan import STEPS, Step, choose
from emberlake.steps.root import claim_root, holdings
from emberlake.steps.summary import Summary, summarize
from emberlake.steps.wire import Event, StepFailed

__all__ = [
    "STEPS",
    "Event",
    "Run",
    "Step",
    "StepFailed",
    "Summary",
    "build",
    "choose",
    "claim_root",
    "holdings",
    "summarize",
    "up",
]
