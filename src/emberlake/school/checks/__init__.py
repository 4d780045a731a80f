"""Checks of a learner's answer: its rows, and the plan that made them."""

from emberlake.school.checks.answer import Answer, frame_answer, value_answer
from emberlake.school.checks.finding import Finding
from emberlake.school.checks.plan import CHECKS, Evidence
from emberlake.school.checks.rows import Rules, compare, same

__all__ = ["CHECKS", "Answer", "Evidence", "Finding", "Rules", "compare", "frame_answer", "same", "value_answer"]
