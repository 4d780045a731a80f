"""Options of the whole test run; the fixtures lie beside the tests that use them."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import settings

# A busy machine is no bug: speed belongs in bench/.
settings.register_profile("emberlake", deadline=None)
settings.load_profile("emberlake")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engine",
        choices=("sail", "spark"),
        default=os.environ.get("EMBERLAKE_TEST_ENGINE", "sail"),
        help="the engine of tests/engine; a process holds one kind of session, so run once for each",
    )


def pytest_configure(config: pytest.Config) -> None:
    # Tests started in the background have Ctrl-C ignored, and the programs that they stop would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line("markers", "only(engine): this test is about one engine, and skipped on the other")
    config.addinivalue_line("markers", "once: this test opens its engines in child processes; it runs beside sail only")
