"""An exercise as `course.toml` lists it: its files, what is checked, hints, wrong answers."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from emberlake.errors import CourseError
from emberlake.school.checks import CHECKS, Rules
from emberlake.school.listing import fields, texts

ENGINES = ("spark", "sail")
_MUST = {"name": str, "title": str, "goal": str, "minutes": int, "hints": list}
_MAY = {
    "engines": list, "checks": list, "wrong": list, "approaches": list, "key": list, "ordered": bool,
    "tolerance": float, "types": str, "conf": dict, "seconds": float,
}  # fmt: skip


@dataclass(frozen=True)
class Declared:
    """A plan check with its parameters, and the exercise's own sentence for its failure."""

    name: str
    parameters: Mapping[str, Any]
    say: str = ""


@dataclass(frozen=True)
class Wrong:
    """A wrong answer that has a name.

    Attributes:
        message: what a learner who gives it is told.
        fails: `result`; the name of a plan check, and perhaps a part of what came; `error` and a word of its message.
    """

    name: str
    path: Path
    message: str
    fails: str


@dataclass(frozen=True)
class Exercise:
    """One exercise: where its files are, and what is checked."""

    folder: Path
    module: str
    number: str
    name: str
    title: str
    goal: str
    minutes: int
    engines: tuple[str, ...]
    hints: tuple[str, ...]
    checks: tuple[Declared, ...]
    wrongs: tuple[str, ...]
    approaches: tuple[str, ...]
    rules: Rules
    conf: Mapping[str, str]
    seconds: float

    @property
    def file(self) -> Path:
        """Its path below `exercises/`, `solutions/`, `wrong/` and the learner's folder."""
        return Path(self.module) / f"{self.name}.py"

    @property
    def engine(self) -> str:
        """The engine that it is checked on."""
        return self.engines[0]

    @property
    def unsolved(self) -> Path:
        """What a learner starts with."""
        return self.folder / "exercises" / self.file

    @property
    def solutions(self) -> list[Path]:
        """The solution, then other approaches."""
        here = self.folder / "solutions" / self.module
        return [here / f"{self.name}.py", *(here / f"{self.name}__{each}.py" for each in self.approaches)]

    @cached_property
    def wrong(self) -> tuple[Wrong, ...]:
        """The wrong answers that have a name."""
        here = self.folder / "wrong" / self.module
        return tuple(_wrong(each, here / f"{self.name}__{each}.py") for each in self.wrongs)

    def has(self, path: Path) -> bool:
        """Whether a file is one of the course's own answers: a solution, or a wrong one."""
        return path in self.solutions or any(path == wrong.path for wrong in self.wrong)


def read_exercise(folder: Path, module: int, module_name: str, told: Any) -> Exercise:
    """One `[[module.exercise]]`.

    Raises:
        CourseError: at the first field that cannot be taken.
    """
    name = str(told.get("name", "?")) if isinstance(told, dict) else "?"
    where = f"course.toml, [[module.exercise]] {module_name}/{name}"
    fields(told, where, _MUST, _MAY)
    if not re.fullmatch(r"\d\d_\w+", name):
        raise CourseError(f"{where}: 'name' is {name!r}.", "It is two digits, an underscore and words: 05_small_side.")
    engines = texts(told, "engines", where) or ENGINES[:1]
    if set(engines) - set(ENGINES):
        raise CourseError(f"{where}: engines are {', '.join(engines)}.", f"Accepted are {', '.join(ENGINES)}.")
    types = told.get("types", "kind")
    if types not in ("kind", "exact"):
        raise CourseError(f"{where}: 'types' is {types!r}.", "Accepted are kind and exact.")
    return Exercise(
        folder=folder, module=module_name, number=f"{module}.{int(name[:2])}", name=name, title=told["title"],
        goal=told["goal"].strip(), minutes=told["minutes"], engines=engines,
        hints=tuple(" ".join(hint.split()) for hint in texts(told, "hints", where)),
        checks=tuple(_declared(each, where) for each in told.get("checks", [])),
        wrongs=texts(told, "wrong", where), approaches=texts(told, "approaches", where),
        rules=Rules(texts(told, "key", where), told.get("ordered", False),
                    float(told.get("tolerance", 0.005)), types),
        conf=dict(told.get("conf", {})), seconds=float(told.get("seconds", 60)),
    )  # fmt: skip


def _declared(told: Any, where: str) -> Declared:
    if not isinstance(told, dict):
        raise CourseError(f"{where}: 'checks' holds {told!r}.", 'A check is a table: { check = "broadcast" }.')
    given = dict(told)
    name, say = str(given.pop("check", "?")), str(given.pop("say", ""))
    if name not in CHECKS:
        raise CourseError(f"{where}: there is no check {name!r}.", f"Checks are {', '.join(CHECKS)}.")
    try:
        inspect.signature(CHECKS[name]).bind(None, **given)
    except TypeError as e:
        raise CourseError(f"{where}: check {name}: {e}.", f"It takes {inspect.signature(CHECKS[name])}.") from e
    return Declared(name, given, say)


def _wrong(name: str, path: Path) -> Wrong:
    """A wrong answer's message and what it fails, from its docstring."""
    try:
        said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    except (OSError, SyntaxError) as e:
        raise CourseError(f"The wrong answer {path} cannot be read: {e}.", "course.toml lists it.") from e
    message, _, rest = said.partition("\n\n")
    fails = next((line[6:].strip() for line in rest.splitlines() if line.startswith("fails:")), "result")
    return Wrong(name, path, " ".join(message.split()), fails)
