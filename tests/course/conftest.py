"""One warm session and two small shops for all of the course's own checks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from emberlake.engine import open_engine
from emberlake.school.course import Course, read_course
from emberlake.school.grading import Grader
from emberlake.school.shops import Shop, shops
from emberlake.settings import read_settings

# What takes minutes as a whole first; then an exercise's answers side by side, so that a worker has its solution's.
FILES = ("test_course_workshop", "test_course_cheatsheet", "test_course_worker", "test_course_pages")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_place)


def _place(item: pytest.Item) -> tuple[int, str]:
    name = item.path.stem
    if name != "test_course_answers":
        return (FILES.index(name) if name in FILES else -1, "")
    assert isinstance(item, pytest.Function)
    return (len(FILES), item.callspec.params["exercise"].number.zfill(5))


@pytest.fixture(scope="session")
def course() -> Course:
    return read_course()


@pytest.fixture(scope="session")
def made_shops(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shop, Shop]:
    """A learner's two shops, built in processes of their own; EMBERLAKE_TEST_SHOPS keeps them for the next run."""
    kept = os.environ.get("EMBERLAKE_TEST_SHOPS")
    made = shops(Path(kept) if kept else tmp_path_factory.mktemp("learner"), seed=7)
    for shop in made:
        shop.ensure()
    return made


@pytest.fixture(scope="session")
def grader(
    request: pytest.FixtureRequest,
    made_shops: tuple[Shop, Shop],
    tmp_path_factory: pytest.TempPathFactory,
    everything: bool,
) -> Iterator[Grader]:
    """A grader on the engine of --engine."""
    root: Path = tmp_path_factory.mktemp("engine")
    with open_engine(read_settings(root=root), request.config.getoption("--engine"), short=True) as engine:
        yield Grader(engine.session, engine.name, made_shops, root / "written", twice=everything)
