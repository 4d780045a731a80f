"""The course's files: everything that is listed is there, nothing else is, and each exercise has what it needs."""

from __future__ import annotations

import ast
import re
import tomllib

import pytest

from emberlake.errors import CourseError
from emberlake.school.checks import CHECKS
from emberlake.school.course import read_course
from emberlake.school.source import TRY

COURSE = read_course()
ALL = list(COURSE.exercises.values())
PAGES = ("PYSPARK_CHEATSHEET.md", "DATABRICKS_FREE_EDITION_GUIDE.md", "GLOSSARY.md", "projects/RUBRIC.md")
BLAME = re.compile(r"\bjust\b|\bsimply\b|\bobviously\b|\byou (should|must|forgot|failed)\b|\beasy\b", re.IGNORECASE)


def by_name(exercise) -> str:
    return exercise.name


def test_every_file_of_the_course_is_listed():
    listed = {COURSE.folder / "course.toml"} | {COURSE.folder / page for page in PAGES}
    told = tomllib.loads((COURSE.folder / "course.toml").read_text())
    for table, folder in (("workshop", "workshop"), ("starter", "projects")):
        listed |= {COURSE.folder / folder / f"{each['name']}.py" for each in told.get(table, [])}
    for exercise in ALL:
        listed |= {exercise.unsolved, *exercise.solutions, *(wrong.path for wrong in exercise.wrong)}
    # Which pictures of a module are shown is asked in test_school_pages.py.
    for module in COURSE.modules:
        listed |= {page for page in (module.lesson, module.failure, module.quiz) if page.exists()} | {*module.pictures}
    listed |= {each.path for each in COURSE.notebooks} | {*COURSE.documents}
    there = {path for path in COURSE.folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert (sorted(there - listed), sorted(listed - there)) == ([], [])


@pytest.mark.parametrize("exercise", ALL, ids=by_name)
def test_an_exercise_has_a_goal_hints_that_grow_and_wrong_answers(exercise):
    text = exercise.unsolved.read_text()
    assert f"# # {exercise.number} {exercise.title}\n" in text
    assert "# **Goal.**" in text and f"\n{TRY}" in text and f'check("{exercise.number}", answer)' in text
    assert len(exercise.hints) >= 2 and len(set(exercise.hints)) == len(exercise.hints)
    assert 3 <= exercise.minutes <= 30
    assert len(exercise.wrong) >= 2, "an exercise teaches by its wrong answers"
    assert exercise.goal.endswith(".")


@pytest.mark.parametrize("exercise", ALL, ids=by_name)
def test_every_plan_check_has_a_wrong_answer_that_it_is_for(exercise):
    named = {wrong.fails.split(" ")[0] for wrong in exercise.wrong}
    assert named <= {"result", "error", *CHECKS}
    assert {declared.name for declared in exercise.checks} - named == set()


@pytest.mark.parametrize("exercise", ALL, ids=by_name)
def test_every_file_has_the_function(exercise):
    for path in [exercise.unsolved, *exercise.solutions, *(wrong.path for wrong in exercise.wrong)]:
        functions = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]
        assert [[arg.arg for arg in each.args.args] for each in functions if each.name == "answer"] == [
            ["spark", "lake"]
        ]


@pytest.mark.parametrize("exercise", ALL, ids=by_name)
def test_messages_say_what_to_look_at_and_blame_nobody(exercise):
    said = [exercise.goal, *exercise.hints, *(wrong.message for wrong in exercise.wrong)]
    said += [declared.say for declared in exercise.checks]
    assert [text for text in said if BLAME.search(text)] == []
    for wrong in exercise.wrong:
        assert len(wrong.message) > 40 and wrong.message.endswith(".")


def test_numbers_and_names_are_unique():
    assert len(COURSE.exercises) == sum(len(module.exercises) for module in COURSE.modules)
    assert len({exercise.name for exercise in ALL}) == len(ALL)


WHOLE = 'name = "01_x"\ntitle = "X"\ngoal = "G."\nminutes = 5\nhints = ["a"]\n'


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (WHOLE.replace('hints = ["a"]', ""), "'hints' is missing or empty"),
        (f"{WHOLE}colour = 1", "'colour' is no field"),
        (f'{WHOLE}checks = [{{check = "fast"}}]', "no check"),
        (f'{WHOLE}checks = [{{check = "at_most_shuffles"}}]', "missing a required argument: 'most'"),
        (f'{WHOLE}engines = ["flink"]', "engines are flink"),
    ],
)
def test_a_list_with_a_fault_says_where(tmp_path, told, said):
    head = 'title = "T"\n[[module]]\nnumber = 2\nname = "02_m"\ntitle = "M"\n[[module.exercise]]\n'
    (tmp_path / "course.toml").write_text(head + told)
    with pytest.raises(CourseError, match=said):
        read_course(tmp_path)


def test_an_unknown_exercise_is_answered_with_what_comes_near():
    with pytest.raises(CourseError, match="Did you mean 'small_side'"):
        COURSE.find("smal_side")
    assert COURSE.find("2.5") is COURSE.find("05_small_side") is COURSE.find("small_side")
