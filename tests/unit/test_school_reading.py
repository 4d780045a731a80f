"""Lessons, labs and quizzes at the command line, the learner's copies of pages, and notebooks built from them."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.tiny_course import write_course
from typer.testing import CliRunner

from emberlake.cli.app import app
from emberlake.cli.pages import file_to_open
from emberlake.errors import CourseError
from emberlake.school import course as courses
from emberlake.school import notebook, tryout
from emberlake.school.percent import cells
from emberlake.school.progress import Learner
from emberlake.school.shops import Shop
from emberlake.settings import Settings

RUN = CliRunner()


@pytest.fixture
def tiny(tmp_path, monkeypatch) -> Path:
    folder = write_course(tmp_path / "course")
    monkeypatch.setattr(courses, "course_folder", lambda: folder)
    return folder


@pytest.fixture
def learner(tiny, tmp_path) -> Learner:
    return Learner.begin(Settings(root=tmp_path / "root", course_folder=tmp_path / "mine", seed=7))


def learn(learner, *words, keys=""):
    words = ["learn", *words, "--course-folder", str(learner.folder)]
    return RUN.invoke(app, words, input=keys, env={"COLUMNS": "120"})


def told(learner, *words):
    result = learn(learner, *words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def again(learner) -> Learner:
    return Learner.at_work(learner.settings)


def test_pages_lie_beside_the_exercises(learner):
    there = {str(path.relative_to(learner.folder)) for path in learner.folder.rglob("*") if path.is_file()}
    assert there >= {
        "02_tiny/01_task_a.py", "02_tiny/lesson.py", "02_tiny/lab.py", "02_tiny/pictures/table.svg",
        "workshop/01_speedrun.py", "projects/churn.py", "projects/RUBRIC.md", "GLOSSARY.md",
    }  # fmt: skip
    assert "02_tiny/quiz.toml" not in there


def test_links_lead_to_the_learners_own_pages(tiny, tmp_path):
    (tiny / "GLOSSARY.md").write_text("See [it](modules/02_tiny/lesson.py#a) and [Spark](https://spark.apache.org).\n")
    page = tiny / "modules/02_tiny/lesson.py"
    page.write_text(page.read_text() + "# [words](../../GLOSSARY.md) [other](lab.py)\n")
    mine = Learner.begin(Settings(course_folder=tmp_path / "mine", seed=7)).folder
    glossary = (mine / "GLOSSARY.md").read_text()
    assert "[it](02_tiny/lesson.py#a)" in glossary and "(https://spark.apache.org)" in glossary
    lesson = (mine / "02_tiny/lesson.py").read_text()
    assert "[words](../GLOSSARY.md) [other](lab.py)" in lesson and "(pictures/table.svg)" in lesson


def test_a_changed_page_is_left_alone_and_an_unchanged_one_is_renewed(learner, tiny):
    mine, other = learner.folder / "02_tiny/lesson.py", learner.folder / "02_tiny/lab.py"
    mine.write_text(mine.read_text() + "# mine\n")
    for name in ("lesson", "lab"):
        page = tiny / f"modules/02_tiny/{name}.py"
        page.write_text(page.read_text() + "# newer\n")
    Learner.begin(learner.settings)
    assert mine.read_text().endswith("# mine\n") and other.read_text().endswith("# newer\n")
    # Without the note of how it was copied, a copy that differs counts as the learner's.
    (learner.state / "pages.json").unlink()
    page.write_text(page.read_text() + "# newest\n")
    Learner.begin(learner.settings)
    assert other.read_text().endswith("# newer\n")


def test_a_lesson_is_shown_with_its_file_and_counts_as_opened(learner):
    shown = learn(learner, "lesson")
    assert shown.exit_code == 0, shown.output
    for part in (
        "Module 2: Tiny",
        "Picture: A table of three rows",
        "print(len(rows))",
        "02_tiny/lesson.py",
        "jump 2.1",
    ):
        assert part in shown.stdout
    assert again(learner).opened_on(learner.course.modules[0].lesson)
    assert told(learner, "lab", "2")["file"] == str(learner.folder / "02_tiny/lab.py")
    assert told(learner, "list")["modules"][0]["lab_opened"]


def test_what_is_to_be_read_before_and_after_the_exercises_is_offered(learner):
    assert "Its lesson: emberlake learn lesson 2" in learn(learner, "jump", "2.2").stdout
    told(learner, "lesson")
    assert "lesson" not in learn(learner, "jump", "2.2").stdout
    mine = again(learner)
    for exercise in mine.course.exercises.values():
        mine.tried(exercise, passed=True)
    done = learn(learner, "next").stdout
    assert "Every exercise is passed." in done and "learn lab 2" in done and "learn quiz 2" in done


def test_a_page_that_was_removed_is_there_again_with_its_pictures(learner):
    for name in ("lesson.py", "pictures/table.svg"):
        (learner.folder / "02_tiny" / name).unlink()
    file = Path(told(learner, "lesson")["file"])
    assert file.exists() and (file.parent / "pictures/table.svg").exists()


def test_a_module_or_a_lesson_that_is_not_there_is_one_sentence(learner, tiny):
    result = learn(learner, "lesson", "7")
    assert result.exit_code == 1 and "no module '7'" in result.output and "Modules are 2" in result.output
    (tiny / "modules/02_tiny/quiz.toml").unlink()
    result = learn(learner, "quiz", "2")
    assert result.exit_code == 1 and "has no quiz" in result.output and "Traceback" not in result.output


def test_a_quiz_asks_says_why_and_keeps_the_best_score(learner):
    result = learn(learner, "quiz", "2", keys="1\n2\nx\n9\n1\n1\n1\n3\n")
    assert result.exit_code == 0, result.output
    assert "5 of 6 right." in result.stdout and "✗ It is 1. Counting goes on" in result.stdout
    assert result.output.count("One of the numbers 1 to 3") == 2
    assert learn(learner, "quiz", keys="2\n" * 6).exit_code == 0
    score = again(learner).scores["2"]
    assert (score.best, score.of, score.tries) == (5, 6, 2)
    assert told(learner, "list")["modules"][0]["quiz"]["best"] == 5
    assert "best 5 of 6" in learn(learner, "list").stdout


@pytest.mark.parametrize("keys", ["1\nq\n", "1\n1\n", ""])
def test_a_quiz_that_is_stopped_keeps_no_score(learner, keys):
    result = learn(learner, "quiz", keys=keys)
    assert result.exit_code == 0 and "score stays as it was" in result.output
    assert again(learner).scores == {}


def test_a_quiz_as_json_has_the_questions(learner):
    questions = told(learner, "quiz", "2")["questions"]
    assert len(questions) == 6 and questions[5]["answer"] == 2 and len(questions[5]["options"]) == 3


def test_a_quiz_of_another_length_begins_its_score_anew(learner):
    module = learner.course.modules[0]
    learner.scored(module, 6, 6)
    assert learner.scored(module, 4, 8).best == 4


def test_progress_of_an_older_version_is_taken_up(learner):
    path = learner.folder / "progress.json"
    kept = json.loads(path.read_text())
    path.write_text(json.dumps({name: kept[name] for name in ("seed", "at", "exercises")}))
    assert (again(learner).opened, again(learner).scores) == ({}, {})


@pytest.mark.parametrize(
    ("asked", "lab", "file"),
    [
        ("2.3", False, "02_tiny/03_task_c.py"),
        (None, False, "02_tiny/01_task_a.py"),
        ("2", False, "02_tiny/lesson.py"),
        ("tiny", True, "02_tiny/lab.py"),
        (None, True, "02_tiny/lab.py"),
        ("speedrun", False, "workshop/01_speedrun.py"),
        ("churn", False, "projects/churn.py"),
    ],
)
def test_what_is_opened(learner, asked, lab, file):
    assert file_to_open(learner, asked, lab) == learner.folder / file


def test_a_percent_file_is_read_as_cells(tmp_path):
    page = tmp_path / "page.py"
    page.write_text("import os\n# %% [markdown]\n# # A\n#\n# text\n\n# %% Try it\nx = 1\n\n\ny = 2\n")
    assert [(cell.markdown, cell.text, cell.line) for cell in cells(page)] == [
        (True, "# A\n\ntext", 2),
        (False, "x = 1\n\n\ny = 2", 7),
    ]


def test_notebooks_are_built_without_outputs_and_with_their_pictures(learner, tmp_path):
    made = told(learner, "notebooks", str(tmp_path / "read"))["notebooks"]
    places = {str(Path(path).relative_to(tmp_path / "read")) for path in made}
    assert places >= {"02_tiny/lesson.ipynb", "02_tiny/lab.ipynb", "02_tiny/01_task_a.ipynb"}
    assert places >= {"workshop/01_speedrun.ipynb", "projects/churn.ipynb"}
    lesson = json.loads((tmp_path / "read/02_tiny/lesson.ipynb").read_text())
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in lesson["cells"] if "outputs" in cell)
    text = "".join(line for cell in lesson["cells"] for line in cell["source"])
    shown = re.search(r'<img alt="A table of three rows" src="data:image/svg\+xml;base64,([^"]+)">', text)
    assert shown and base64.b64decode(shown[1]) == (learner.folder / "02_tiny/pictures/table.svg").read_bytes()
    assert "](pictures/" not in text


def test_building_again_changes_no_byte(learner, tmp_path):
    first, second = ([Path(path).read_bytes() for path in told(learner, "notebooks", str(tmp_path / name))["notebooks"]]
                     for name in ("a", "b"))  # fmt: skip
    assert first == second


@pytest.mark.parametrize("words", [("notebooks",), ("notebooks", "--run"), ("open", "2")])
def test_where_the_extra_is_missing_it_is_said(learner, monkeypatch, words):
    monkeypatch.setattr(notebook.importlib.util, "find_spec", lambda name: None)
    result = learn(learner, *words)
    assert result.exit_code == 1 and "jupytext is not installed" in result.output
    assert "emberlake[jupyter]" in result.output and not (learner.folder / "notebooks").exists()


def test_a_notebook_is_run_for_reading(learner, tmp_path):
    place = Path("02_tiny/lesson.ipynb")
    made = notebook.as_notebook(learner.course.modules[0].lesson)
    (tmp_path / "read/02_tiny").mkdir(parents=True)
    notebook.run_cells(made, place, tmp_path / "read", learner.folder)
    assert [output["text"] for cell in made.cells for output in cell.get("outputs", ())] == ["3\n"]


def test_a_cell_that_fails_is_told_by_its_number(learner, tiny, tmp_path):
    page = tiny / "modules/02_tiny/lesson.py"
    page.write_text(page.read_text().replace("print(len(rows))", "rows[3]"))
    with pytest.raises(CourseError, match=r"02_tiny/lesson.ipynb, cell 3: IndexError: list index out of range"):
        notebook.run(learner.course, tmp_path / "read", learner.folder, lambda place: None)
    assert not (tmp_path / "read/02_tiny/lesson.ipynb").exists()


WHERE = """
from emberlake.school.whereabouts import at_hand
from emberlake.settings import read_settings
print(at_hand(read_settings()).course_folder)
"""


def test_a_page_finds_its_desk_from_wherever_it_is_run(learner, tmp_path):
    page = learner.folder / "02_tiny/where.py"
    page.write_text(WHERE)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for words, cwd in (([str(page)], elsewhere), (["-c", WHERE], learner.folder / "02_tiny")):
        done = subprocess.run([sys.executable, *words], cwd=cwd, capture_output=True, text=True)
        assert done.stdout.strip() == str(learner.folder), done.stderr


def test_a_folder_that_was_set_is_taken_wherever_one_is(learner, tmp_path, monkeypatch):
    monkeypatch.chdir(learner.folder / "02_tiny")
    with pytest.raises(CourseError, match="no course in"):
        Learner.at_work(Settings(course_folder=tmp_path / "other"))
    assert Learner.at_work(Settings(root=tmp_path / "root")).folder == learner.folder


def test_a_desk_has_a_room_of_its_own_that_a_check_leaves_and_the_end_takes_away(learner, monkeypatch):
    monkeypatch.setenv("EMBERLAKE_COURSE_FOLDER", str(learner.folder))
    monkeypatch.setattr(Shop, "ensure", lambda shop: None)
    monkeypatch.setattr(tryout, "one_session", lambda settings, engine: object())
    monkeypatch.setattr(tryout, "_grader", None)
    monkeypatch.setattr(tryout, "_stack", ExitStack())
    spark, lake = tryout.desk()
    written = Path(lake.scratch("mine"))
    written.mkdir()
    assert written.is_relative_to(learner.state / "notebook")
    # What each check begins with.
    shutil.rmtree(tryout._grader.room, ignore_errors=True)
    assert written.exists() and tryout.desk()[0] is spark
    monkeypatch.setattr(tryout, "_grader", None)
    assert Path(tryout.desk()[1].scratch("mine")) != written
    tryout._stack.close()
    assert not written.exists() and list((learner.state / "notebook").iterdir()) == []
