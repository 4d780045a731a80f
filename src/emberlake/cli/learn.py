"""`learn`: the course, from the first exercise to the last."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from emberlake.cli import lesson as views
from emberlake.cli import pages
from emberlake.cli.command import Call, answer, command
from emberlake.cli.meter import one_bar
from emberlake.errors import CourseError

if TYPE_CHECKING:
    from emberlake.school.exercise import Exercise
    from emberlake.school.progress import Learner
    from emberlake.school.verdict import Verdict
    from emberlake.school.worker import Job, Worker

app = typer.Typer(invoke_without_command=True, help="The course: lessons, exercises, checks, quizzes, progress.")
Number = Annotated[str | None, typer.Argument(metavar="[NUMBER]", help="Such as 2.3; else the one in work.")]
_SHOWN = ("course_folder",)


@app.callback()
def _learn(ctx: typer.Context) -> None:
    """The course: lessons, exercises, checks, quizzes, progress."""
    if ctx.invoked_subcommand is None:
        answer(_list, dict(ctx.find_root().obj or {}), {})


def _list(call: Call) -> None:
    """List modules and exercises, and how far each one is."""
    from emberlake.school.course import read_course
    from emberlake.school.progress import Learner
    from emberlake.school.whereabouts import PROGRESS, at_hand

    course, learner = read_course(), None
    if (at_hand(call.settings).course_folder / PROGRESS).exists():
        learner = Learner.at_work(call.settings)
    rows = views.course_rows(course, learner)
    other = views.page_rows(course, learner)
    data = {"title": course.title, "exercises": rows, **other}
    call.screen.show(data, lambda: views.course_view(course, learner, rows, other))


def _start(call: Call) -> None:
    """Make the folder with lessons, exercises and a small lake of one's own, and say what is first."""
    from emberlake.school.progress import Learner

    learner = Learner.begin(call.settings)
    with one_bar(call.screen, "Making your shop") as tell:
        for place, shop in enumerate(learner.shops):
            shop.ensure(lambda doing, _, place=place: tell(f"{doing} ({place + 1} of 2)", place / 2))  # type: ignore[misc]
    _show_exercise(call, learner, learner.current)


def _next(call: Call) -> None:
    """Go on to the next exercise that is not passed, and show its goal."""
    from emberlake.school.progress import Learner

    learner = Learner.at_work(call.settings)
    left = learner.open_ones()
    if left and left[0].number == learner.at and len(left) > 1 and learner.standing(left[0]).shown:
        left = left[1:]
    if not left:
        lines = views.invitations(learner, learner.current)
        call.screen.show({"done": True}, lambda: [Text(line) for line in ("Every exercise is passed.", *lines)])
        return
    _go_to(learner, left[0])
    _show_exercise(call, learner, left[0])


def _jump(call: Call, number: Annotated[str, typer.Argument(metavar="NUMBER", help="Such as 2.3, or a name.")]) -> None:
    """Go to an exercise, whether those before it are passed or not."""
    from emberlake.school.progress import Learner

    learner = Learner.at_work(call.settings)
    exercise = learner.course.find(number)
    _go_to(learner, exercise)
    _show_exercise(call, learner, exercise)


def _check(call: Call, number: Number = None) -> None:
    """Check an exercise: its rows on two shops, and its plan; exit code 1 while it is not right."""
    learner, exercise = _asked(call, number)
    with _worker(call, learner, exercise) as worker:
        verdict = worker.check(exercise, learner.file(exercise))
    learner = _tried(call, exercise, verdict)
    call.screen.show(verdict.to_dict(), lambda: views.verdict_view(verdict, learner))
    if not verdict.passed:
        raise typer.Exit(1)


def _watch(call: Call, number: Number = None) -> None:
    """Check again at every save, with a session that stays warm; Ctrl-C ends it."""
    from emberlake.school.watching import saved

    learner, exercise = _asked(call, number)
    workers: dict[str, Worker] = {}
    try:
        _watched(call, learner, exercise, workers)
        call.screen.note(f"Watching {learner.folder}: save a file and it is checked. Ctrl-C ends this.")
        for path in saved(learner.folder):
            by_path = {learner.file(each).resolve(): each for each in learner.course.exercises.values()}
            if found := by_path.get(path.resolve()):
                learner = _watched(call, learner, found, workers)
    except KeyboardInterrupt:
        call.screen.note("\nStopped watching; `emberlake learn watch` goes on.")
    finally:
        for worker in workers.values():
            worker.close()


def _watched(call: Call, learner: Learner, exercise: Exercise, workers: dict[str, Worker]) -> Learner:
    import time

    from emberlake.school.worker import Worker

    def worker(on: Exercise) -> Worker:
        return workers.setdefault(on.engine, Worker(_job(learner, on, short=False), call.screen.note))

    begun = time.perf_counter()
    verdict = worker(exercise).check(exercise, learner.file(exercise))
    took = time.perf_counter() - begun
    learner = _tried(call, exercise, verdict)
    if verdict.passed and learner.at == exercise.number and (left := learner.open_ones()):
        _go_to(learner, left[0])
    data = verdict.to_dict() | {"took": round(took, 3)}
    call.screen.show(data, lambda: [*views.verdict_view(verdict, learner), Text(f"    {took:.1f} s", style="dim")])
    # While the learner reads and writes.
    ahead = learner.current if verdict.passed else exercise
    worker(ahead).prepare(ahead)
    return learner


def _tried(call: Call, exercise: Exercise, verdict: Verdict) -> Learner:
    """The check counted in the progress as it is now: hints may have been taken on another terminal meanwhile."""
    from emberlake.school.progress import Learner

    learner = Learner.at_work(call.settings)
    learner.tried(exercise, verdict.passed)
    return learner


def _hint(call: Call, number: Number = None) -> None:
    """Show the next hint; each one says more than the one before."""
    learner, exercise = _asked(call, number)
    standing = learner.standing(exercise)
    standing.hints = min(standing.hints + 1, len(exercise.hints))
    learner.save()
    shown = exercise.hints[: standing.hints]
    data = {"exercise": exercise.number, "hints": list(shown), "of": len(exercise.hints)}
    call.screen.show(data, lambda: views.hints_view(exercise, shown))


def _solution(
    call: Call,
    number: Number = None,
    show: Annotated[bool, typer.Option("--show", help="Before it is passed, too.")] = False,
) -> None:
    """Show the solution and other approaches: after passing, or by choice (--show)."""
    learner, exercise = _asked(call, number)
    standing = learner.standing(exercise)
    if not standing.passed and not show:
        left = len(exercise.hints) - standing.hints
        more = f"{left} hint{'s' * (left != 1)} left: `emberlake learn hint`. " if left else ""
        raise CourseError(f"{exercise.number} is not passed yet.", f"{more}To see it all the same: --show.")
    standing.shown = standing.shown or not standing.passed
    learner.save()
    files = {path.stem: path.read_text(encoding="utf-8") for path in exercise.solutions}
    call.screen.show({"exercise": exercise.number, "solutions": files}, lambda: views.solution_view(files))


def _reset(call: Call, number: Number = None) -> None:
    """Bring back an exercise's first version; yours is kept beside it as a .bak."""
    learner, exercise = _asked(call, number)
    kept = learner.put_back(exercise)
    said = f"{learner.file(exercise)} is as it was." + (f" Yours is in {kept.name}." if kept else "")
    call.screen.show({"exercise": exercise.number, "kept": kept and str(kept)}, lambda: said)


def _open(
    call: Call,
    number: Annotated[
        str | None, typer.Argument(metavar="[WHAT]", help="2.3, 2 (its lesson), a name; else the exercise in work.")
    ] = None,
    lab: Annotated[bool, typer.Option("--lab", help="The lab of the module instead of its lesson.")] = False,
) -> None:
    """Open an exercise, a lesson, a lab or the workshop in Jupyter (needs the optional extra jupyter)."""
    from emberlake.cli.pages import file_to_open
    from emberlake.school.notebook import need, open_notebook
    from emberlake.school.progress import Learner

    need("jupytext", "jupyterlab")
    file = file_to_open(Learner.at_work(call.settings), number, lab)
    open_notebook(file, lambda place: call.screen.note(f"Opening {place}; Ctrl-C ends Jupyter."))


for _name, _function, _examples in (
    ("list", _list, ("emberlake learn list", "emberlake learn list --json")),
    ("start", _start, ("emberlake learn start", "emberlake learn start --course-folder ~/spark")),
    ("next", _next, ("emberlake learn next",)),
    ("check", _check, ("emberlake learn check", "emberlake learn check 2.3 --json")),
    ("watch", _watch, ("emberlake learn watch",)),
    ("hint", _hint, ("emberlake learn hint", "emberlake learn hint 2.3")),
    ("solution", _solution, ("emberlake learn solution 2.3", "emberlake learn solution 2.3 --show")),
    ("reset", _reset, ("emberlake learn reset 2.3",)),
    ("jump", _jump, ("emberlake learn jump 2.5",)),
    ("open", _open, ("emberlake learn open 2.3", "emberlake learn open 2", "emberlake learn open 2 --lab")),
):
    command(app, _name, _examples, shown=_SHOWN)(_function)
pages.register(app)


def _asked(call: Call, number: str | None) -> tuple[Learner, Exercise]:
    from emberlake.school.progress import Learner

    learner = Learner.at_work(call.settings)
    return learner, learner.course.find(number) if number else learner.current


def _go_to(learner: Learner, exercise: Exercise) -> None:
    learner.at = exercise.number
    if not learner.file(exercise).exists():
        learner.put_back(exercise)
    learner.save()


def _show_exercise(call: Call, learner: Learner, exercise: Exercise) -> None:
    file = learner.file(exercise)
    data = {"exercise": exercise.number, "title": exercise.title, "goal": exercise.goal,
            "minutes": exercise.minutes, "file": str(file)}  # fmt: skip
    call.screen.show(data, lambda: views.exercise_view(learner, exercise))


def _job(learner: Learner, exercise: Exercise, short: bool) -> Job:
    from emberlake.school.worker import Job

    return Job(exercise.engine, learner.state, learner.shops, learner.course.folder, learner.settings, short)


@contextmanager
def _worker(call: Call, learner: Learner, exercise: Exercise) -> Iterator[Worker]:
    from emberlake.school.worker import Worker

    with (
        one_bar(call.screen, f"Checking {exercise.number}") as tell,
        Worker(_job(learner, exercise, short=True), lambda doing: tell(doing, 0.2)) as worker,
    ):
        yield worker
