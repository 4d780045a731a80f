"""Rounds go through files that are gone in the end."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.engine.conftest import EngineUnderTest
from tests.rows import assert_rows

from emberlake.errors import GraphError
from emberlake.graphs import Round, Rounds


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if re.fullmatch(r"[a-z]+-\d{5}", path.name))


def test_a_kept_frame_no_longer_knows_where_it_came_from(engine: EngineUnderTest, tmp_path: Path) -> None:
    with Rounds(engine.session, tmp_path) as rounds:
        rows = engine.rows("id long, n double", (1, 0.0), (2, 0.0))
        for _ in range(4):
            rows = rounds.keep("state", rows.selectExpr("id", "n + id AS n"))
        assert_rows(rows, [(1, 4.0), (2, 8.0)])
        assert files(tmp_path) == ["state-00004"]
    assert list(tmp_path.iterdir()) == []


def test_every_third_round_is_written(engine: EngineUnderTest, tmp_path: Path) -> None:
    with Rounds(engine.session, tmp_path, every=3) as rounds:
        rows, seen = engine.rows("n long", (0,)), []
        for _ in range(7):
            rows = rounds.keep("state", rows.selectExpr("n + 1 AS n"))
            seen.append(files(tmp_path))
        assert seen == [[], [], ["state-00001"], ["state-00001"], ["state-00001"], ["state-00002"], ["state-00002"]]
        assert_rows(rows, [(7,)])


def test_no_rows_are_kept_with_their_columns(engine: EngineUnderTest, tmp_path: Path) -> None:
    with Rounds(engine.session, tmp_path) as rounds:
        kept = rounds.write("none", engine.rows("id long, name string"))
        assert kept.columns == ["id", "name"] and kept.collect() == []


def test_an_error_leaves_nothing_behind(engine: EngineUnderTest, tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), Rounds(engine.session, tmp_path) as rounds:
        rounds.part("inner").write("state", engine.rows("id long", (1,)))
        assert files(tmp_path)
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_parts_do_not_meet(engine: EngineUnderTest, tmp_path: Path) -> None:
    told: list[Round] = []
    with Rounds(engine.session, tmp_path, told=told.append) as rounds:
        one, two = rounds.part("first"), rounds.part("first")
        one.write("state", engine.rows("id long", (1,)))
        b = two.write("state", engine.rows("id long", (2,)))
        one.drop("state")
        assert files(tmp_path) == ["state-00001"]
        assert_rows(b, [(2,)])
        assert not two.tell(1, 0.5, 0.1) and one.tell(2, 0.1, 0.1)
    assert told == [Round("first", 1, 0.5, 0.1), Round("first", 2, 0.1, 0.1)]


def test_a_folder_with_a_blank_in_its_name_works(engine: EngineUnderTest, tmp_path: Path) -> None:
    with Rounds(engine.session, tmp_path / "my shop") as rounds:
        assert_rows(rounds.write("state", engine.rows("id long", (1,))), [(1,)])
    assert list((tmp_path / "my shop").iterdir()) == []


def test_nonsense_is_refused(engine: EngineUnderTest, tmp_path: Path) -> None:
    with pytest.raises(GraphError, match="every 0"):
        Rounds(engine.session, tmp_path, every=0)
    with Rounds(engine.session, tmp_path) as rounds, pytest.raises(GraphError, match="0 rounds"):
        rounds.count(0)
