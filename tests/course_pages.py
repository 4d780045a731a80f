"""What a page of the course must have; each function returns the faults that it finds, in words."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from xml.etree import ElementTree

from tests.known_commands import fault_of, shown_in

from emberlake import tables
from emberlake.errors import EmberlakeError
from emberlake.school.copies import linked
from emberlake.school.course import Course
from emberlake.school.page import Module, read_quiz
from emberlake.school.percent import PICTURE, cells, words

REPOSITORY = Path(__file__).parents[1]
BLAME = re.compile(r"\bjust\b|\bsimply\b|\bobviously\b|\byou (should|must|forgot|failed)\b|\beasy\b", re.IGNORECASE)
LESSON = ("Goals", "Naive and tuned", "Summary", "What to read next")
LAB = ("What happened", "Find it", "Mend it", "Prevent it")
SVG = "{http://www.w3.org/2000/svg}"


def lesson_faults(course: Course, module: Module) -> list[str]:
    """Of a lesson: its head, goals, sections and the exercises that it leads to."""
    text = words(module.lesson)
    minutes, count = module.reading, len(module.exercises)
    first = [line for line in (cells(module.lesson)[0].text if cells(module.lesson) else "").splitlines() if line]
    head = [f"# Module {module.number}: {module.title}", f"*About {minutes} minutes; {count} exercises.*"]
    faults = [f"the first lines are {first[:2]}, not {head}"] if first[:2] != head else []
    if not (5 <= minutes <= 90 and module.goal.endswith(".")):
        faults.append("course.toml: minutes are 5 to 90, and the goal is a sentence")
    goals = re.findall(r"^[-*] ", section(text, "Goals"), re.MULTILINE)
    if not 3 <= len(goals) <= 6:
        faults.append(f"{len(goals)} goals, not 3 to 6")
    if not 6 <= count <= 10:
        faults.append(f"{count} exercises, not 6 to 10")
    led_to = set(re.findall(r"\b\d+\.\d+\b", " ".join(re.findall(r"\*\*Exercises?:\*\*(.*)", text))))
    wanted = {exercise.number for exercise in module.exercises}
    faults += [f"exercises {each} are named after a section, or are in course.toml, not both"
               for each in [sorted(led_to ^ wanted)] if each]  # fmt: skip
    told = [line for line in section(text, "Summary").splitlines() if line.strip()]
    # A point that goes on in the next line is one.
    if len([line for line in told if line.startswith("- ")] or told) > 5:
        faults.append("the summary has more than 5 lines")
    return [*faults, *section_faults(text, LESSON), *page_faults(course, module.lesson)]


def lab_faults(course: Course, module: Module) -> list[str]:
    """Of a lab: its head, its four sections, and that it ends in what holds only once it is mended."""
    faults = []
    if not words(module.failure).startswith(f"# Lab {module.number}: "):
        faults.append(f"the first line is not '# Lab {module.number}: …'")
    if not 5 <= module.lab <= 90:
        faults.append("course.toml: lab takes 5 to 90 minutes")
    code = [cell for cell in cells(module.failure) if not cell.markdown and cell.text.strip()]
    if not any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(code[-1].text if code else ""))):
        faults.append("the last cell of code asserts nothing")
    return [*faults, *section_faults(words(module.failure), LAB), *page_faults(course, module.failure)]


def quiz_faults(module: Module) -> list[str]:
    """Of a quiz: 5 to 8 questions, the right answer in more than one place, and why."""
    try:
        questions = read_quiz(module.quiz)
    except EmberlakeError as error:
        return [str(error)]
    faults = [] if 5 <= len(questions) <= 8 else [f"{len(questions)} questions, not 5 to 8"]
    if len({question.answer for question in questions}) < 2:
        faults.append("the right answer is always in the same place")
    for place, question in enumerate(questions, 1):
        said = [question.text, *question.options, question.why]
        faults += [f"question {place} blames: {text}" for text in said if BLAME.search(text)]
        if len(question.why) < 40:
            faults.append(f"question {place}: why is too short")
    return faults


def picture_faults(module: Module) -> list[str]:
    """Of the pictures: SVG that scales, says what it shows, can be read, and is shown."""
    faults = []
    shown = {found["path"] for page in (module.lesson, module.failure) for found in PICTURE.finditer(words(page))}
    there = {f"pictures/{picture.name}" for picture in module.pictures}
    faults += [f"{each} is shown and not there, or there and not shown" for each in sorted(shown ^ there)]
    for picture in module.pictures:
        faults += [f"{picture.name}: {fault}" for fault in svg_faults(picture)]
    return faults


def svg_faults(picture: Path) -> list[str]:
    """Of one picture."""
    text = picture.read_text(encoding="utf-8")
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        return [f"not well-formed: {error}"]
    faults = [] if root.tag == f"{SVG}svg" else ["the root is no <svg> of the SVG namespace"]
    if "viewBox" not in root.attrib:
        faults.append("no viewBox")
    for name in ("title", "desc"):
        if not (root.findtext(f"{SVG}{name}") or "").strip():
            faults.append(f"no <{name}>")
    sizes = [float(size) for size in re.findall(r"font-size\s*[:=]\s*[\"']?([\d.]+)", text)]
    if [size for size in sizes if size < 13]:
        faults.append(f"text of {min(sizes)} pixels")
    if re.search(r"<script|<image|href\s*=\s*[\"'](?!#)|url\((?!#)", text):
        faults.append("it needs something beside itself")
    if len(text.splitlines()) > 200:
        faults.append("more than 200 lines")
    return faults


def section(text: str, title: str) -> str:
    """What stands below a heading, to the next one."""
    return next(iter(re.findall(rf"^## {re.escape(title)}$(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)), "")


def section_faults(text: str, wanted: tuple[str, ...]) -> list[str]:
    """Headings that are missing, or in another order."""
    there = [title for title in re.findall(r"^## (.+?)\s*$", text, re.MULTILINE) if title in wanted]
    return [] if there == list(wanted) else [f"sections are {there}, not {list(wanted)}"]


def page_faults(course: Course, page: Path) -> list[str]:
    """Of any page of percent format: Python that can be read, names that are not shadowed, and its text."""
    text = page.read_text(encoding="utf-8")
    faults = []
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        return [f"line {error.lineno} cannot be read: {error.msg}"]
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    faults += [f"line {node.lineno}: import *" for node in imports if any(name.name == "*" for name in node.names)]
    # What is read must be a table that the lake promises.
    for name in re.findall(r"lake\.(?:read|path)\(\s*[\"'](\w+\.\w+)[\"']", text):
        try:
            tables.find(name)
        except EmberlakeError:
            faults.append(f"there is no table {name}")
    if not cells(page) or not cells(page)[0].markdown:
        faults.append("the first cell is no text")
    return [*faults, *text_faults(course, page, words(page))]


def text_faults(course: Course, page: Path, text: str) -> list[str]:
    """Of a text: no blame, commands and files that exist, links that lead somewhere in a learner's folder."""
    faults = [f"blame: {found[0]!r} in {line.strip()!r}" for line in text.splitlines() if (found := BLAME.search(line))]
    faults += [fault for line in shown_in(text) if (fault := fault_of(line))]
    for name in re.findall(r"`((?:src|docs|course|tests)/[\w./-]+)`", text):
        if not (REPOSITORY / name).exists():
            faults.append(f"there is no file {name}")
    for link in re.findall(r"\]\((?!https?:|#)([^)\s#]+)", text):
        if linked(course, page, link) is None:
            faults.append(f"the link {link} leads to no page that a learner has")
    return faults
