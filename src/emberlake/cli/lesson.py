"""How the course looks on a terminal: the list, an exercise, a verdict, hints, solutions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.syntax import Syntax
from rich.text import Text

from emberlake.cli.screen import table

if TYPE_CHECKING:
    from emberlake.school.course import Course, Exercise
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


def course_view(course: Course, learner: Learner | None, rows: list[dict[str, Any]]) -> list[RenderableType]:
    """The modules with their exercises."""
    shown: list[RenderableType] = [Text(course.title, style="bold")]
    for module in course.modules:
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
        shown += [Text(""), table(lines, title)]
    begin = "`emberlake learn watch` checks at every save." if learner else "Begin: emberlake learn start"
    return [*shown, Text(""), Text(begin)]


def exercise_view(exercise: Exercise, file: str) -> list[RenderableType]:
    """What an exercise asks for, and where its file is."""
    return [
        Text(f"{exercise.number} {exercise.title}", style="bold").append(
            f"  about {exercise.minutes} minutes", style="not bold"
        ),
        Text(f"    {exercise.goal}"),
        Text(f"    Edit {file}, then: emberlake learn check (or keep `emberlake learn watch` running)"),
    ]


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
    lines: list[RenderableType] = [Text(f"{number}. {hint}") for number, hint in enumerate(shown, 1)]
    end = f"{left} more: emberlake learn hint" if left else "That was the last: emberlake learn solution --show"
    return [*lines, Text(end, style="dim")]


def solution_view(files: dict[str, str]) -> list[RenderableType]:
    """The solution, then other approaches."""
    shown: list[RenderableType] = []
    for name, text in files.items():
        shown += [Text(name, style="bold"), Syntax(text.strip(), "python", background_color="default"), Text("")]
    return shown
