"""A learner: the folder with the exercises, and how far each one is.

emberlake-course/
  02_dataframes/          the learner's own copies: 01_….py, lesson.py, lab.py, pictures/
  workshop/, projects/    the workshop's notebooks, starters of projects
  progress.json           seed, place, each exercise's tries, hints and day of passing, pages opened, quizzes
  .state/                 the small shops, the engines' logs
"""

from __future__ import annotations

import datetime as dt
import json
import os
import secrets
import shutil
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from emberlake.errors import CourseError
from emberlake.school.copies import copy_of, copy_pages, place_of
from emberlake.school.course import Course, read_course
from emberlake.school.exercise import Exercise
from emberlake.school.page import Module
from emberlake.school.shops import Shop, shops
from emberlake.school.whereabouts import PROGRESS, at_hand
from emberlake.settings import Settings

_Kept = TypeVar("_Kept", "Standing", "Score")


@dataclass
class Standing:
    """How far one exercise is.

    Attributes:
        passed: the day, UTC; empty while it is not.
        tries: checks so far.
        hints: hints that were shown.
        shown: whether the solution was shown before it was passed.
    """

    passed: str = ""
    tries: int = 0
    hints: int = 0
    shown: bool = False


@dataclass
class Score:
    """What came of a module's quiz.

    Attributes:
        best: right answers of the best try.
        of: questions then.
        tries: how often it was done to its end.
        day: of the last one, UTC.
    """

    best: int = 0
    of: int = 0
    tries: int = 0
    day: str = ""


@dataclass
class Learner:
    """One learner's folder.

    Attributes:
        at: the number of the exercise in work.
        seed: of the learner's shop: its data are nobody else's.
        opened: the day on which a page was opened first, by its place in the folder.
        scores: of quizzes, by the module's number.
    """

    folder: Path
    course: Course
    settings: Settings
    seed: int
    at: str
    standings: dict[str, Standing] = field(default_factory=dict)
    opened: dict[str, str] = field(default_factory=dict)
    scores: dict[str, Score] = field(default_factory=dict)

    @classmethod
    def begin(cls, settings: Settings) -> Learner:
        """Make the folder, or take up the one that is there; what is missing of exercises and pages is copied.

        Raises:
            CourseError: if the folder cannot be written, or belongs to something else.
        """
        settings, course = at_hand(settings), read_course()
        folder = settings.course_folder
        if (folder / PROGRESS).exists():
            learner = cls.at_work(settings)
        else:
            strangers = [each for each in folder.iterdir()] if folder.is_dir() else []
            if strangers or (folder.exists() and not folder.is_dir()):
                raise CourseError(
                    f"{folder} holds something else ({strangers[0].name if strangers else 'it is a file'}).",
                    "Give a folder that is empty or not there yet: --course-folder FOLDER.",
                )
            seed = settings.seed if "seed" in settings.model_fields_set else secrets.randbelow(2**31)
            learner = cls(folder, course, settings, seed, next(iter(course.exercises)))
        try:
            for exercise in course.exercises.values():
                if not learner.file(exercise).exists():
                    learner.put_back(exercise)
            copy_pages(course, folder, learner.state)
            learner.save()
        except OSError as e:
            raise CourseError(
                f"{folder} cannot be written: {e.strerror or e}.", "Choose another: --course-folder."
            ) from e
        return learner

    @classmethod
    def at_work(cls, settings: Settings) -> Learner:
        """The learner whose folder is there.

        Raises:
            CourseError: if there is none, or its progress cannot be read.
        """
        settings = at_hand(settings)
        folder = settings.course_folder
        path = folder / PROGRESS
        course = read_course()
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            standings = {number: _known(Standing, standing) for number, standing in told["exercises"].items()}
            scores = {number: _known(Score, score) for number, score in told.get("quizzes", {}).items()}
            opened = {str(page): str(day) for page, day in told.get("opened", {}).items()}
            seed, at = int(told["seed"]), str(told["at"])
        except FileNotFoundError:
            raise CourseError(f"There is no course in {folder} yet.", "Begin it: emberlake learn start") from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as e:
            raise CourseError(
                f"{path} cannot be read: {e}.",
                "Mend it, or remove it and run `emberlake learn start`: files stay as they are.",
            ) from e
        at = at if at in course.exercises else next(iter(course.exercises))
        return cls(folder, course, settings, seed, at, standings, opened, scores)

    @property
    def state(self) -> Path:
        """What the course writes for itself; may be deleted at any time."""
        return self.folder / ".state"

    @property
    def shops(self) -> tuple[Shop, Shop]:
        """What answers are checked on."""
        return shops(self.state, self.seed)

    @property
    def current(self) -> Exercise:
        """The exercise in work."""
        return self.course.exercises[self.at]

    def file(self, exercise: Exercise) -> Path:
        """The learner's copy."""
        return self.folder / exercise.file

    def standing(self, exercise: Exercise) -> Standing:
        """How far it is; may be changed, and is kept by `save`."""
        return self.standings.setdefault(exercise.number, Standing())

    def page(self, page: Path) -> Path:
        """The learner's copy of a page, copied now if it is missing, and noted as opened."""
        copy = copy_of(self.course, self.folder, page)
        self.opened.setdefault(str(place_of(self.course, page)), _today())
        self.save()
        return copy

    def opened_on(self, page: Path) -> str | None:
        """The day on which a page was opened first."""
        return self.opened.get(str(place_of(self.course, page)))

    def scored(self, module: Module, right: int, of: int) -> Score:
        """Keep the result of a quiz that was done to its end; the best one counts."""
        before = self.scores.get(str(module.number), Score())
        best = max(right, before.best) if before.of == of else right
        score = self.scores[str(module.number)] = Score(best, of, before.tries + 1, _today())
        self.save()
        return score

    def put_back(self, exercise: Exercise) -> Path | None:
        """Copy the first version; returns where the learner's own was kept, if there was one."""
        file, kept = self.file(exercise), None
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.exists() and file.read_bytes() != exercise.unsolved.read_bytes():
            kept = file.with_suffix(f".{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}.bak")
            os.replace(file, kept)
        shutil.copyfile(exercise.unsolved, file)
        return kept

    def tried(self, exercise: Exercise, passed: bool) -> None:
        """Count a check, and keep the day on which it was passed first."""
        standing = self.standing(exercise)
        standing.tries += 1
        if passed and not standing.passed:
            standing.passed = _today()
        self.save()

    def open_ones(self) -> list[Exercise]:
        """Exercises not passed yet, from the one in work on, then those before it."""
        every = list(self.course.exercises.values())
        place = list(self.course.exercises).index(self.at)
        return [each for each in every[place:] + every[:place] if not self.standing(each).passed]

    def save(self) -> None:
        """Write the progress, whole or not at all."""
        told = {
            "seed": self.seed,
            "at": self.at,
            "exercises": {n: asdict(self.standings[n]) for n in self.course.exercises if n in self.standings},
            "opened": self.opened,
            "quizzes": {number: asdict(score) for number, score in self.scores.items()},
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        part = self.folder / f".{PROGRESS}.{os.getpid()}"
        part.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
        os.replace(part, self.folder / PROGRESS)


def _today() -> str:
    return f"{dt.datetime.now(dt.UTC):%Y-%m-%d}"


def _known(kind: type[_Kept], told: dict[str, Any]) -> _Kept:
    """What is kept of an exercise or a quiz; fields of other versions are left out."""
    names = {each.name for each in fields(kind)}
    return kind(**{name: value for name, value in told.items() if name in names})
