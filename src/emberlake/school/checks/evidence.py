"""What is known of a run of an answer, beside its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from emberlake.school.plans import Plan


@dataclass(frozen=True)
class Evidence:
    """What is known of a run.

    Attributes:
        plan: the plan that ran; None on an engine whose plans are not read.
        rows_to_driver: rows that the learner's function itself fetched, by collect, toPandas and the like.
        commits: of each Delta table in the scratch folder the operations after its first commit.
        operators: what kept state in the checkpoints of the scratch folder.
    """

    plan: Plan | None
    rows_to_driver: int = 0
    commits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    operators: tuple[str, ...] = ()

    @property
    def known_plan(self) -> Plan:
        """The plan, for checks that are asked only where there is one."""
        if self.plan is None:
            raise ValueError("No plan was read of this run.")
        return self.plan
