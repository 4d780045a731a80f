"""The course as `course.toml` lists it: modules with their exercises, the workshop, starters of projects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

import emberlake
from emberlake.errors import CourseError
from emberlake.school.exercise import Exercise
from emberlake.school.listing import fields, read_toml
from emberlake.school.page import DOCUMENTS, Module, Starter, Workshop, read_module, read_starter, read_workshop

_LIST = "`emberlake learn list` shows all."


@dataclass(frozen=True)
class Course:
    """Everything that `course.toml` lists."""

    folder: Path
    title: str
    modules: tuple[Module, ...]
    workshop: tuple[Workshop, ...] = ()
    starters: tuple[Starter, ...] = ()

    @cached_property
    def exercises(self) -> dict[str, Exercise]:
        """All exercises by number, in their order."""
        return {exercise.number: exercise for module in self.modules for exercise in module.exercises}

    @property
    def notebooks(self) -> tuple[Workshop | Starter, ...]:
        """The workshop's notebooks, then the starters of projects."""
        return (*self.workshop, *self.starters)

    @property
    def documents(self) -> list[Path]:
        """What a learner looks things up in, as far as it is there; the rubric lies beside the starters."""
        there = [*(self.folder / name for name in DOCUMENTS), self.folder / "projects" / "RUBRIC.md"]
        return [path for path in there if path.exists()]

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
        raise CourseError(f"There is no exercise {asked!r}.", _near(wanted, [*self.exercises, *names]))

    def module(self, asked: str) -> Module:
        """The module of a number (2), a name (02_dataframes, dataframes), or of one of its exercises (2.3).

        Raises:
            CourseError: if there is none; the message has what comes near.
        """
        by_name = {name: each for each in self.modules for name in (str(each.number), each.name, each.name[3:])}
        if found := by_name.get(asked) or by_name.get(asked.partition(".")[0]):
            return found
        numbers = ", ".join(str(each.number) for each in self.modules)
        raise CourseError(f"There is no module {asked!r}.", f"{_near(asked, by_name)} Modules are {numbers}.")

    def page(self, asked: str) -> Path | None:
        """The percent file of a notebook of the workshop (speedrun) or a starter (churn), if it is one."""
        pages = {each.name: each.path for each in self.notebooks}
        pages |= {each.name[3:]: each.path for each in self.workshop}
        return pages.get(asked.removesuffix(".py"))


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
    may: dict[str, type] = {"module": list, "workshop": list, "starter": list}
    told = fields(read_toml(folder / "course.toml"), "course.toml", {"title": str}, may)
    course = Course(
        folder,
        told["title"],
        tuple(read_module(folder, each, place) for place, each in enumerate(told.get("module", []), 1)),
        tuple(read_workshop(folder, each, place) for place, each in enumerate(told.get("workshop", []), 1)),
        tuple(read_starter(folder, each, place) for place, each in enumerate(told.get("starter", []), 1)),
    )
    _once("number", (str(module.number) for module in course.modules))
    _once("name", [*(module.name for module in course.modules), *(each.name for each in course.notebooks)])
    _once("number", (each.number for module in course.modules for each in module.exercises))
    return course


def _once(field: str, values: Iterable[str]) -> None:
    if twice := [value for value, count in Counter(values).items() if count > 1]:
        raise CourseError(f"course.toml: {field!r} {twice[0]} is there twice.", "Each one is there once.")


def _near(wanted: str, known: Iterable[str]) -> str:
    close = get_close_matches(wanted, list(known), 1)
    return f"Did you mean {close[0]!r}? {_LIST}" if close else _LIST
