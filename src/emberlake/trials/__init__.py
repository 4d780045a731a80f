"""A/B tests: who sees what, what was seen, and what it was worth.

Public: `Trial`, `Diary`, `Story`, `Reading`, `Forecast`, `plan`, `start`, `expose`, `read`, `stop`, `usual`,
`page`, `trial_metrics`, `find_metric`, `variant_of`, `variant_column`.
"""

from emberlake.trials.assignment import variant_column, variant_of
from emberlake.trials.conduct import expose, plan, read, start, stop, usual
from emberlake.trials.diary import Diary, Story
from emberlake.trials.metric import find_metric, trial_metrics
from emberlake.trials.page import page
from emberlake.trials.planner import Forecast
from emberlake.trials.reading import Reading
from emberlake.trials.trial import Trial

__all__ = [
    "Diary",
    "Forecast",
    "Reading",
    "Story",
    "Trial",
    "expose",
    "find_metric",
    "page",
    "plan",
    "read",
    "start",
    "stop",
    "trial_metrics",
    "usual",
    "variant_column",
    "variant_of",
]
