"""Checks of a learner's answer: its rows, and the plan that made them."""

from emberlake.school.checks.answer import Answer, frame_answer, value_answer
from emberlake.school.checks.evidence import Evidence
from emberlake.school.checks.finding import Finding
from emberlake.school.checks.plan import OF_PLANS, Check, rows_to_driver
from emberlake.school.checks.rows import Rules, compare, same
from emberlake.school.checks.written import commits, commits_below, operators_below, state_of

# `course/course.toml` names them with their parameters. Those of plans are asked only where a plan was read.
CHECKS: dict[str, Check] = {**OF_PLANS, "rows_to_driver": rows_to_driver, "commits": commits, "state_of": state_of}

__all__ = [
    "CHECKS", "OF_PLANS", "Answer", "Evidence", "Finding", "Rules", "commits_below", "compare", "frame_answer",
    "operators_below", "same", "value_answer",
]  # fmt: skip
