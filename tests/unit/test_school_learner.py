"""A learner's folder and progress, the files of exercises, and what is told of errors in them."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from emberlake.cli.app import app
from emberlake.errors import CourseError
from emberlake.school.course import read_course
from emberlake.school.grading import Grader
from emberlake.school.progress import Learner
from emberlake.school.shops import shops
from emberlake.school.source import Unfinished, line_of_stack, load, of_error
from emberlake.school.verdict import Verdict
from emberlake.school.worker import Worker
from emberlake.settings import Settings

RUN = CliRunner()


@pytest.fixture
def settings(tmp_path):
    return Settings(root=tmp_path / "root", course_folder=tmp_path / "mine", seed=7)


def learn(settings, *words):
    return RUN.invoke(app, ["learn", *words, "--course-folder", str(settings.course_folder), "--json"])


def test_beginning_copies_every_exercise_and_beginning_again_changes_none(settings):
    learner = Learner.begin(settings)
    mine = learner.file(learner.course.find("2.1"))
    mine.write_text("# mine\n")
    again = Learner.begin(settings)
    assert mine.read_text() == "# mine\n"
    assert again.seed == 7
    assert all(again.file(exercise).exists() for exercise in again.course.exercises.values())


def test_a_seed_is_drawn_where_none_is_given_and_stays(tmp_path):
    first = Learner.begin(Settings(course_folder=tmp_path / "a"))
    second = Learner.begin(Settings(course_folder=tmp_path / "b"))
    assert first.seed != second.seed
    assert Learner.at_work(Settings(course_folder=tmp_path / "a")).seed == first.seed


def test_a_folder_with_something_else_in_it_is_left_alone(settings):
    settings.course_folder.mkdir()
    (settings.course_folder / "thesis.tex").write_text("")
    with pytest.raises(CourseError, match="thesis.tex"):
        Learner.begin(settings)


def test_progress_is_counted_and_readable(settings):
    learner = Learner.begin(settings)
    exercise = learner.course.find("2.1")
    learner.tried(exercise, passed=False)
    learner.tried(exercise, passed=True)
    told = json.loads((settings.course_folder / "progress.json").read_text())
    assert told["seed"] == 7 and told["at"] == next(iter(learner.course.exercises))
    assert told["exercises"]["2.1"]["tries"] == 2 and told["exercises"]["2.1"]["passed"]
    open_ones = [each.number for each in Learner.at_work(settings).open_ones()]
    assert "2.1" not in open_ones and "2.2" in open_ones


def test_a_broken_progress_is_one_sentence(settings):
    Learner.begin(settings)
    (settings.course_folder / "progress.json").write_text("{")
    result = RUN.invoke(app, ["learn", "next", "--course-folder", str(settings.course_folder)])
    assert result.exit_code == 1 and "cannot be read" in result.output and "Traceback" not in result.output


def test_before_it_began_a_command_says_how_to_begin(settings):
    result = RUN.invoke(app, ["learn", "check", "--course-folder", str(settings.course_folder)])
    assert result.exit_code == 1 and "emberlake learn start" in result.output


def test_hints_grow_and_end(settings):
    learner = Learner.begin(settings)
    hints = learner.course.find("2.1").hints
    for count in range(1, len(hints) + 2):
        told = json.loads(learn(settings, "hint", "2.1").stdout)
        assert told["hints"] == list(hints[:count])


def test_a_solution_is_shown_after_passing_or_by_choice(settings):
    learner = Learner.begin(settings)
    result = learn(settings, "solution")
    assert result.exit_code == 1 and "hint" in result.output
    shown = json.loads(learn(settings, "solution", "2.1", "--show").stdout)
    assert list(shown["solutions"]) == ["01_since_november", "01_since_november__literal"]
    learner = Learner.at_work(settings)
    assert learner.standing(learner.course.find("2.1")).shown
    learner.tried(learner.course.find("2.2"), passed=True)
    assert learn(settings, "solution", "2.2").exit_code == 0


def test_reset_keeps_what_was_there(settings):
    learner = Learner.begin(settings)
    mine = learner.file(learner.current)
    mine.write_text("# mine\n")
    kept = json.loads(learn(settings, "reset").stdout)["kept"]
    assert mine.read_bytes() == learner.current.unsolved.read_bytes()
    with open(kept) as file:
        assert file.read() == "# mine\n"
    assert json.loads(learn(settings, "reset").stdout)["kept"] is None


def test_jump_and_next_move_on(settings):
    Learner.begin(settings)
    assert json.loads(learn(settings, "jump", "small_side").stdout)["exercise"] == "2.5"
    learner = Learner.at_work(settings)
    learner.tried(learner.course.find("2.5"), passed=True)
    assert json.loads(learn(settings, "next").stdout)["exercise"] == "2.6"


def test_the_list_is_the_group_without_a_command(settings):
    learner = Learner.begin(settings)
    assert "Everyone counts" in RUN.invoke(app, ["learn"]).stdout
    rows = json.loads(learn(settings, "list").stdout)["exercises"]
    assert [row["exercise"] for row in rows if row["in_work"]] == [learner.current.number]


def verdict_of(path, text) -> Verdict:
    path.write_text(text)
    try:
        load(path, "2.1")(None, None)
    except Unfinished as known:
        return known.verdict
    except BaseException as error:
        return of_error(error, path, "2.1")
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("def answer(spark, lake)\n    pass\n", 1, "cannot be read as Python"),
        ("import os\n1 / 0\ndef answer(spark, lake): pass\n", 2, "raised ZeroDivisionError"),
        ("def answer(spark, lake):\n    x = 1\n    exit()\n", 3, "ends the program"),
        ("def answer(spark, lake):\n    raise NotImplementedError\n", 2, "returns nothing yet"),
        ("def answer(spark, lake):\n    return lake.read('x')\n", 2, "raised AttributeError"),
        ("def answer(spark, lake):\n    raise MemoryError\n", 2, "more memory"),
        ("def result(spark, lake):\n    pass\n", None, "no function `answer`"),
    ],
)
def test_an_error_is_told_with_its_line(tmp_path, text, line, said):
    verdict = verdict_of(tmp_path / "x.py", text)
    assert said in verdict.message
    assert verdict.line == line


def test_cells_for_trying_are_not_run(tmp_path):
    path = tmp_path / "x.py"
    path.write_text("def answer(spark, lake):\n    return 7\n\n\n# %% Try it\n1 / 0\n")
    assert load(path, "2.1")(None, None) == 7


def test_a_udfs_error_is_told_with_the_line_of_its_own_story(tmp_path):
    path = tmp_path / "x.py"
    path.write_text("a\nb\nc\n")
    story = (
        f'PythonException: \nTraceback (most recent call last):\n  File "{path}", line 3, in band\nValueError: too big'
    )
    verdict = of_error(RuntimeError(story), path, "2.1")
    assert (verdict.line, verdict.message) == (3, "Line 3 raised ValueError: too big")


def test_the_line_of_a_hanging_program_is_the_innermost_of_its_file(tmp_path):
    own = tmp_path / "a.py"
    stack = f'Thread 1:\n  File "/lib/x.py", line 9 in f\n  File "{own}", line 4 in g\n  File "{own}", line 8'
    assert line_of_stack(stack, tmp_path / "a.py") == 4


def test_a_verdict_survives_the_wire():
    verdict = Verdict("2.1", "plan", "m", checks=(("rows", True), ("shuffles", False)), line=3)
    assert Verdict.from_dict(json.loads(json.dumps(verdict.to_dict()))) == verdict


def test_hints_taken_on_another_terminal_during_a_check_are_kept(settings, monkeypatch):
    Learner.begin(settings)

    class Elsewhere(Worker):
        def check(self, exercise, file):
            assert learn(settings, "hint", "2.1").exit_code == 0
            assert learn(settings, "jump", "2.5").exit_code == 0
            return Verdict(exercise.number, "passed", "Right.")

    monkeypatch.setattr("emberlake.school.worker.Worker", Elsewhere)
    assert learn(settings, "check", "2.1").exit_code == 0
    learner = Learner.at_work(settings)
    standing = learner.standing(learner.course.find("2.1"))
    assert (standing.hints, standing.tries, bool(standing.passed), learner.at) == (1, 1, True, "2.5")


def test_what_is_prepared_is_what_checks_need_first_and_ends_when_one_waits(tmp_path):
    exercise = read_course().find("2.3")
    near, far = shops(tmp_path, 7)
    wrong = [each.path for each in exercise.wrong if each.fails == "result"]
    wanted = [(exercise.solutions[0], near), (exercise.solutions[0], far), *((path, near) for path in wrong)]
    assert wrong
    for waits_after in range(len(wanted) + 1):
        done = []

        class Noted(Grader):
            def expected(self, exercise, shop, path=None, done=done):
                done.append((path, shop))
                raise RuntimeError("a solution that fails is told at the check")

        grader = Noted(None, "sail", (near, far), tmp_path)
        grader.prepare(exercise, lambda: len(done) == waits_after)  # noqa: B023
        assert done == wanted[:waits_after]
