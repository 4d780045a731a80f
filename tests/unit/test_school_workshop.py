"""Notebooks of the workshop, starters and pages: their parts, minutes and words. What runs them is in tests/course."""

from __future__ import annotations

import ast
import re
import tomllib

import pytest

from emberlake.school.course import course_folder

COURSE = course_folder()
TOLD = tomllib.loads((COURSE / "course.toml").read_text())
WORKSHOP = {each["name"]: each for each in TOLD["workshop"]}
STARTERS = {each["name"]: each for each in TOLD["starter"]}
MODULES = {
    1: "01_foundation", 2: "02_dataframes", 3: "03_sql", 4: "04_sources", 5: "05_rdds", 6: "06_mllib",
    7: "07_streaming", 8: "08_online_learning", 9: "09_graphs", 10: "10_end_to_end",
}  # fmt: skip
# The agenda: sections of each notebook and their minutes.
AGENDA = {
    "01_speedrun": {"1.1": 10, "1.2": 10},
    "02_toolkit": {"2.1": 10, "2.2": 15, "2.3": 10},
    "03_capstone": {"3.1": 15, "3.2": 15, "3.3": 10},
    "04_real_time": {"4.1": 10, "4.2": 5, "Wrap-up": 10},
}
BLAME = re.compile(r"\bjust\b|\bsimply\b|\bobviously\b|\byou (should|must|forgot|failed)\b|\beasy\b", re.IGNORECASE)


def page(name: str) -> str:
    return (COURSE / "workshop" / f"{name}.py").read_text(encoding="utf-8")


def cells(text: str) -> list[tuple[bool, str]]:
    """Each cell: whether it is prose, and its text."""
    parts = re.split(r"^# %%(.*)$", text, flags=re.MULTILINE)
    assert parts[0].strip() == ""
    return [("[markdown]" in head, body.strip()) for head, body in zip(parts[1::2], parts[2::2], strict=True)]


def test_the_workshop_takes_120_minutes():
    assert {name: each["minutes"] for name, each in WORKSHOP.items()} == {
        name: sum(sections.values()) for name, sections in AGENDA.items()
    }
    assert sum(each["minutes"] for each in WORKSHOP.values()) == 120


@pytest.mark.parametrize("name", WORKSHOP)
def test_a_notebook_has_the_agendas_sections_with_their_minutes(name):
    text = page(name)
    assert text.startswith("# %% [markdown]\n# # Workshop ")
    assert WORKSHOP[name]["title"] in text.splitlines()[1]
    said = re.findall(r"^# ## (\d\.\d|Wrap-up)\b.*?\((\d+) minutes\)$", text, re.MULTILINE)
    assert {section: int(minutes) for section, minutes in said} == AGENDA[name]
    assert "# ## Goals\n" in text
    assert text.count("# ### Your turn\n") >= 1


def test_all_notebooks_begin_with_the_same_few_lines():
    def first_code(name):
        return next(body for prose, body in cells(page(name)) if not prose)

    heads = {first_code(name) for name in WORKSHOP}
    assert len(heads) == 1
    head = heads.pop()
    assert len(head.splitlines()) <= 16
    assert "workbench()" in head and "samples.tpch" in head and "/Volumes/" in head


@pytest.mark.parametrize("name", WORKSHOP)
def test_a_notebook_is_python_that_hides_no_name_and_joins_on_the_customers_key(name):
    text = page(name)
    tree = ast.parse(text)
    stars = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.names[0].name == "*"]
    assert stars == []
    assert "iloc[0]" not in text
    assert all(prose is False or re.search(r"^# \S", body, re.MULTILINE) for prose, body in cells(text))


FILES = [*(COURSE / "workshop").glob("*.py"), *(COURSE / "projects").glob("*"), *COURSE.glob("*.md")]


@pytest.mark.parametrize("file", sorted(FILES), ids=lambda path: path.name)
def test_pages_blame_nobody(file):
    assert [line for line in file.read_text(encoding="utf-8").splitlines() if BLAME.search(line)] == []


@pytest.mark.parametrize("name", STARTERS)
def test_a_starter_has_a_question_a_baseline_and_work_left(name):
    text = (COURSE / "projects" / f"{name}.py").read_text(encoding="utf-8")
    assert text.startswith(f"# %% [markdown]\n# # Project: {STARTERS[name]['title']}\n")
    for part in ("**The question.**", "**The data.**", "# ## From here on it is yours\n", "**Traps.**"):
        assert part in text
    assert "aseline" in text or name == "log_analysis"
    assert STARTERS[name]["goal"].endswith(".")


def test_the_glossary_explains_each_term_once_and_leads_to_a_module():
    text = re.sub(r"\n  ", " ", (COURSE / "GLOSSARY.md").read_text(encoding="utf-8"))
    items = re.findall(r"^- \*\*(.+?)\.\*\* (.+) \[(\d+)\]\(modules/(\w+)/lesson\.py\)$", text, re.MULTILINE)
    assert len(items) == text.count("\n- **") >= 60
    assert f"{len(items)} terms" in text
    terms = [term.lower() for term, *_ in items]
    assert terms == sorted(set(terms))
    assert all(MODULES[int(number)] == module for _, _, number, module in items)
    long = [term for term, said, *_ in items if len(re.findall(r"[.:;] ", f"{said} ")) > 4]
    assert long == []
