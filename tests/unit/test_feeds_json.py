"""JSON lines: objects are read, everything else is rescued with its line."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from tests.data.reading import lines, read, rescued

from emberlake.errors import SourceError

EVENT = '{"event_id":1,"session_id":2,"user_id":null,"event":"search","occurred_at":"2026-03-01T10:00:00Z"}'


def test_objects_become_rows_and_other_lines_are_rescued(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_text(f'{EVENT}\n{{"event_id": 2,\n\n[1]\n"text"\n{EVENT}')
    rows = read(path, "events")
    assert lines(rows) == [1, 2, 4, 5, 6]
    assert rescued(rows) == {2: {"_line": '{"event_id": 2,'}, 4: {"_line": "[1]"}, 5: {"_line": '"text"'}}
    assert (rows[0]["event"], rows[0]["occurred_at"]) == ("search", datetime(2026, 3, 1, 10, tzinfo=UTC))


def test_values_of_another_type_are_rescued(tmp_path):
    path = tmp_path / "orders.jsonl"
    path.write_text(
        '{"order_id": "7", "user_id": 1.0, "ordered_at": "2026-03-01", "amount": 12.10, "status": ""}\n'
        '{"order_id": 8.5, "user_id": true, "ordered_at": "2026-02-31", "amount": {"value": 3}, "status": 5}\n'
        '{"order_id": 9, "user_id": [1], "ordered_at": null, "amount": NaN, "coupon": "say \\"hi\\"\\n"}\n'
    )
    rows = read(path)
    assert (rows[0]["order_id"], rows[0]["user_id"], rows[0]["amount"], rows[0]["status"]) == (
        7,
        1,
        Decimal("12.10"),
        "",
    )
    assert rescued(rows)[2] == {
        "order_id": "8.5",
        "user_id": "true",
        "ordered_at": "2026-02-31",
        "amount": '{"value":3}',
    }
    assert rescued(rows)[3] == {"user_id": "[1]", "amount": "NaN"}
    assert (rows[1]["status"], rows[2]["coupon"]) == ("5", 'say "hi"\n')


def test_keys_inside_of_an_object_are_columns(tmp_path):
    path = tmp_path / "orders.json"
    path.write_text('{"id": 1, "customer": {"id": 7}, "date": "2026-03-01", "total": {"amount": 5}}\n')
    [row] = read(path, columns={"user_id": "customer.id", "amount": "total.amount"})
    assert (row["order_id"], row["user_id"], row["amount"]) == (1, 7, 5)


def test_a_json_array_says_how_to_turn_it_into_lines(tmp_path):
    path = tmp_path / "orders.json"
    path.write_text('[{"order_id": 1}]')
    with pytest.raises(SourceError, match=r"is one JSON array, not JSON lines .* jq -c"):
        read(path)


def test_a_file_without_any_object_is_refused(tmp_path):
    path = tmp_path / "orders.jsonl"
    path.write_text("order_id,amount\n1,2\n")
    with pytest.raises(SourceError, match="none of its first 2 lines is a JSON object"):
        read(path)


@pytest.mark.parametrize("content", ["", "\n\n"])
def test_an_empty_file_has_no_rows(tmp_path, content):
    (tmp_path / "events.jsonl").write_text(content)
    assert read(tmp_path / "events.jsonl", "events") == []


def test_gz_utf16_and_a_long_line(tmp_path):
    path = tmp_path / "events.jsonl.gz"
    long = EVENT.replace("search", "x" * 10_000_000)
    path.write_bytes(gzip.compress(f"{EVENT}\n{long}\n{EVENT}\n".encode("utf-16"), 1))
    rows = read(path, "events")
    assert lines(rows) == [1, 2, 3] and rescued(rows) == {}
    assert len(rows[1]["event"]) == 10_000_000


def test_a_nul_byte_and_foreign_bytes_are_rescued(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_bytes(
        f"{EVENT}\n".encode() + b'{"event": "\0"}\n' + EVENT.replace("search", "é").encode("cp1252") + b"\n"
    )
    rows = read(path, "events", dialect={"encoding": "utf-8"})
    assert rescued(rows) == {2: {"_line": '{"event": "\0"}'}, 3: {"_line": EVENT.replace("search", "\\xe9")}}


def test_a_clickstream_without_event_numbers_gets_stable_ones(tmp_path):
    path = tmp_path / "clicks.jsonl"
    click = '{"session": "s-1", "user": "u-1", "event": "page_view", "timestamp": "2026-03-01 10:00:00"}\n'
    path.write_text(click * 2)
    rows = read(path, "events")
    assert len({row["event_id"] for row in rows}) == 2 and None not in {row["event_id"] for row in rows}
    assert rows[0]["session_id"] == rows[1]["session_id"] >= 2**62
    assert [row["event_id"] for row in rows] == [row["event_id"] for row in read(path, "events")]
