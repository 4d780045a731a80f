"""Learners' code runs in a process of its own, which holds one warm session and is replaced when it breaks."""

from emberlake.school.worker.job import Job
from emberlake.school.worker.parent import Worker

__all__ = ["Job", "Worker"]
