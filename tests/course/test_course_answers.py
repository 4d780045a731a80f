"""The course keeps its word: solutions pass, wrong answers get their own message, what is unsolved says so.

Where both engines apply, solutions are tried on both and mistakes on the first. Of the modules whose answers take many
seconds on Spark, each exercise's solution runs there on the learner's shop. With --all every answer runs on all engines
and on both shops, and twice, which shows whether it gives the same again.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from emberlake.school.course import read_course

COURSE = read_course()
SLOW = ("04_sources", "06_mllib", "07_streaming", "08_online_learning", "09_graphs", "10_end_to_end")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each answer on each engine that its exercise is for."""
    engine, every = metafunc.config.getoption("--engine"), metafunc.config.getoption("--all")
    exercises = [each for each in COURSE.exercises.values() if engine in each.engines]
    own = [each for each in exercises if every or each.engine == engine]
    first = SLOW if engine == "spark" and not every else ()
    if "path" in metafunc.fixturenames:
        given = [(each, path) for each in exercises for path in each.solutions[: 1 if each.module in first else None]]
        metafunc.parametrize(("exercise", "path"), given, ids=[path.stem for _, path in given])
    elif "wrong" in metafunc.fixturenames:
        mistakes = [(each, wrong) for each in own if each.module not in first for wrong in each.wrong]
        names = [f"{each.name}__{wrong.name}" for each, wrong in mistakes]
        metafunc.parametrize(("exercise", "wrong"), mistakes, ids=names)
    else:
        metafunc.parametrize("exercise", own, ids=[each.name for each in own])


@pytest.fixture
def judge(grader, exercise, everything):
    slow = exercise.module in SLOW and grader.engine == "spark" and not everything
    return replace(grader, shops=grader.shops[:1]) if slow else grader


def test_every_solution_passes(exercise, path, judge):
    verdict = judge.check(exercise, path)
    assert verdict.passed, str(verdict)


def test_every_wrong_answer_gets_its_own_message(exercise, wrong, judge):
    verdict = judge.check(exercise, wrong.path)
    assert not verdict.passed
    assert (verdict.mistake, verdict.message) == (wrong.name, wrong.message), str(verdict)


def test_what_is_unsolved_says_what_to_do(exercise, grader):
    verdict = grader.check(exercise, exercise.unsolved)
    assert verdict.kind == "unsolved"
    assert "three dots" in verdict.look
