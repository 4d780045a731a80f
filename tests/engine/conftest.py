"""One lazy session for the whole run, of the engine that --engine names."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from tests.rows import make_rows

from emberlake.engine import Engine, open_engine
from emberlake.lake import Lake
from emberlake.settings import Settings, read_settings


@dataclass(frozen=True)
class EngineUnderTest:
    """What a test gets: the engine, and rows written by hand."""

    engine: Engine
    settings: Settings

    @property
    def name(self) -> str:
        return self.engine.name

    @property
    def session(self) -> SparkSession:
        return self.engine.session

    @property
    def parallelism(self) -> int:
        return self.engine.parallelism

    def rows(self, schema: str, *rows: tuple[Any, ...]) -> DataFrame:
        return make_rows(self.session, schema, rows)


@pytest.fixture(scope="session")
def engine_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("engine")


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest, engine_root: Path) -> Iterator[EngineUnderTest]:
    settings = read_settings(root=engine_root)
    with open_engine(settings, request.config.getoption("--engine")) as opened:
        yield EngineUnderTest(opened, settings)


@pytest.fixture(scope="session")
def made_lake(engine: EngineUnderTest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """The made shop at scale 0.5 (5,000 users, 25,000 orders), built to gold once for the whole run; not to be changed.

    The embedded engine builds it, in a process of its own, whichever engine is under test: eight seconds.
    """
    root = tmp_path_factory.mktemp("made")
    given = ["--to", "gold", "--root", str(root), "--scale", "0.5", "--engine", "sail"]
    subprocess.run([sys.executable, "-m", "emberlake.cli", "build", *given], check=True, capture_output=True)
    with Lake(engine.session, read_settings(root=root, scale=0.5)) as lake:
        yield lake


# Begun first, so that a worker does not sit idle while the other ends one of them: minutes each, on either engine.
LONGEST = ("test_up_models", "test_up_summary", "test_lake_engines", "test_lake_changes", "test_graphs_network",
           "test_graphs_core", "test_models_taste", "test_lake_refusals")  # fmt: skip


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))
    name = config.getoption("--engine")
    for item in items:
        only = item.get_closest_marker("only")
        if only is not None and only.args[0] != name:
            item.add_marker(pytest.mark.skip(reason=f"about {only.args[0]} only"))
        if item.get_closest_marker("once") is not None and name != "sail":
            item.add_marker(pytest.mark.skip(reason="opens its own engines; runs with --engine sail"))
