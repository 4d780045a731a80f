"""An answer judged: run on two shops, compared with the solution's, its plan looked at, its mistake named."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emberlake.errors import CourseError
from emberlake.school.checks import (
    CHECKS,
    OF_PLANS,
    Answer,
    Evidence,
    Finding,
    commits_below,
    compare,
    frame_answer,
    operators_below,
    same,
    value_answer,
)
from emberlake.school.exercise import Declared, Exercise, Wrong
from emberlake.school.fetches import Fetches, counted_fetches
from emberlake.school.plans import Plan, read_plan
from emberlake.school.shops import Shop, Tables
from emberlake.school.source import Unfinished, load, of_error, unsolved
from emberlake.school.verdict import Verdict, of_finding

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_ROWS = 500_000

_STILL_RUNNING = "A query was still running when its table was read: `awaitTermination()` waits for its end."

# To compile a query takes longer than to run it on a small shop: interpreted, an exercise's first run takes two thirds.
# Operators and their figures are the same; only the stars of whole-stage code generation are missing.
_INTERPRETED = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}


@dataclass
class Run:
    """One run of a function: its answer, and how it was computed."""

    answer: Answer
    evidence: Evidence
    seconds: float


@dataclass
class Grader:
    """Judges answers on one engine's session.

    Args:
        session: a session of the engine.
        engine: `spark` or `sail`.
        shops: the learner's shop, and others that an answer must hold for, too.
        room: a folder for what answers write.
        tell: told "running" when the learner's code begins, and "judging" when it is through.
        twice: run a file of the course itself again to know what it gives, which shows whether it gives the same.
    """

    session: SparkSession
    engine: str
    shops: tuple[Shop, ...]
    room: Path
    tell: Callable[[str], None] = lambda phase: None
    twice: bool = False
    _known: dict[tuple[Path, int, float], Answer] = field(default_factory=dict)
    _left_running: bool = False

    def check(self, exercise: Exercise, path: Path) -> Verdict:
        """The verdict on a learner's file."""
        begun = time.perf_counter()
        try:
            function = load(path, exercise.number)
        except Unfinished as known:
            return known.verdict
        verdict = self.judge(exercise, function, path)
        return verdict.but(seconds=round(time.perf_counter() - begun, 3))

    def prepare(self, exercise: Exercise, stop: Callable[[], bool]) -> None:
        """Compute the course's own answers, those that each check needs first, until `stop` says that one waits."""
        solution, mistakes = exercise.solutions[0], [each.path for each in exercise.wrong if each.fails == "result"]
        for path, shop in [(solution, shop) for shop in self.shops] + [(path, self.shops[0]) for path in mistakes]:
            if stop():
                return
            # A check that needs it tries again, and tells.
            with suppress(Exception):
                self.expected(exercise, shop, path)

    def judge(self, exercise: Exercise, function: Callable[..., Any], path: Path) -> Verdict:
        """The verdict on a function; `path` is the file that its lines are told by."""
        checks: list[tuple[str, bool]] = []
        for place, shop in enumerate(self.shops):
            self.tell("running")
            try:
                came = self.run(exercise, function, shop)
            except Unfinished as known:
                return known.verdict
            except CourseError:
                raise
            except BaseException as error:
                return self._raised(exercise, error, path)
            left_running = self._left_running
            self.tell("judging")
            if isinstance(came, Run) and not self.twice and exercise.has(path):
                self._known[_key(path, shop)] = came.answer
            if not isinstance(came, Run):
                return unsolved(exercise.number)
            expected = self.expected(exercise, shop)
            found = compare(expected, came.answer, exercise.rules)
            checks.append((f"rows on {'another shop' if place else 'your shop'}", found is None))
            if found is not None:
                verdict = self._wrong_rows(exercise, came.answer, found, shop, place).but(checks=tuple(checks))
                return verdict.but(look=_STILL_RUNNING) if left_running and not verdict.mistake else verdict
            if place == 0 and (missed := self._wrong_plan(exercise, came, checks)):
                return missed.but(checks=tuple(checks))
        return Verdict(exercise.number, "passed", f"{exercise.title}: right.", checks=tuple(checks))

    def run(self, exercise: Exercise, function: Callable[..., Any], shop: Shop) -> Run | None:
        """The function's answer on a shop; None where it returned nothing."""
        shutil.rmtree(self.room, ignore_errors=True)
        from emberlake.lake import Lake

        with self._session(exercise) as session, ExitStack() as stack:
            tables = Tables(stack.enter_context(Lake(session, shop.settings)), self.room)
            begun = time.perf_counter()
            fetches = Fetches()
            with counted_fetches(fetches):
                came = function(session, tables)
            if came is None or came is ...:
                return None
            if not hasattr(came, "toArrow"):
                return Run(value_answer(came), self._evidence(None, fetches), time.perf_counter() - begun)
            if self.engine == "spark" and came.isStreaming:
                raise Unfinished(_streaming(exercise))
            # One more than fits, so that too many rows are told and not held.
            table = came.toArrow()
            if table.num_rows > _ROWS:
                raise Unfinished(_too_many(exercise, table.num_rows))
            answer = frame_answer(table, dict(came.dtypes))
            plan = self._plan(exercise, came)
            return Run(answer, self._evidence(plan, fetches), time.perf_counter() - begun)

    def _evidence(self, plan: Plan | None, fetches: Fetches) -> Evidence:
        return Evidence(plan, fetches.rows, commits_below(self.room), operators_below(self.room))

    def _plan(self, exercise: Exercise, came: DataFrame) -> Plan | None:
        if not exercise.checks or self.engine != "spark":
            return None
        try:
            return read_plan(came)
        except Exception as e:
            # The rows are there, so that the learner's code is not to blame.
            raise CourseError(f"The plan of the answer could not be read: {e}", "Please report it.") from e

    def expected(self, exercise: Exercise, shop: Shop, path: Path | None = None) -> Answer:
        """The answer of a file of the course on a shop; computed once while the file is the same."""
        path = path or exercise.solutions[0]
        key = _key(path, shop)
        if key not in self._known:
            run = self.run(exercise, load(path, exercise.number), shop)
            if run is None:
                raise RuntimeError(f"{path} returns nothing.")
            self._known[key] = run.answer
        return self._known[key]

    @contextmanager
    def _session(self, exercise: Exercise) -> Iterator[SparkSession]:
        """A session without what others left: settings, views, functions, caches."""
        classic = "connect" not in type(self.session).__module__
        session = self.session.newSession() if classic else self.session
        if self.engine == "spark":
            for name, value in {**(_INTERPRETED if classic else {}), **exercise.conf}.items():
                session.conf.set(name, value)
        try:
            yield session
        finally:
            if classic:
                self._left_running = _stopped_streams(session)
                with suppress(Exception):  # the code may have stopped the session, which is told elsewhere
                    self.session.catalog.clearCache()

    def _wrong_rows(self, exercise: Exercise, came: Answer, found: Finding, shop: Shop, place: int) -> Verdict:
        for wrong in exercise.wrong:
            if wrong.fails == "result" and same(self.expected(exercise, shop, wrong.path), came, exercise.rules):
                return of_finding(exercise.number, found, wrong.message).but(mistake=wrong.name)
        verdict = of_finding(exercise.number, found)
        if place:
            said = f"Right on your shop, but not on another one. {found.what}"
            return verdict.but(message=said, look=f"Is there a value in it that you read off your data? {found.look}")
        return verdict

    def _wrong_plan(self, exercise: Exercise, came: Run, checks: list[tuple[str, bool]]) -> Verdict | None:
        first: Verdict | None = None
        for declared in exercise.checks:
            if declared.name in OF_PLANS and came.evidence.plan is None:
                continue
            found = CHECKS[declared.name](came.evidence, **declared.parameters)
            checks.append((_title(declared), found is None))
            if found is not None and first is None:
                wrong = next((each for each in exercise.wrong if _is_it(each, declared, found)), None)
                message = wrong.message if wrong else declared.say
                first = of_finding(exercise.number, found, message).but(mistake=wrong.name if wrong else "")
        return first

    def _raised(self, exercise: Exercise, error: BaseException, path: Path) -> Verdict:
        verdict = of_error(error, path, exercise.number)
        # What a stream's error says ends where its plan begins, which has the names of options and columns in it.
        said = f"{type(error).__name__} {error}".partition("=== Streaming Query ===")[0]
        for wrong in exercise.wrong:
            kind, _, word = wrong.fails.partition(" ")
            if kind == "error" and word and word in said:
                return verdict.but(message=wrong.message, mistake=wrong.name, expected="", look=verdict.message)
        return verdict.but(look=_STILL_RUNNING) if self._left_running else verdict


def _stopped_streams(session: SparkSession) -> bool:
    """End the queries that a run left behind, so that the next one does not meet them; whether there were any."""
    with suppress(Exception):
        running = session.streams.active
        for query in running:
            query.stop()
        return bool(running)
    return False


def _key(path: Path, shop: Shop) -> tuple[Path, int, float]:
    return path, path.stat().st_mtime_ns, shop.scale


def _is_it(wrong: Wrong, declared: Declared, found: Finding) -> bool:
    """Whether a wrong answer is about this check, and about what came, where it says so."""
    check, _, word = wrong.fails.partition(" ")
    return check == declared.name and word in found.came


def _title(declared: Declared) -> str:
    given = ", ".join(str(value) for value in declared.parameters.values())
    return f"{declared.name.replace('_', ' ')}{f': {given}' if given else ''}"


def _streaming(exercise: Exercise) -> Verdict:
    return Verdict(
        exercise.number, "result", "The answer is a stream.", "a DataFrame that ends", "a streaming DataFrame"
    )


def _too_many(exercise: Exercise, rows: int) -> Verdict:
    said = "The answer has more rows than any exercise asks for."
    look = "Look for a join without a key, or with one that matches too much."
    return Verdict(exercise.number, "result", said, f"at most {_ROWS:,} rows", f"{rows:,} rows", look)
