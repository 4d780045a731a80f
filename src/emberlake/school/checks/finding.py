"""What a check found: what was expected, what came, where to look."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """A check that did not hold.

    Attributes:
        check: `result`, or the name of the plan check.
        what: one sentence.
        expected: what was expected.
        came: what came instead.
        look: where to look next.
    """

    check: str
    what: str
    expected: str
    came: str
    look: str
