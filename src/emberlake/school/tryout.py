"""The desk, where things are tried out: `spark, lake = desk()` gives a session and the learner's own small lake.

In a worker it is the worker's own; in a notebook or a script the first call opens one, which lives as long as that.
"""

from __future__ import annotations

import atexit
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emberlake.school.course import read_course
from emberlake.school.verdict import Verdict

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from emberlake.school.grading import Grader
    from emberlake.school.shops import Tables
    from emberlake.settings import Settings

_grader: Grader | None = None
_stack = ExitStack()
_sessions: dict[str, SparkSession] = {}


def set_desk(grader: Grader) -> None:
    """Use this grader's session and shops from now on."""
    global _grader
    _grader = grader


def desk(engine: str = "spark") -> tuple[SparkSession, Tables]:
    """A session and the learner's lake, to try things out.

    Raises:
        EmberlakeError: if this process holds a session of another kind.
    """
    from emberlake.lake import Lake
    from emberlake.school.shops import Tables

    grader = _open(engine, None)
    # Not the grader's own room, which is emptied at each check: a lesson goes on with what it wrote.
    room = grader.room.with_name(f"{grader.room.name}-desk")
    return grader.session, Tables(Lake(grader.session, grader.shops[0].settings), room)


def check(exercise: str, answer: Callable[..., Any], spark: SparkSession | None = None) -> Verdict:
    """The verdict on a function, where it was written: `check("2.3", answer)` in a notebook.

    Args:
        exercise: its number or name.
        answer: a function of a session and a lake.
        spark: a session of your own; without it the one of `desk()`.

    Returns:
        The verdict, which a notebook shows as text; a script that was run as such prints it, too.

    Raises:
        EmberlakeError: if there is no such exercise, or no session can be opened.
    """
    import inspect

    found = read_course().find(exercise)
    grader = _open(found.engine, spark)
    path = Path(inspect.getsourcefile(answer) or "answer.py")
    verdict = grader.judge(found, answer, path)
    if sys._getframe(1).f_globals.get("__name__") == "__main__" and "IPython" not in sys.modules:
        # A notebook shows the value of a cell's last line; a script that is run shows nothing by itself.
        print(verdict)
    return verdict


def one_session(settings: Settings, engine: str) -> SparkSession:
    """This process's session: the one that is there, or a new one that lives as long as the process.

    Raises:
        EmberlakeError: if this process holds a session of another kind.
    """
    if _grader is not None and _grader.engine == engine:
        return _grader.session
    if engine not in _sessions:
        from emberlake.engine import open_engine

        opened = _stack.enter_context(open_engine(settings, engine, short=True))  # type: ignore[arg-type]
        _sessions[engine] = opened.session
        atexit.register(_stack.close)
    return _sessions[engine]


def _open(engine: str, spark: SparkSession | None) -> Grader:
    from emberlake.school.grading import Grader
    from emberlake.school.progress import Learner
    from emberlake.settings import read_settings

    global _grader
    if _grader is not None and (spark is None or spark is _grader.session):
        return _grader
    learner = Learner.at_work(read_settings())
    for shop in learner.shops:
        shop.ensure()
    room = _room(learner.state / "notebook")
    if spark is None:
        spark = one_session(learner.settings.model_copy(update={"root": learner.state / "notebook"}), engine)
    _grader = Grader(spark, engine, learner.shops, room / "written")
    return _grader


def _room(folder: Path) -> Path:
    """A folder of this process: two notebooks at once write apart, and each begins with nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    room = Path(tempfile.mkdtemp(prefix="desk-", dir=folder))
    # The stack is unwound from its end: the session closes before its files go.
    _stack.callback(shutil.rmtree, room, ignore_errors=True)
    atexit.register(_stack.close)
    return room
