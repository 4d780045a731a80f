"""`learn lesson`, `learn lab`, `learn quiz`, `learn notebooks`: the pages of the course beside its exercises."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from emberlake.cli import lesson as views
from emberlake.cli.command import Call, command
from emberlake.cli.meter import one_bar
from emberlake.errors import CourseError

if TYPE_CHECKING:
    from emberlake.school.page import Module, Question
    from emberlake.school.progress import Learner

Asked = Annotated[str | None, typer.Argument(metavar="[MODULE]", help="Such as 2; else that of the exercise in work.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for name, function, examples in (
        ("lesson", _lesson, ("emberlake learn lesson", "emberlake learn lesson 2")),
        ("lab", _lab, ("emberlake learn lab 2",)),
        ("quiz", _quiz, ("emberlake learn quiz 2", "emberlake learn quiz 2 --json")),
        ("notebooks", _notebooks, ("emberlake learn notebooks", "emberlake learn notebooks ./read --run")),
    ):
        command(app, name, examples, shown=("course_folder",))(function)


def _lesson(call: Call, module: Asked = None) -> None:
    """Show a module's lesson: the explanation with worked examples, and the file to run them in."""
    learner, found = _module(call, module)
    first = found.exercises[0].number if found.exercises else ""
    then = f"; then the exercises: emberlake learn jump {first}" if first else ""
    _page(call, learner, found.lesson, found, f"In Jupyter: emberlake learn open {found.number}{then}")


def _lab(call: Call, module: Asked = None) -> None:
    """Show a module's lab: something fails, and is found, mended and prevented."""
    learner, found = _module(call, module)
    after = f"In Jupyter: emberlake learn open {found.number} --lab; then: emberlake learn quiz {found.number}"
    _page(call, learner, found.failure, found, after)


def _page(call: Call, learner: Learner, page: Path, module: Module, after: str) -> None:
    from emberlake.school.percent import cells

    require(page, module)
    copy = learner.page(page)
    data = {"module": module.number, "title": module.title, "minutes": module.reading if page == module.lesson
            else module.lab, "file": str(copy), "exercises": [each.number for each in module.exercises]}  # fmt: skip
    # What is shown is the course's own; the copy may have been changed.
    call.screen.show(data, lambda: views.page_view(cells(page), views.near(copy), after))


def _quiz(call: Call, module: Asked = None) -> None:
    """Ask a module's questions, say why each answer is right, and keep the score; --json prints them instead."""
    learner, found = _module(call, module)
    require(found.quiz, found)
    if call.screen.as_json:
        questions = [asdict(question) for question in found.questions]
        call.screen.show({"module": found.number, "title": found.title, "questions": questions}, lambda: "")
        return
    call.screen.out.print(Text(f"Quiz {found.number}: {found.title}, {len(found.questions)} questions", style="bold"))
    right = 0
    for place, question in enumerate(found.questions, 1):
        answer = _ask(call, f"{place} of {len(found.questions)}", question)
        if answer is None:
            call.screen.note(f"Stopped before question {place} was answered; the score stays as it was.")
            return
        right += answer == question.answer
        call.screen.out.print(views.explained(question, answer))
    score = learner.scored(found, right, len(found.questions))
    best = f" The best of {score.tries} tries: {score.best} of {score.of}." if score.tries > 1 else ""
    call.screen.out.print(Text(f"\n{right} of {len(found.questions)} right.", style="bold").append(best, "not bold"))


def _ask(call: Call, where: str, question: Question) -> int | None:
    """The place of the option that was chosen; None where it was stopped."""
    call.screen.out.print(views.question_view(where, question))
    count = len(question.options)
    while (said := call.screen.ask(f"Your answer (1 to {count}; q stops):")) is not None:
        if said.lower() in ("q", "quit"):
            return None
        if said.isdecimal() and 1 <= int(said) <= count:
            return int(said) - 1
        call.screen.note(f"One of the numbers 1 to {count}, or q.")
    return None


def _notebooks(
    call: Call,
    folder: Annotated[
        Path | None, typer.Argument(metavar="[FOLDER]", help="Where to; else notebooks/ in the course's folder.")
    ] = None,
    run: Annotated[bool, typer.Option("--run", help="Run lessons, labs and workshop, and keep their outputs.")] = False,
) -> None:
    """Build notebooks of lessons, labs, exercises and workshop (needs the optional extra jupyter)."""
    from emberlake.school import notebook
    from emberlake.school.course import read_course
    from emberlake.school.progress import Learner

    notebook.need("jupytext", "nbformat", *(("nbclient", "ipykernel") if run else ()))
    learner = Learner.at_work(call.settings) if run or folder is None else None
    target = (folder or (learner.folder if learner else Path()) / "notebooks").expanduser().absolute()
    course = learner.course if learner else read_course()
    count, done = len(list(notebook.sources(course, not run))), 0
    with one_bar(call.screen, "Running notebooks" if run else "Building notebooks") as tell:

        def told(place: Path) -> None:
            nonlocal done
            tell(str(place), done / max(count, 1))
            done += 1

        if run and learner:
            for shop in learner.shops:
                shop.ensure()
            made = notebook.run(course, target, learner.folder, told)
        else:
            made = notebook.build(course, target, told)
    said = f"{len(made)} notebooks {'with' if run else 'without'} outputs are in {views.near(target)}."
    call.screen.show({"folder": str(target), "notebooks": [str(path) for path in made]}, lambda: said)


def file_to_open(learner: Learner, asked: str | None, lab: bool) -> Path:
    """The learner's copy of what is to be opened: an exercise, a module's lesson or lab, a workshop notebook.

    Raises:
        CourseError: if there is no such thing.
    """
    course = learner.course
    if asked is not None and (page := course.page(asked)):
        return learner.page(page)
    numbers = {name for each in course.modules for name in (str(each.number), each.name, each.name[3:])}
    if lab or asked in numbers:
        module = course.module(asked or learner.current.module)
        page = module.failure if lab else module.lesson
        require(page, module)
        return learner.page(page)
    return learner.file(course.find(asked) if asked else learner.current)


def require(page: Path, module: Module) -> None:
    """Fail where a module has no such page.

    Raises:
        CourseError: which one.
    """
    if not page.exists():
        raise CourseError(f"Module {module.number} has no {page.stem}.", "`emberlake learn list` shows what is there.")


def _module(call: Call, asked: str | None) -> tuple[Learner, Module]:
    from emberlake.school.progress import Learner

    learner = Learner.at_work(call.settings)
    return learner, learner.course.module(asked or learner.current.module)
