"""Whatever a learner's code does gives one clear verdict, and the next check works."""

from __future__ import annotations

import dataclasses
import select
import shutil
import textwrap
import time
from collections.abc import Iterator

import pytest

from emberlake.school.course import Course, read_course
from emberlake.school.shops import Shop
from emberlake.school.worker import Job, Worker
from emberlake.settings import read_settings

# What a learner does, what is told, and at which line of the file.
ACCIDENTS = {
    "a loop without an end": ("while True: pass", "limit", "It was at line 3", 3),
    "a loop within C": ("import time\ntime.sleep(600)", "limit", "It was at line 4", 4),
    "the end of the program": ("exit()", "error", "Line 3 ends the program", 3),
    "the end of the process": ("import os\nos._exit(3)", "engine", "exit code 3", None),
    "too much memory": ("x = bytearray(64 * 2**30)", "limit", "more memory", 3),
    "a stopped session": ("spark.stop()", "engine", "session was stopped", None),
    "a crash of the JVM": ("spark._jvm.java.lang.Runtime.getRuntime().halt(1)", "engine", "or it crashed", 3),
    "a deleted table": (
        "import shutil\nshutil.rmtree(lake.path('silver.orders'))",
        "table",
        "changed or deleted",
        None,
    ),
    "a question": ("input('?')", "error", "Line 3 raised EOFError", 3),
    "an unknown column": ("return lake.read('silver.orders').select('amuont').toArrow()", "error", "Line 3 raised", 3),
}


@pytest.fixture(scope="module")
def engine(request) -> str:
    return request.config.getoption("--engine")


@pytest.fixture(scope="module")
def worker(engine, course: Course, made_shops: tuple[Shop, Shop], tmp_path_factory) -> Iterator[Worker]:
    state = tmp_path_factory.mktemp("worker")
    for shop in made_shops:
        shutil.copytree(shop.root, state / shop.root.name)
    # A copy has other times: it is put back from its own copy, as a damaged one would be.
    own = tuple(Shop(state / shop.root.name, shop.seed, shop.scale) for shop in made_shops)
    with Worker(Job(engine, state, own, course.folder, read_settings(root=state))) as worker:
        yield worker


@pytest.fixture(scope="module")
def exercise(engine, course: Course):
    # Minutes to spare: a busy machine is no bug.
    return dataclasses.replace(course.find("2.1" if engine == "spark" else "2.3"), seconds=300)


# On Spark each breakdown costs half a minute, a new JVM's: what is the JVM's own is tried there, the rest beside Sail.
SPARKS = ("a crash of the JVM", "a stopped session", "too much memory", "an unknown column")


@pytest.mark.parametrize(
    "name", [pytest.param(each, marks=[] if each in SPARKS else pytest.mark.long("spark")) for each in ACCIDENTS]
)
def test_an_accident_is_told_and_does_not_break_the_course(name, worker, exercise, tmp_path):
    if "JVM" in name and worker.job.engine == "sail":
        pytest.skip("the embedded engine has none")
    body, kind, said, line = ACCIDENTS[name]
    file = tmp_path / "answer.py"
    file.write_text("\ndef answer(spark, lake):\n" + textwrap.indent(body, "    ") + "\n")
    # Starting an engine is not the learner's time.
    worker.start()
    verdict = worker.check(dataclasses.replace(exercise, seconds=8 if kind == "limit" else 300), file)
    assert (verdict.kind, verdict.passed) == (kind, False), str(verdict)
    assert said in verdict.message, str(verdict)
    assert verdict.line == line
    assert worker.check(exercise, exercise.solutions[0]).passed


def test_a_flood_of_output_is_cut_and_the_answer_still_judged(worker, exercise, tmp_path):
    file = tmp_path / "answer.py"
    text = exercise.solutions[0].read_text()
    file.write_text(
        text.replace("    return", "    print('x' * 79 + '\\n', end='')\n    print('y' * 10_000_000)\n    return")
    )
    verdict = worker.check(exercise, file)
    assert verdict.passed
    assert verdict.printed.startswith("x" * 79 + "\n") and "more bytes" in verdict.printed
    assert len(verdict.printed) < 10_000


def test_an_answer_that_holds_on_ones_own_shop_only_is_told(worker, engine, exercise, tmp_path):
    file = tmp_path / "answer.py"
    if engine == "spark":
        file.write_text(
            "def answer(spark, lake):\n    orders = lake.read('silver.orders')\n"
            "    rows = orders.where(\"ordered_at >= timestamp'2025-11-01'\").select('order_id', 'amount')\n"
            "    return rows if orders.count() == 5000 else rows.limit(3)\n"
        )
    else:
        text = exercise.solutions[0].read_text()
        few = "    few = lake.read('silver.users').count() < 900\n    users = "
        cut = "    users = users.limit(3) if few else users\n    return users.join"
        file.write_text(text.replace("    users = ", few).replace("    return users.join", cut))
    verdict = worker.check(exercise, file)
    assert verdict.message.startswith("Right on your shop, but not on another one."), str(verdict)


def test_what_was_prepared_is_not_computed_again(worker, exercise, tmp_path):
    folder, log = tmp_path / "course", tmp_path / "log"
    shutil.copytree(worker.job.course, folder)
    own = dataclasses.replace(read_course(folder).find(exercise.number), seconds=300)
    text = own.solutions[0].read_text()

    def noting(word: str) -> str:
        begin = "def answer(spark, lake):\n"
        return text.replace(begin, f"{begin}    with open({str(log)!r}, 'a') as log:\n        log.write('{word} ')\n")

    own.solutions[0].write_text(noting("theirs"))
    mine = tmp_path / "answer.py"
    mine.write_text(noting("mine"))
    with Worker(dataclasses.replace(worker.job, course=folder)) as another:
        another.prepare(own)
        until = time.monotonic() + 120
        while not log.exists() or log.read_text().count("theirs") < 2:
            assert time.monotonic() < until and another._alive(), log.exists() and log.read_text()
            select.select([], [], [], 0.05)
        assert another.check(own, mine).passed
    assert log.read_text().split() == ["theirs", "theirs", "mine", "mine"]


def test_a_check_need_not_wait_until_all_is_prepared(worker, exercise):
    worker.prepare(exercise)
    assert worker.check(exercise, exercise.solutions[0]).passed


def test_a_query_that_was_not_awaited_is_named_and_does_not_meet_the_next_answer(worker, course, tmp_path):
    if worker.job.engine == "sail":
        pytest.skip("streams are Spark's")
    own = dataclasses.replace(course.find("7.1"), seconds=300)
    hasty = tmp_path / "answer.py"
    hasty.write_text(own.solutions[0].read_text().replace("    query.awaitTermination()\n", ""))
    verdict = worker.check(own, hasty)
    assert not verdict.passed and "awaitTermination()" in verdict.look, str(verdict)
    assert worker.check(own, own.solutions[0]).passed


def test_a_streams_own_error_is_told_and_not_one_whose_words_stand_in_its_plan(worker, course, tmp_path):
    if worker.job.engine == "sail":
        pytest.skip("streams are Spark's")
    own = dataclasses.replace(course.find("7.1"), seconds=300)
    bad = tmp_path / "answer.py"
    bad.write_text(own.solutions[0].read_text().replace('"order_id")', '"order_id", "cast(event as int)")').replace(
        ".select(", ".selectExpr("
    ))  # fmt: skip
    verdict = worker.check(own, bad)
    assert verdict.kind == "error" and "cannot be cast" in verdict.message, str(verdict)
    assert (verdict.mistake, verdict.printed) == ("", "")
