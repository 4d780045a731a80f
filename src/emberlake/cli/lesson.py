"""How the course looks on a terminal: the list, an exercise, a verdict, hints, solutions, a page."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.constrain import Constrain
from rich.markdown import Markdown
from rich.padding import Padding
from rich.syntax import Syntax
from rich.text import Text

from emberlake.cli.screen import table

_WIDE = 100
# The terminal's own colours: others are not to be read on a light ground.
_THEME = "ansi_dark"

if TYPE_CHECKING:
    from emberlake.school.course import Course
    from emberlake.school.exercise import Exercise
    from emberlake.school.page import Question
    from emberlake.school.percent import Cell
    from emberlake.school.progress import Learner
    from emberlake.school.verdict import Verdict


def course_rows(course: Course, learner: Learner | None) -> list[dict[str, Any]]:
    """One row an exercise."""
    rows = []
    for module in course.modules:
        for exercise in module.exercises:
            standing = learner.standing(exercise) if learner else None
            rows.append(
                {
                    "module": module.title,
                    "exercise": exercise.number,
                    "name": exercise.name,
                    "title": exercise.title,
                    "minutes": exercise.minutes,
                    "engine": exercise.engine,
                    "passed": (standing.passed or None) if standing else None,
                    "tries": standing.tries if standing else 0,
                    "hints": standing.hints if standing else 0,
                    "in_work": bool(learner and learner.at == exercise.number),
                }  # fmt: skip
            )
    return rows


def page_rows(course: Course, learner: Learner | None) -> dict[str, list[dict[str, Any]]]:
    """One row a module, a notebook of the workshop and a starter: minutes, the day it was opened, the quiz."""

    def opened(page: Path) -> str | None:
        return learner.opened_on(page) if learner else None

    modules = []
    for module in course.modules:
        score = learner.scores.get(str(module.number)) if learner else None
        modules.append(
            {
                "module": module.number, "name": module.name, "title": module.title, "goal": module.goal,
                "lesson": module.lesson.exists(), "minutes": module.reading, "lesson_opened": opened(module.lesson),
                "lab": module.failure.exists(), "lab_minutes": module.lab, "lab_opened": opened(module.failure),
                "questions": len(module.questions) if module.quiz.exists() else 0,
                "quiz": asdict(score) if score else None,
            }
        )  # fmt: skip
    workshop = [{"name": each.name, "title": each.title, "minutes": each.minutes, "opened": opened(each.path)}
                for each in course.workshop]  # fmt: skip
    starters = [{"name": each.name, "title": each.title, "goal": each.goal, "opened": opened(each.path)}
                for each in course.starters]  # fmt: skip
    return {"modules": modules, "workshop": workshop, "starters": starters}


def course_view(
    course: Course, learner: Learner | None, rows: list[dict[str, Any]], pages: dict[str, list[dict[str, Any]]]
) -> list[RenderableType]:
    """The modules with their pages and exercises, then the workshop and what to begin of one's own."""
    shown: list[RenderableType] = [Text(course.title, style="bold")]
    for module, page in zip(course.modules, pages["modules"], strict=True):
        own = [row for row in rows if row["module"] == module.title]
        done = sum(bool(row["passed"]) for row in own)
        lines = [
            {
                "": "✓" if row["passed"] else "→" if row["in_work"] else " ",
                "exercise": row["exercise"], "title": row["title"], "min": row["minutes"],
                "passed": row["passed"], "tries": row["tries"] or None,
            }
            for row in own
        ]  # fmt: skip
        title = f"{module.number} {module.title}: {done} of {len(own)} passed, about {module.minutes} minutes"
        shown += [Text(""), Text(title, style="bold"), *_page_lines(page), *([table(lines)] if lines else [])]
    for title, named in (("Workshop", pages["workshop"]), ("Projects of your own", pages["starters"])):
        if named:
            shown += [Text(""), table([{"": "✓" if row["opened"] else " ", **row} for row in named], title)]
    begin = "`emberlake learn watch` checks at every save." if learner else "Begin: emberlake learn start"
    return [*shown, Text(""), Text(begin)]


def _page_lines(page: dict[str, Any]) -> list[RenderableType]:
    """What a module has beside its exercises, and how far it is."""
    score, parts = page["quiz"], []
    for word, there, minutes in (("lesson", "lesson", "minutes"), ("lab", "lab", "lab_minutes")):
        if page[there]:
            day = page[f"{word}_opened"]
            mark, state = ("✓", f"opened {day}") if day else ("·", f"{page[minutes]} min")
            parts.append(f"{mark} {word} ({state})")
    if page["questions"]:
        state = f"best {score['best']} of {score['of']}" if score else f"{page['questions']} questions"
        whole = score and score["best"] == score["of"]
        parts.append(f"{'✓' if whole else '·'} quiz ({state})")
    return [Text("  ".join(parts), style="dim")] if parts else []


def exercise_view(learner: Learner, exercise: Exercise) -> list[RenderableType]:
    """What an exercise asks for, where its file is, and what to read before it."""
    title = Text(f"{exercise.number} {exercise.title}", style="bold")
    edit = f"Edit {near(learner.file(exercise))}, then: emberlake learn check (or keep `emberlake learn watch` running)"
    return [
        title.append(f"  about {exercise.minutes} minutes", style="not bold"),
        Text(f"    {exercise.goal}"),
        Text(f"    {edit}"),
        *(Text(f"    {line}") for line in invitations(learner, exercise)),
    ]


def invitations(learner: Learner, exercise: Exercise) -> list[str]:
    """The lesson, if it was not opened yet; lab and quiz of modules whose exercises are all passed."""
    lines = []
    for module in learner.course.modules:
        number, score = module.number, learner.scores.get(str(module.number))
        if module.name == exercise.module and module.lesson.exists() and not learner.opened_on(module.lesson):
            lines.append(f"Its lesson: emberlake learn lesson {number}")
        if not module.exercises or not all(learner.standing(each).passed for each in module.exercises):
            continue
        if module.failure.exists() and not learner.opened_on(module.failure):
            lines.append(f"Module {number} is passed; its lab: emberlake learn lab {number}")
        if module.quiz.exists() and not score:
            lines.append(f"Module {number} is passed; its quiz: emberlake learn quiz {number}")
    return lines


def verdict_view(verdict: Verdict, learner: Learner) -> list[RenderableType]:
    """A verdict: its sentence first, then what was expected, what came and where to look."""
    mark, style = ("✓", "bold green") if verdict.passed else ("✗", "bold red")
    lines: list[RenderableType] = [
        Text(f"{mark} {verdict.exercise}  ", style=style).append(verdict.message, style="not bold default")
    ]
    for word, said in (("expected", verdict.expected), ("came", verdict.came)):
        if said:
            lines.append(Text(f"    {word:9} {said}"))
    if verdict.look:
        lines.append(Text(f"    {verdict.look}"))
    if verdict.line:
        lines.append(
            Text(f"    {learner.file(learner.course.exercises[verdict.exercise])}:{verdict.line}", style="dim")
        )
    if not verdict.passed and len(verdict.checks) > 1:
        held = ", ".join(f"{'✓' if ok else '✗'} {name}" for name, ok in verdict.checks)
        lines.append(Text(f"    {held}", style="dim"))
    if verdict.printed.strip():
        printed = verdict.printed.strip().splitlines()
        lines += [Text(f"    │ {line}", style="dim") for line in printed[:20]]
        if len(printed) > 20:
            lines.append(Text(f"    │ … and {len(printed) - 20} more lines", style="dim"))
    if verdict.passed:
        lines.append(Text("    Other approaches: emberlake learn solution. Then: emberlake learn next"))
    return lines


def hints_view(exercise: Exercise, shown: tuple[str, ...]) -> list[RenderableType]:
    """The hints so far."""
    left = len(exercise.hints) - len(shown)
    lines: list[RenderableType] = [Text(f"{place}. {hint}") for place, hint in enumerate(shown, 1)]
    number = exercise.number
    last = f"That was the last: emberlake learn solution {number} --show"
    end = f"{left} more: emberlake learn hint {number}" if left else last
    return [*lines, Text(end, style="dim")]


def solution_view(files: dict[str, str]) -> list[RenderableType]:
    """The solution, then other approaches."""
    shown: list[RenderableType] = []
    for name, text in files.items():
        shown += [
            Text(name, style="bold"),
            Syntax(text.strip(), "python", theme=_THEME, background_color="default"),
            Text(""),
        ]
    return shown


def page_view(cells: list[Cell], file: str, after: str) -> list[RenderableType]:
    """A page: its text, its code, then where it is and what to do with it."""
    from emberlake.school.percent import PICTURE

    shown: list[RenderableType] = []
    for cell in cells:
        if cell.markdown:
            # A terminal shows no pictures: what each one shows, and its file.
            text = PICTURE.sub(lambda found: f"*Picture: {found['alt']}* (`{found['path']}`)", cell.text)
            # Addresses are written out: not every terminal opens a link, and a pipe has none.
            # (An address that is its own text would be written twice.)
            text = re.sub(r"<(https?://[^>\s]+)>", r"\1", text)
            shown.append(Constrain(Markdown(text, hyperlinks=False), _WIDE))
        elif cell.text.strip():
            code = Syntax(cell.text, "python", theme=_THEME, background_color="default", word_wrap=True)
            shown.append(Constrain(Padding(code, (0, 2)), _WIDE + 24))
        shown.append(Text(""))
    return [*shown, Text(f"Read, run and change it: {file}"), Text(after)]


def question_view(where: str, question: Question) -> RenderableType:
    """A question with its numbered options."""
    lines = Text(f"\n{where}  ", style="dim").append(f"{question.text}\n", style="not dim bold")
    for number, option in enumerate(question.options, 1):
        lines.append(f"  {number}  {option}\n", style="not dim")
    lines.rstrip()
    return Constrain(lines, _WIDE)


def explained(question: Question, answer: int) -> RenderableType:
    """Whether an answer is right, and why."""
    if answer == question.answer:
        said = Text("✓ Right. ", style="bold green")
    else:
        said = Text(f"✗ It is {question.answer + 1}. ", style="bold red")
    return Constrain(said.append(question.why, style="not bold default"), _WIDE)


def near(path: Path) -> str:
    """A path as it is named from where one is."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
