"""Two writers of one table in two processes, a hundred rounds each: no row is lost, every conflict is a typed error."""

from __future__ import annotations

import os
import time
from functools import partial
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from tests.crash.builds import BUILD_SECONDS, context, settings_at
from tests.lake_tools import rows_of

from emberlake.lake import Lake

ROUNDS = {"sail": 100, "spark": 10}
TABLE = "silver.follows"


def _write(root: Path, engine: str, writer: int, rounds: int, patient: bool, both_are_ready: Barrier) -> None:
    """Append one row a round; without patience a busy table is an error at once, and tried again."""
    from emberlake.engine import open_engine
    from emberlake.errors import LakeBusy
    from emberlake.lake import lake as room
    from emberlake.lake.locks import hold

    if not patient:
        room.hold = partial(hold, wait=0.0)  # type: ignore[attr-defined]
    settings = settings_at(root, 1.0)
    conflicts = 0
    with open_engine(settings, engine) as opened, Lake(opened.session, settings) as lake:
        both_are_ready.wait(BUILD_SECONDS)
        for number in range(rounds):
            row = (
                f"SELECT CAST({writer} AS BIGINT) follower_id, CAST({1000 + number} AS BIGINT) followee_id, "
                f"TIMESTAMP'2026-01-01 00:00:00' followed_at, 'by {os.getpid()}' _load_id"
            )
            while True:
                try:
                    lake.append(TABLE, lake.session.sql(row), token=f"{writer}-{number}")
                    break
                except LakeBusy as busy:
                    assert "silver.follows is being written by " in str(busy)
                    conflicts += 1
                    time.sleep(0.005)
    (root / f"conflicts-{writer}").write_text(str(conflicts))


def ended(process: BaseProcess) -> int | None:
    process.join(BUILD_SECONDS)
    return process.exitcode


@pytest.mark.parametrize("patient", [False, True], ids=["refused-and-retried", "waiting"])
def test_two_writers_lose_no_row(tmp_path, engine_name, patient):
    rounds = ROUNDS[engine_name] if not patient else ROUNDS[engine_name] // 5
    both_are_ready = context().Barrier(2)
    writers = [
        context().Process(target=_write, args=(tmp_path, engine_name, n, rounds, patient, both_are_ready), daemon=True)
        for n in (1, 2)
    ]
    for writer in writers:
        writer.start()
    assert [ended(writer) for writer in writers] == [0, 0]
    settings = settings_at(tmp_path, 1.0)
    written = rows_of(settings, TABLE, "follower_id followee_id")
    assert written == sorted((str(n), str(1000 + number)) for n in (1, 2) for number in range(rounds))
    with Lake(None, settings) as lake:
        # One version for each append, after the one that made the table; and no intent is left open.
        assert lake.version(TABLE) == 2 * rounds
        assert lake.ledger.open_writes(TABLE) == []
    conflicts = [int((tmp_path / f"conflicts-{n}").read_text()) for n in (1, 2)]
    assert patient or sum(conflicts) > 0, "the two never met: this shows nothing"
    assert not patient or sum(conflicts) == 0
