"""One small shop and one undisturbed build of it, that every disturbed one is compared with."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.crash.builds import Build, settings_at
from tests.lake_tools import Contents

from emberlake.progress import silent
from emberlake.settings import Settings
from emberlake.synth import write_shop

# 500 users and 2,500 orders: every kind of planted dirt is there, and a build takes a few seconds.
SCALE = 0.05


@dataclass(frozen=True)
class Undisturbed:
    """A build that nothing stopped.

    Attributes:
        boundaries: the places that it passed, in order.
        seconds: how long it took.
    """

    settings: Settings
    contents: Contents
    boundaries: list[str]
    seconds: float


@pytest.fixture(scope="session")
def engine_name(request: pytest.FixtureRequest) -> str:
    return request.config.getoption("--engine")


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The landing folder that every root gets a copy of."""
    settings = settings_at(tmp_path_factory.mktemp("shop"), SCALE)
    write_shop(settings, silent, 1)
    return settings.landing


@pytest.fixture(scope="session")
def new_root(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Settings]:
    """A function that gives a root with the shop's files and nothing else."""

    def make() -> Settings:
        settings = settings_at(tmp_path_factory.mktemp("root"), SCALE)
        shutil.copytree(shop, settings.landing)
        return settings

    return make


@pytest.fixture(scope="session")
def undisturbed(new_root, engine_name: str) -> Undisturbed:
    built = undisturbed_build(new_root(), engine_name)
    assert built.contents.tables["silver.orders"].num_rows > 2000
    return built


def undisturbed_build(settings: Settings, engine_name: str) -> Undisturbed:
    """Build what is new under a root, and note what was passed and how long it took."""
    log = settings.root / "boundaries.log"
    begun = time.monotonic()
    assert Build(settings, engine_name).run(log=log) == 0
    seconds = time.monotonic() - begun
    return Undisturbed(settings, Contents.of(settings), log.read_text().split(), seconds)
