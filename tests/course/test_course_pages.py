"""Every lesson, lab and starter runs from top to bottom: on the warm session, and each in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.notebook_child import run

from emberlake.school import tryout
from emberlake.school.copies import place_of
from emberlake.school.course import read_course
from emberlake.school.progress import Learner
from emberlake.school.shops import Shop
from emberlake.settings import read_settings

COURSE = read_course()
PAGES = [page for module in COURSE.modules for page in (module.lesson, module.failure) if page.exists()]
PAGES += [each.path for each in COURSE.starters]
# A page is made for a laptop's minute; here others run beside it. One that hangs ends here.
SECONDS = 400
# With every run of the tests, half a minute each; `make test-all` runs all others, and each in a fresh process.
ALWAYS = (
    "01_foundation/lesson", "01_foundation/lab", "02_dataframes/lab", "05_rdds/lesson", "05_rdds/lab", "06_mllib/lab",
    "07_streaming/lab", "08_online_learning/lab",
)  # fmt: skip


def named(page: Path) -> str:
    return str(place_of(COURSE, page).with_suffix(""))


def pages() -> list:
    return [pytest.param(page, id=named(page), marks=[] if named(page) in ALWAYS else pytest.mark.long)
            for page in PAGES]  # fmt: skip


@pytest.fixture(scope="module")
def desk(made_shops: tuple[Shop, Shop], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A learner's folder as `learn start` leaves it, with the shops that were made already."""
    folder = tmp_path_factory.mktemp("learner") / "mine"
    Learner.begin(read_settings(root=folder.parent / "root", course_folder=folder, seed=7))
    for shop in made_shops:
        (folder / ".state" / shop.root.name).symlink_to(shop.root)
    return folder


@pytest.fixture(autouse=True)
def _spark_only(request: pytest.FixtureRequest) -> None:
    # A page opens its own engine: once is enough.
    if request.config.getoption("--engine") != "spark":
        pytest.skip("pages run beside spark")


@pytest.mark.timeout(SECONDS)
@pytest.mark.parametrize("page", pages())
def test_a_page_runs_from_top_to_bottom(page, grader, made_shops, monkeypatch, capsys):
    # The same tables and contexts, and no setting or view of the page before.
    own = replace(grader, session=grader.session.newSession(), room=grader.room.with_name(f"page-{page.stem}"))
    monkeypatch.setattr(tryout, "_grader", own)
    try:
        run(page)
    finally:
        grader.session.catalog.clearCache()
    assert capsys.readouterr().out.strip()
    assert [shop.root.name for shop in made_shops if not shop.whole()] == []


@pytest.mark.timeout(SECONDS + 60)
@pytest.mark.long
@pytest.mark.parametrize("page", PAGES, ids=named)
def test_a_page_runs_in_a_fresh_process(page, desk):
    """The learner's copy, as a fresh kernel would, from a folder that is not its own."""
    copy = desk / place_of(COURSE, page)
    environment = os.environ | {"EMBERLAKE_COURSE_FOLDER": str(desk), "EMBERLAKE_ROOT": str(desk.parent / "root")}
    child = subprocess.Popen(
        [sys.executable, str(copy)], cwd=desk, env=environment, stdin=subprocess.DEVNULL, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    try:
        said, _ = child.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        said, _ = child.communicate()
        pytest.fail(f"{named(page)} ran for more than {SECONDS} seconds:\n{said[-3000:]}")
    assert child.returncode == 0, said[-5000:]
