"""Options of the whole test run; the fixtures lie beside the tests that use them."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import settings

# A busy machine is no bug: speed belongs in bench/.
settings.register_profile("emberlake", deadline=None)
settings.load_profile("emberlake")

# For every JVM, a broker's and a cluster's too: the quick compiler only, because a test's JVM is never warm.
QUICK_JVM = "-XX:TieredStopAtLevel=1"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engine",
        choices=("sail", "spark"),
        default=os.environ.get("EMBERLAKE_TEST_ENGINE", "sail"),
        help="the engine of tests/engine; a process holds one kind of session, so run once for each",
    )
    parser.addoption(
        "--all",
        action="store_true",
        default=bool(os.environ.get("EMBERLAKE_TEST_ALL")),
        help="also what is marked as long, and every repetition: hours instead of half an hour",
    )


def pytest_configure(config: pytest.Config) -> None:
    # Tests started in the background have Ctrl-C ignored, and the programs that they stop would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line("markers", "only(engine): this test is about one engine, and skipped on the other")
    config.addinivalue_line("markers", "once: this test opens its engines in child processes; it runs beside sail only")
    config.addinivalue_line("markers", "long(engine): takes long (there); left out unless --all is given")
    os.environ["JAVA_TOOL_OPTIONS"] = QUICK_JVM


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--all"):
        return
    long = {item for item in items if is_long(item, config.getoption("--engine"))}
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if item not in long]


def is_long(item: pytest.Item, engine: str) -> bool:
    """Whether a test is marked as long, or as long on this engine."""
    return any(engine in (mark.args or (engine,)) for mark in item.iter_markers("long"))


@pytest.fixture(scope="session")
def everything(request: pytest.FixtureRequest) -> bool:
    """Whether every repetition is wanted, and not only as many as show a fault that is not rare."""
    return bool(request.config.getoption("--all"))
