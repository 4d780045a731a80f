"""Pages of the course: a module's lesson, lab and quiz, the workshop's notebooks, starters of projects.

course/
  modules/02_dataframes/   lesson.py, lab.py (percent files), quiz.toml, pictures/*.svg
  workshop/                01_speedrun.py, … (percent files)
  projects/                customer_segments.py, … (percent files), RUBRIC.md
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from emberlake.errors import CourseError
from emberlake.school.exercise import Exercise, read_exercise
from emberlake.school.listing import fields, read_toml, texts

# What a learner looks things up in; they lie beside course.toml.
DOCUMENTS = ("PYSPARK_CHEATSHEET.md", "DATABRICKS_FREE_EDITION_GUIDE.md", "GLOSSARY.md")


@dataclass(frozen=True)
class Question:
    """One question of a quiz.

    Attributes:
        answer: the place of the right option, from 0.
        why: why that one is right, and what the tempting one misses.
    """

    text: str
    options: tuple[str, ...]
    answer: int
    why: str


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

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """The quiz.

        Raises:
            CourseError: if the file cannot be read; the message says which question and field.
        """
        return read_quiz(self.quiz)


@dataclass(frozen=True)
class Workshop:
    """A notebook of the workshop."""

    path: Path
    name: str
    title: str
    minutes: int
    goal: str = ""


@dataclass(frozen=True)
class Starter:
    """The beginning of a project of the learner's own."""

    path: Path
    name: str
    title: str
    goal: str


def read_module(folder: Path, told: Any, place: int) -> Module:
    """One `[[module]]`.

    Raises:
        CourseError: at the first field that cannot be taken.
    """
    where = _where("module", told, place)
    must: dict[str, type] = {"number": int, "name": str, "title": str}
    fields(told, where, must, {"goal": str, "minutes": int, "lab": int, "exercise": list})
    number, name = told["number"], told["name"]
    if not re.fullmatch(rf"{number:02d}_\w+", name):
        raise CourseError(f"{where}: 'name' is {name!r}.", f"It begins with the number: {number:02d}_words.")
    exercises = tuple(read_exercise(folder, number, name, each) for each in told.get("exercise", []))
    return Module(
        folder / "modules" / name, number, name, told["title"], told.get("goal", "").strip(),
        told.get("minutes", 0), told.get("lab", 0), exercises,
    )  # fmt: skip


def read_workshop(folder: Path, told: Any, place: int) -> Workshop:
    """One `[[workshop]]`."""
    fields(told, _where("workshop", told, place), {"name": str, "title": str, "minutes": int}, {"goal": str})
    path = folder / "workshop" / f"{told['name']}.py"
    return Workshop(path, told["name"], told["title"], told["minutes"], told.get("goal", "").strip())


def read_starter(folder: Path, told: Any, place: int) -> Starter:
    """One `[[starter]]`."""
    fields(told, _where("starter", told, place), {"name": str, "title": str, "goal": str})
    return Starter(folder / "projects" / f"{told['name']}.py", told["name"], told["title"], told["goal"].strip())


def read_quiz(path: Path) -> tuple[Question, ...]:
    """The questions of a file.

    Raises:
        CourseError: at the first field that cannot be taken.
    """
    short = "/".join(path.parts[-2:])
    told = fields(read_toml(path), short, {"question": list})
    return tuple(_question(each, f"{short}, [[question]] {place}") for place, each in enumerate(told["question"], 1))


def _question(told: Any, where: str) -> Question:
    # An answer may be 0, which is not empty.
    fields(told, where, {"text": str, "options": list, "answer": int, "why": str})
    options, answer = texts(told, "options", where), told["answer"]
    if not 3 <= len(options) <= 4 or len(set(options)) < len(options):
        raise CourseError(f"{where}: 'options' has {len(options)} entries.", "It takes 3 or 4, each another one.")
    if not 0 <= answer < len(options):
        raise CourseError(f"{where}: 'answer' is {answer}.", f"It is a place from 0 to {len(options) - 1}.")
    return Question(_flat(told["text"]), tuple(_flat(each) for each in options), answer, _flat(told["why"]))


def _flat(text: str) -> str:
    return " ".join(text.split())


def _where(table: str, told: Any, place: int) -> str:
    name = told.get("name") if isinstance(told, dict) else None
    return f"course.toml, [[{table}]] {name or place}"
