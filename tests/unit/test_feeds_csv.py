"""CSV files as shops send them: every record comes back, read or rescued, with the line it begins on."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from tests.data.reading import ORDERS, lines, read, rescued

from emberlake.errors import SourceError


@pytest.fixture
def write(tmp_path: Path):
    def _write(content: str | bytes, name: str = "orders.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return _write


GOOD = "1,7,2026-03-01 10:00:00,2026-03-01 11:00:00,paid,10.50\n"


def test_a_clean_file_is_read_as_typed_rows(write):
    rows = read(write(f"{ORDERS}\n{GOOD}"))
    assert rows == [
        {
            "order_id": 1, "user_id": 7, "ordered_at": datetime(2026, 3, 1, 10, tzinfo=UTC),
            "received_at": datetime(2026, 3, 1, 11, tzinfo=UTC), "status": "paid", "channel": None, "country": None,
            "currency": "EUR", "items_amount": None, "discount": None, "shipping": None, "amount": Decimal("10.50"),
            "coupon": None, "source_key": None, "_rescued": {}, "_op": None, "_source_file": rows[0]["_source_file"],
            "_row": 2,
        }
    ]  # fmt: skip


def test_line_numbers_are_those_of_an_editor(write):
    # Counted by hand: a quoted status takes lines 3 and 4, line 5 is blank, line 6 has too few fields.
    text = f'{ORDERS}\n{GOOD}2,7,2026-03-01,2026-03-01,"two\nlines",1\n\n4,7,short\n5,7,2026-03-01,,x,5\n'
    rows = read(write(text))
    assert lines(rows) == [2, 3, 6, 7]
    assert rows[1]["status"] == "two\nlines"
    assert rescued(rows) == {6: {"_line": "4,7,short"}}


def test_a_header_over_two_lines_moves_the_data_down(write):
    text = '"order\nid",user_id,ordered_at,amount\n1,2,2026-03-01,5\n'
    assert lines(read(write(text), columns={"order_id": "order\nid"})) == [3]


def test_a_quote_that_never_closes_costs_its_own_line_only(write):
    text = f'{ORDERS}\n{GOOD}2,7,2026-03-01,,"open,1\n3,7,2026-03-01,,paid,3\n4,7,2026-03-01,,"closed",4\n'
    rows = read(write(text))
    assert rescued(rows) == {3: {"_line": '2,7,2026-03-01,,"open,1'}}
    assert [row["order_id"] for row in rows] == [1, None, 3, 4]


def test_apostrophes_are_quotes_only_where_fields_stand_in_them(write):
    rows = read(write(f"{ORDERS}\n1,7,2026-03-01,,'a,b',1\n2,7,2026-03-01,,'c',1\n"))
    assert [row["status"] for row in rows] == ["a,b", "c"]
    rows = read(write(f"{ORDERS}\n1,7,2026-03-01,,'t Hooft,1\n2,7,2026-03-01,,O'Neill,1\n"))
    assert [row["status"] for row in rows] == ["'t Hooft", "O'Neill"]


def test_a_quote_inside_a_plain_field_is_a_letter(write):
    rows = read(write(f'{ORDERS}\n1,7,2026-03-01,,5" pipe,1\n2,7,2026-03-01,,"a ""b"" c",2\n'))
    assert [row["status"] for row in rows] == ['5" pipe', 'a "b" c']
    assert rescued(rows) == {}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_delimiters_and_line_ends_are_seen(write, delimiter, newline):
    rows = read(write(f"{ORDERS}\n{GOOD}{GOOD}".replace(",", delimiter).replace("\n", newline)))
    assert lines(rows) == [2, 3]
    assert rows[0]["status"] == "paid" and rows[0]["amount"] == Decimal("10.50")


def test_old_mac_line_ends_are_seen(write):
    assert lines(read(write(f"{ORDERS}\n{GOOD}{GOOD}".replace("\n", "\r")))) == [2, 3]


def test_a_wrong_delimiter_lists_the_columns_found(write):
    with pytest.raises(SourceError) as error:
        read(write(f"{ORDERS}\n{GOOD}"), dialect={"delimiter": ";"})
    assert "no column found for 'user_id', 'ordered_at', 'amount'" in str(error.value)
    assert "its first line is: 'order_id,user_id,ordered_at,received_at,status,amount'" in str(error.value)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "iso8859_15", "utf-32"]
)
def test_encodings_are_guessed(write, encoding):
    text = f"{ORDERS},country\n" + "".join(f"{n},7,2026-03-01,,bezahlt in Köln für 3 Äpfel,1,ä\n" for n in range(50))
    rows = read(write(text, encoding=encoding))
    assert {row["status"] for row in rows} == {"bezahlt in Köln für 3 Äpfel"}
    assert lines(rows) == list(range(2, 52))


def test_an_umlaut_far_down_still_tells_the_encoding(write):
    text = f"{ORDERS}\n" + GOOD * 30_000 + "9,7,2026-03-01,,zurückgesandt,1\n"
    assert read(write(text, encoding="cp1252"))[-1]["status"] == "zurückgesandt"


def test_lines_in_another_encoding_are_rescued_with_their_bytes(write):
    good = "1,7,2026-03-01,,größer,1\n".encode()
    rows = read(write(f"{ORDERS}\n".encode() + good * 3 + "2,7,2026-03-01,,Müller,1\n".encode("cp1252") + good))
    assert rescued(rows) == {5: {"_line": "2,7,2026-03-01,,M\\xfcller,1"}}
    assert lines(rows) == [2, 3, 4, 5, 6]


def test_lines_in_another_encoding_are_read_where_the_feed_names_it(write):
    good = "1,7,2026-03-01,,größer,1\n".encode()
    path = write(f"{ORDERS}\n".encode() + good * 3 + "2,7,2026-03-01,,Müller,1\n".encode("cp1252"))
    assert read(path, dialect={"fallback": "cp1252"})[-1]["status"] == "Müller"


def test_broken_utf16_is_rescued(write):
    data = bytearray(f"{ORDERS}\n{GOOD}{GOOD}".encode("utf-16-le"))
    data[2 * (len(ORDERS) + 1 + 5)] = 0x00
    data[2 * (len(ORDERS) + 1 + 5) + 1] = 0xD8  # half of a pair
    rows = read(write(b"\xff\xfe" + bytes(data)))
    assert len(rows) == 2 and "_line" in rescued(rows)[2]


def test_a_nul_byte_rescues_its_line(write):
    rows = read(write(f"{ORDERS}\n{GOOD}2,7,2026-03-01,,pa\0id,1\n{GOOD}"))
    assert rescued(rows) == {3: {"_line": "2,7,2026-03-01,,pa\0id,1"}}


def test_a_line_of_10_mb_is_read(write):
    long = "x" * 10_000_000
    rows = read(write(f"{ORDERS}\n{GOOD}2,7,2026-03-01,,{long},1\n{GOOD}3,{long}\n{GOOD}"))
    assert lines(rows) == [2, 3, 4, 5, 6]
    assert rows[1]["status"] == long
    assert rescued(rows) == {5: {"_line": f"3,{long}"}}


def test_a_quoted_field_over_two_pieces_is_one_record(write):
    filler = GOOD * (4 * 1024 * 1024 // len(GOOD) - 1)
    rows = read(write(f"{ORDERS}\n{filler}" + '2,7,2026-03-01,,"' + "line\n" * 500 + '",1\n' + GOOD))
    assert rescued(rows) == {}
    start = filler.count("\n") + 2
    assert lines(rows)[-2:] == [start, start + 501]
    assert rows[-2]["status"] == "line\n" * 500


@pytest.mark.parametrize(("content", "count"), [("", 0), ("\n\n", 0), ("\ufeff", 0), (ORDERS, 0), (f"{ORDERS}\n", 0)])
def test_empty_files_and_bare_headers_have_no_rows(write, content, count):
    assert len(read(write(content))) == count


def test_no_header_takes_positions(write):
    rows = read(write("17;20260301;9,95\n18;20260302;1,00\n"), columns={"user_id": 1, "ordered_at": 2, "amount": 3})
    assert [(row["user_id"], row["ordered_at"].day, row["amount"]) for row in rows] == [
        (17, 1, Decimal("9.95")),
        (18, 2, Decimal("1.00")),
    ]
    assert lines(rows) == [1, 2]


def test_lines_above_the_header_are_skipped_and_counted(write):
    assert lines(read(write(f"Export of March\n\n{ORDERS}\n{GOOD}"), dialect={"skip": 2})) == [4]


def test_gz_is_read_by_its_bytes_not_its_name(write):
    assert lines(read(write(gzip.compress(f"{ORDERS}\n{GOOD}".encode()), "orders.csv"))) == [2]


def test_a_truncated_gz_is_refused_before_anything_is_loaded(write):
    whole = gzip.compress(f"{ORDERS}\n{GOOD * 100_000}".encode())
    with pytest.raises(SourceError, match=r"orders\.csv\.gz: the gz file ends before its end: it is truncated"):
        read(write(whole[: len(whole) // 2], "orders.csv.gz"))


def test_a_damaged_gz_is_refused(write):
    whole = bytearray(gzip.compress(f"{ORDERS}\n{GOOD * 100}".encode()))
    whole[-6] ^= 0xFF  # its checksum
    with pytest.raises(SourceError, match="damaged"):
        read(write(bytes(whole), "orders.csv.gz"))


def test_a_path_with_blanks_and_quotes_is_only_a_name(write):
    rows = read(write(f"{ORDERS}\n{GOOD}", 'it\'s "my" [new] orders; drop.csv'))
    assert rows[0]["_source_file"].endswith('it\'s "my" [new] orders; drop.csv')


def test_a_column_named_twice_must_be_told_apart(write):
    path = write("order_id,user_id,ordered_at,amount,amount\n1,2,2026-03-01,3,4\n")
    with pytest.raises(SourceError, match="more than one column 'amount'"):
        read(path)
    assert read(path, columns={"amount": 5})[0]["amount"] == 4


def test_a_missing_required_column_says_what_is_there(write):
    with pytest.raises(SourceError) as error:
        read(write("order_id,user_id,orderd_at,amount\n1,2,2026-03-01,3\n"))
    assert str(error.value).endswith(
        "orders.csv: no column found for 'ordered_at', which orders cannot do without. Did you mean 'orderd_at' for "
        "'ordered_at'? Its columns are: 'order_id', 'user_id', 'orderd_at', 'amount'. Say which one it is in the "
        "mapping, such as `columns: {ordered_at: orderd_at}`."
    )


def test_unknown_columns_are_kept_where_the_feed_asks(write):
    path = write("order_id,user_id,ordered_at,amount,note\n1,2,2026-03-01,3,hi\n")
    assert rescued(read(path)) == {}
    assert rescued(read(path, keep_extra=True)) == {2: {"+note": "hi"}}


def test_operations_are_read_and_unknown_ones_rescued(write):
    rows = read(write("op,order_id,user_id,ordered_at,amount\nI,1,2,2026-03-01,3\nD,1,,,\nX,1,2,2026-03-01,3\n"))
    assert [row["_op"] for row in rows] == ["upsert", "delete", None]
    assert rescued(rows) == {4: {"_op": "X"}}


def test_a_changed_file_between_split_and_parse_is_not_read_wrong(write):
    from tests.data.reading import feed

    from emberlake.lake.feeds import find_files, parse, split

    path = write(f"{ORDERS}\n{GOOD}")
    given = feed(path)
    [task] = split(find_files(given)[0], given)
    path.unlink()
    with pytest.raises(SourceError, match="there is no such file"):
        list(parse(task))


def test_lost_quotes_all_over_a_large_file_cost_their_own_lines(write):
    texts = [
        f'{n},7,2026-03-01,,"open,1'
        if n % 50 == 10
        else f'{n},7,2026-03-01,,"a, {n}",1'
        if n % 3
        else f"{n},7,2026-03-01,,b,1"
        for n in range(2, 6000)
    ]
    rows = read(write("\n".join([ORDERS, *texts, ""])))
    assert lines(rows) == list(range(2, 6000))
    assert sorted(rescued(rows)) == list(range(10, 6000, 50))
    assert all(row["order_id"] == row["_row"] for row in rows if not row["_rescued"])


def test_an_open_quote_before_a_long_good_rest_is_found_out(write):
    rows = read(write(f'{ORDERS}\n1,7,2026-03-01,,"open,1\n' + GOOD * 30_000))
    assert list(rescued(rows)) == [2] and len(rows) == 30_001


def test_an_open_quote_at_the_very_end_is_rescued(write):
    assert rescued(read(write(f'{ORDERS}\n{GOOD}9,"'))) == {3: {"_line": '9,"'}}
