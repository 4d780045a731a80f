"""The course keeps its word: solutions pass, wrong answers get their own message, what is unsolved says so."""

from __future__ import annotations

import pytest

from emberlake.school.course import read_course
from emberlake.school.grading import Grader

COURSE = read_course()
ALL = list(COURSE.exercises.values())
SOLUTIONS = [(exercise, path) for exercise in ALL for path in exercise.solutions]
WRONG = [(exercise, wrong) for exercise in ALL for wrong in exercise.wrong]


def applies(exercise, grader: Grader) -> None:
    if grader.engine not in exercise.engines:
        pytest.skip(f"{exercise.number} is not for {grader.engine}")


@pytest.mark.parametrize(("exercise", "path"), SOLUTIONS, ids=lambda each: getattr(each, "stem", None))
def test_every_solution_passes(exercise, path, grader):
    applies(exercise, grader)
    verdict = grader.check(exercise, path)
    assert verdict.passed, str(verdict)


@pytest.mark.parametrize(("exercise", "wrong"), WRONG, ids=lambda each: f"{each.name}")
def test_every_wrong_answer_gets_its_own_message(exercise, wrong, grader):
    applies(exercise, grader)
    verdict = grader.check(exercise, wrong.path)
    assert not verdict.passed
    assert (verdict.mistake, verdict.message) == (wrong.name, wrong.message), str(verdict)


@pytest.mark.parametrize("exercise", ALL, ids=lambda each: each.name)
def test_what_is_unsolved_says_what_to_do(exercise, grader):
    applies(exercise, grader)
    verdict = grader.check(exercise, exercise.unsolved)
    assert verdict.kind == "unsolved"
    assert "three dots" in verdict.look
