"""The course as `course.toml` lists it: modules, exercises, what is checked, hints, wrong answers."""

from __future__ import annotations

import ast
import inspect
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

import emberlake
from emberlake.errors import CourseError
from emberlake.school.checks import CHECKS, Rules

ENGINES = ("spark", "sail")
_FIELDS = {
    "name", "title", "goal", "minutes", "engines", "hints", "checks", "wrong", "approaches", "key", "ordered",
    "tolerance", "types", "conf", "seconds",
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


@dataclass(frozen=True)
class Module:
    """A module of the course.

    Attributes:
        reading: minutes that the lesson takes to read.
        lab: minutes of the lab on a failure.
    """

    folder: Path
    number: int
    name: str
    title: str
    goal: str
    reading: int
    lab: int
    exercises: tuple[Exercise, ...]

    @property
    def lesson(self) -> Path:
        """The explanation with worked examples: a percent file."""
        return self.folder / "lesson.py"

    @property
    def failure(self) -> Path:
        """The lab on a failure: a percent file."""
        return self.folder / "lab.py"

    @property
    def quiz(self) -> Path:
        """The questions with their answers."""
        return self.folder / "quiz.toml"

    @property
    def pictures(self) -> list[Path]:
        """What the lesson and the lab show."""
        return sorted((self.folder / "pictures").glob("*.svg"))

    @property
    def minutes(self) -> int:
        """Of all its exercises."""
        return sum(exercise.minutes for exercise in self.exercises)


@dataclass(frozen=True)
class Course:
    """Everything that `course.toml` lists."""

    folder: Path
    title: str
    modules: tuple[Module, ...]

    @cached_property
    def exercises(self) -> dict[str, Exercise]:
        """All exercises by number, in their order."""
        return {exercise.number: exercise for module in self.modules for exercise in module.exercises}

    def find(self, asked: str) -> Exercise:
        """The exercise of a number (2.3) or a name (03_everyone_counts, everyone_counts).

        Raises:
            CourseError: if there is none; the message has what comes near.
        """
        names = {exercise.name: exercise for exercise in self.exercises.values()}
        names |= {name[3:]: exercise for name, exercise in names.items()}
        wanted = asked.removesuffix(".py")
        if found := self.exercises.get(wanted) or names.get(Path(wanted).name):
            return found
        close = get_close_matches(wanted, [*self.exercises, *names], 1)
        hint = f"Did you mean {close[0]!r}? " if close else ""
        raise CourseError(f"There is no exercise {asked!r}.", f"{hint}`emberlake learn list` shows all.")


def course_folder() -> Path:
    """Where the course's content lies: in the installed package, or beside `src/` in a checkout."""
    package = Path(emberlake.__file__).parent
    for folder in (package / "course", package.parents[1] / "course"):
        if (folder / "course.toml").exists():
            return folder
    raise CourseError("The course's content is not installed.", "Install Emberlake again.")


def read_course(folder: Path | None = None) -> Course:
    """The course.

    Raises:
        CourseError: if `course.toml` cannot be read; the message says where.
    """
    folder = folder or course_folder()
    path = folder / "course.toml"
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as e:
        raise CourseError(
            f"{path} cannot be read: {e}.", "It is TOML; docs/how-to/write-an-exercise.md says how."
        ) from e
    modules = []
    for module in told.get("module", []):
        number, name = int(module["number"]), module["name"]
        exercises = tuple(_exercise(folder, number, name, each) for each in module.get("exercise", []))
        modules.append(
            Module(
                folder / "modules" / name, number, name, module["title"], module.get("goal", ""),
                int(module.get("minutes", 0)), int(module.get("lab", 0)), exercises,
            )
        )  # fmt: skip
    return Course(folder, told["title"], tuple(modules))


def _exercise(folder: Path, module: int, module_name: str, told: dict[str, Any]) -> Exercise:
    name = str(told.get("name", "?"))
    where = f"course.toml, {module_name}/{name}"
    if unknown := sorted(set(told) - _FIELDS):
        raise CourseError(f"{where}: {unknown[0]!r} is no field.", f"Fields are {', '.join(sorted(_FIELDS))}.")
    if missing := [field for field in ("name", "title", "goal", "minutes", "hints") if not told.get(field)]:
        raise CourseError(f"{where}: {missing[0]!r} is missing or empty.", "See docs/how-to/write-an-exercise.md.")
    engines = tuple(told.get("engines", ENGINES[:1]))
    if not engines or set(engines) - set(ENGINES):
        raise CourseError(
            f"{where}: engines are {', '.join(engines) or 'none'}.", f"Accepted are {', '.join(ENGINES)}."
        )
    return Exercise(
        folder=folder, module=module_name, number=f"{module}.{int(name[:2])}", name=name, title=told["title"],
        goal=told["goal"].strip(), minutes=int(told["minutes"]), engines=engines,
        hints=tuple(" ".join(hint.split()) for hint in told["hints"]),
        checks=tuple(_declared(each, where) for each in told.get("checks", [])),
        wrongs=tuple(told.get("wrong", [])), approaches=tuple(told.get("approaches", [])),
        rules=Rules(tuple(told.get("key", ())), bool(told.get("ordered", False)),
                    float(told.get("tolerance", 0.005)), str(told.get("types", "kind"))),
        conf=dict(told.get("conf", {})), seconds=float(told.get("seconds", 60)),
    )  # fmt: skip


def _declared(told: dict[str, Any], where: str) -> Declared:
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
