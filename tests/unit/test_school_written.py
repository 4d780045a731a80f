"""What the log of a table and the checkpoint of a stream tell of an answer."""

from __future__ import annotations

import json

import pytest

from emberlake.school.checks import CHECKS, Evidence, commits_below, operators_below


@pytest.fixture
def room(tmp_path):
    """A table of three commits, one that was only written, and a checkpoint with two stateful operators."""
    for name, operations in {"orders": ["WRITE", "MERGE", "DELETE"], "fresh": ["CREATE TABLE"]}.items():
        log = tmp_path / name / "_delta_log"
        log.mkdir(parents=True)
        for version, operation in enumerate(operations):
            lines = [{"protocol": {}}, {"commitInfo": {"operation": operation}}] if version else [{"commitInfo": {}}]
            (log / f"{version:020}.json").write_text("\n".join(map(json.dumps, lines)) + "\n")
    for number, operator in enumerate(["dedupeWithinWatermark", "stateStoreSave"]):
        told = tmp_path / "checkpoint/state" / str(number) / "_metadata"
        told.mkdir(parents=True)
        (told / "metadata").write_text(f'v1\n{{"operatorInfo":{{"operatorId":{number},"operatorName":"{operator}"}}}}')
    return tmp_path


def test_operations_after_the_first_write_are_read_in_order(room):
    assert commits_below(room) == {"orders": ("MERGE", "DELETE"), "fresh": ()}
    (room / "orders/_delta_log/00000000000000000002.json").write_text("{ half")
    assert commits_below(room)["orders"] == ("MERGE", "?")


@pytest.mark.parametrize(
    ("given", "came"),
    [
        ({"table": "orders"}, None),
        ({"table": "orders", "operation": "MERGE", "most": 2}, None),
        ({"table": "orders", "operation": "UPDATE"}, "MERGE, DELETE"),
        ({"table": "orders", "most": 1}, "2: MERGE, DELETE"),
        ({"table": "fresh"}, "nothing after the first write"),
        ({"table": "sales"}, "fresh, orders"),
    ],
)
def test_commits_are_asked_for_by_operation_and_number(room, given, came):
    found = CHECKS["commits"](Evidence(None, commits=commits_below(room)), **given)
    assert (found and found.came) == came


def test_what_keeps_state_is_read_from_the_checkpoint(room):
    known = operators_below(room)
    assert known == ("dedupeWithinWatermark", "stateStoreSave")
    assert CHECKS["state_of"](Evidence(None, operators=known), operator="stateStoreSave") is None
    found = CHECKS["state_of"](Evidence(None, operators=("dedupe",)), operator="dedupeWithinWatermark")
    assert found and (found.expected, found.came) == ("dedupeWithinWatermark", "dedupe")
