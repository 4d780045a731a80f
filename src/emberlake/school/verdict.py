"""What a learner is told about an answer."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from emberlake.school.checks import Finding

# "unsolved": nothing was returned yet. "result", "plan": rows or plan are others than asked for. "error": the code
# raised. "limit": time or memory. "engine": the session or its process ended. "table": a table of the course changed.
Kind = Literal["passed", "unsolved", "result", "plan", "error", "limit", "engine", "table"]


@dataclass(frozen=True)
class Verdict:
    """The outcome of one check.

    Attributes:
        exercise: its number, such as 2.3.
        message: one or two sentences: what is seen, and where to look.
        line: the line of the learner's file that it is about.
        mistake: the name of the wrong answer that this one equals.
        checks: each thing that was looked at, and whether it held.
        printed: what the learner's code printed.
        seconds: of the learner's own runs.
        replace: whether the worker that gave it must be replaced.
    """

    exercise: str
    kind: Kind
    message: str
    expected: str = ""
    came: str = ""
    look: str = ""
    line: int | None = None
    mistake: str = ""
    checks: tuple[tuple[str, bool], ...] = ()
    printed: str = ""
    seconds: float = 0.0
    replace: bool = False

    @property
    def passed(self) -> bool:
        """Whether all held."""
        return self.kind == "passed"

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self) | {"passed": self.passed}

    @classmethod
    def from_dict(cls, told: dict[str, Any]) -> Verdict:
        """From what `to_dict` made."""
        told = {name: value for name, value in told.items() if name != "passed"}
        return cls(**told | {"checks": tuple((str(name), bool(held)) for name, held in told.get("checks", ()))})

    def but(self, **changes: Any) -> Verdict:
        """The same with other values."""
        return replace(self, **changes)

    def __str__(self) -> str:
        lines = [f"{'✓' if self.passed else '✗'} {self.exercise}  {self.message}"]
        lines += [f"    {word}: {said}" for word, said in (("expected", self.expected), ("came", self.came)) if said]
        return "\n".join([*lines, f"    {self.look}"] if self.look else lines)


def of_finding(exercise: str, finding: Finding, say: str = "") -> Verdict:
    """The verdict of a check that did not hold; `say` replaces its sentence."""
    kind: Kind = "result" if finding.check == "result" else "plan"
    message = say or (f"The rows are right. {finding.what}" if kind == "plan" else finding.what)
    return Verdict(exercise, kind, message, finding.expected, finding.came, finding.look)
