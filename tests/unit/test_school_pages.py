"""The course's pages keep its rules; and each rule, broken in a tiny course, is told."""

from __future__ import annotations

import re

import pytest
from tests import course_pages as rules
from tests.tiny_course import write_course

from emberlake.errors import CourseError
from emberlake.school.course import read_course
from emberlake.school.page import DOCUMENTS

COURSE = read_course()
MODULES = (
    "01_foundation", "02_dataframes", "03_sql", "04_sources", "05_rdds", "06_mllib", "07_streaming",
    "08_online_learning", "09_graphs", "10_end_to_end",
)  # fmt: skip
WORKSHOP = {"01_speedrun": 20, "02_toolkit": 35, "03_capstone": 40, "04_real_time": 25}
STARTERS = ("customer_segments", "churn", "demand_forecast", "recommender", "log_analysis")

TAUGHT = [m for m in COURSE.modules if m.lesson.exists() and m.failure.exists() and m.quiz.exists()]


def by_name(module) -> str:
    return module.name


def test_the_course_is_whole():
    whole = {module.name for module in TAUGHT} | {each.name for each in COURSE.notebooks if each.path.exists()}
    whole |= {path.name for path in COURSE.documents}
    wanted = {*MODULES, *WORKSHOP, *STARTERS, *DOCUMENTS, "RUBRIC.md"}
    assert (sorted(wanted - whole), sorted(whole - wanted)) == ([], [])


def test_modules_stand_in_order_and_the_workshop_keeps_its_minutes():
    assert [module.name for module in COURSE.modules] == [m for m in MODULES if m in {x.name for x in COURSE.modules}]
    for each in COURSE.workshop:
        assert each.minutes == WORKSHOP[each.name]


@pytest.mark.parametrize("module", TAUGHT, ids=by_name)
def test_a_lesson_keeps_the_rules(module):
    assert rules.lesson_faults(COURSE, module) == []


@pytest.mark.parametrize("module", TAUGHT, ids=by_name)
def test_a_lab_keeps_the_rules(module):
    assert rules.lab_faults(COURSE, module) == []


@pytest.mark.parametrize("module", TAUGHT, ids=by_name)
def test_a_quiz_keeps_the_rules(module):
    assert rules.quiz_faults(module) == []


@pytest.mark.parametrize("module", TAUGHT, ids=by_name)
def test_pictures_keep_the_rules(module):
    assert rules.picture_faults(module) == []


@pytest.mark.parametrize("page", COURSE.notebooks, ids=by_name)
def test_a_notebook_keeps_the_rules(page):
    assert rules.page_faults(COURSE, page.path) == []


@pytest.mark.parametrize("document", COURSE.documents, ids=lambda path: path.name)
def test_a_document_keeps_the_rules(document):
    assert rules.text_faults(COURSE, document, document.read_text()) == []


@pytest.mark.parametrize("exercise", COURSE.exercises.values(), ids=by_name)
def test_an_exercise_keeps_the_rules_of_pages(exercise):
    assert rules.page_faults(COURSE, exercise.unsolved) == []


# The rules themselves, on a tiny course.


def all_faults(folder) -> list[str]:
    course = read_course(folder)
    module = course.modules[0]
    found = rules.lesson_faults(course, module) + rules.lab_faults(course, module)
    found += rules.quiz_faults(module) + rules.picture_faults(module)
    for page in course.notebooks:
        found += rules.page_faults(course, page.path)
    return found


def test_a_course_that_keeps_all_rules_has_no_fault(tmp_path):
    assert all_faults(write_course(tmp_path)) == []


LESSON, LAB, QUIZ = ("modules/02_tiny/lesson.py", "modules/02_tiny/lab.py", "modules/02_tiny/quiz.toml")
SVG, PAGE = "modules/02_tiny/pictures/table.svg", "workshop/01_speedrun.py"


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (LESSON, "# # Module 2: Tiny", "# # Tiny", "the first lines are"),
        (LESSON, "About 10 minutes", "About 11 minutes", "the first lines are"),
        (LESSON, "6 exercises", "5 exercises", "the first lines are"),
        (LESSON, "# - Count its rows.\n# - Say", "# Say", "1 goals, not 3 to 6"),
        (LESSON, "2.4, 2.5, 2.6", "2.4, 2.5", "exercises ['2.6']"),
        (LESSON, "2.4, 2.5, 2.6", "2.4, 2.5, 2.6, 2.7", "exercises ['2.7']"),
        (LESSON, "# ## Naive and tuned", "# ## Tuned", "sections are"),
        (LESSON, "A table has rows.", "A\n# b\n# c\n# d\n# e\n# f", "more than 5 lines"),
        (LESSON, "learn check 2.1", "learn prove 2.1", "names no command"),
        (LESSON, "lake catalog", "lake catalog --colour", "no option ['--colour']"),
        (LESSON, "rows = [1, 2, 3]", "from math import *\nrows = [1, 2, 3]", "import *"),
        (LESSON, "rows = [1, 2, 3]", "rows = [1, 2, 3", "cannot be read"),
        (LESSON, "rows = [1, 2, 3]", 'rows = lake.read("silver.oders")', "no table silver.oders"),
        (LESSON, "A table has rows.", "Simply read it.", "blame: 'Simply'"),
        (LESSON, "A table has rows.", "See [words](../GLOSSARY.txt).", "leads to no page"),
        (LESSON, "A table has rows.", "See `docs/nowhere.md`.", "no file docs/nowhere.md"),
        (LESSON, "pictures/table.svg", "pictures/chair.svg", "pictures/chair.svg is shown and not there"),
        (LAB, "# # Lab 2: A", "# # A", "the first line is not '# Lab 2: …'"),
        (LAB, "# ## Find it", "# ## Look", "sections are"),
        (LAB, "assert 1 / 1 == 1", "print(1)", "asserts nothing"),
        (QUIZ, "answer = 2", "answer = 3", "[[question]] 6: 'answer' is 3"),
        (QUIZ, "answer = 2", "answer = 0", "always in the same place"),
        (QUIZ, 'why = "Rows', 'reason = "Rows', "[[question]] 6: 'reason' is no field"),
        (QUIZ, 'why = "Rows for which it is null are left out, too, which the first option misses."', 'why = "So."',
         "why is too short"),
        (QUIZ, '"No rows", ', "", "'options' has 2 entries"),
        (SVG, 'viewBox="0 0 200 60"', "", "no viewBox"),
        (SVG, "<title>A table</title>", "", "no <title>"),
        (SVG, "<desc>Three rows.</desc>", "<desc/>", "no <desc>"),
        (SVG, "</svg>", "", "not well-formed"),
        (SVG, 'font-size="14"', 'font-size="9"', "text of 9.0 pixels"),
        (SVG, "<rect", '<image href="http://x/y.png"/><rect', "something beside itself"),
        (PAGE, "# %% [markdown]\n# # A page\n\n", "", "the first cell is no text"),
        ("course.toml", "minutes = 10", "minutes = 1", "minutes are 5 to 90"),
        ("course.toml", "lab = 12", "lab = 0", "5 to 90 minutes"),
    ],
)  # fmt: skip
def test_a_rule_that_is_broken_is_told(tmp_path, file, old, new, said):
    path = write_course(tmp_path) / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    assert [fault for fault in all_faults(tmp_path) if said in fault], all_faults(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("minutes = 20", 'minutes = "twenty"', "[[workshop]] 01_speedrun: 'minutes' is 'twenty'; it takes a whole"),
        ("minutes = 20", "", "[[workshop]] 01_speedrun: 'minutes' is missing or empty"),
        ('goal = "Who leaves next?"', "", "[[starter]] churn: 'goal' is missing or empty"),
        ('goal = "Read a table."', 'gaol = "Read a table."', "[[module]] 02_tiny: 'gaol' is no field. Did you mean"),
        ("lab = 12", "lab = true", "[[module]] 02_tiny: 'lab' is True; it takes a whole number"),
        ("number = 2", "number = 3", "[[module]] 02_tiny: 'name' is '02_tiny'. It begins with the number: 03_"),
        ('name = "02_task_b"', 'name = "02 b"', "02_tiny/02 b: 'name' is '02 b'"),
        ('name = "02_task_b"', 'name = "01_task_b"', "'number' 2.1 is there twice"),
        ('name = "churn"', 'name = "01_speedrun"', "'name' 01_speedrun is there twice"),
        ('hints = ["Which number?", ', "hints = [1, ", "'hints' holds 1; it takes texts"),
        ("[[starter]]", "[[beginner]]", "course.toml: 'beginner' is no field"),
        ("[[starter]]", "[starter]", "'starter' is {"),
        ('title = "A tiny course"', 'title = "A tiny course', "cannot be read"),
    ],
)
def test_a_list_with_a_fault_says_file_table_and_field(tmp_path, old, new, said):
    path = write_course(tmp_path) / "course.toml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(CourseError, match=re.escape(said)):
        read_course(tmp_path)


def test_a_module_or_a_page_is_found_by_what_one_would_type(tmp_path):
    course = read_course(write_course(tmp_path))
    module = course.modules[0]
    assert {course.module(asked).name for asked in ("2", "02_tiny", "tiny", "2.3")} == {module.name}
    assert course.page("speedrun") == course.page("01_speedrun.py") == tmp_path / "workshop/01_speedrun.py"
    assert course.page("2") is None
    with pytest.raises(CourseError, match="Did you mean 'tiny'.*Modules are 2"):
        course.module("tinny")
