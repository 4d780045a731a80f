"""Texts as values: what is read, what is rescued, and what is guessed from a column."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.data.reading import read, rescued

from emberlake.lake.feeds import Mapping
from emberlake.lake.feeds.plan import Reading
from emberlake.lake.feeds.texts import TextReader

READER = TextReader()


def value(text: str | None, type: str, **options):
    """One text, read together with a good and a bad neighbour, so that the whole column takes the careful way too."""
    how = Reading("x", type, **options)
    alone, *_ = READER.read(pa.array([text], pa.string()), how).to_pylist()
    beside, *_ = READER.read(pa.array([text, "?!", "1"], pa.string()), how).to_pylist()
    assert alone == beside, "the fast way and the careful way differ"
    return alone


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        ("7", 7), (" 7 ", 7), ("007", 7), ("-7", -7), ("+7", 7), ("7.0", 7), ("9223372036854775807", 2**63 - 1),
        ("9223372036854775808", None), ("7.5", None), ("7 1", None), ("0x1F", None), ("1_000", None), ("1e3", None),
        ("seven", None), ("", None), (None, None), ("١", None), ("--7", None), ("7-", None), ("NaN", None),
    ],
)  # fmt: skip
def test_whole_numbers(text, read_as):
    assert value(text, "long") == read_as


def test_whole_numbers_fit_their_type():
    assert value("2147483648", "int") is None
    assert value("2147483647", "int") == 2147483647


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        ("12.5", "12.50"), ("-3", "-3.00"), (".5", "0.50"), ("1.005", "1.01"), ("-1.005", "-1.01"), ("12.344", "12.34"),
        ("12.299999999999999", "12.30"), ("1e2", "100.00"), ("9999999999.99", "9999999999.99"), ("10000000000", None),
        ("nan", None), ("NaN", None), ("inf", None), ("1,5", None), ("1.299,00", None), ("12.5.1", None), ("$5", None),
        ("5 EUR", "5.00"), ("€ 5", "5.00"), ("", None), ("1_000", None), ("0x10", None),
    ],
)  # fmt: skip
def test_money(text, read_as):
    found = value(text, "decimal(12,2)")
    assert found == (None if read_as is None else Decimal(read_as))


@pytest.mark.parametrize("digits", [11, 19, 31, 38, 39, 77, 1000, 100_000])
@pytest.mark.parametrize("type", ["decimal(12,2)", "decimal(22,2)", "long", "int"])
def test_digits_without_end_are_no_number(digits, type):
    fits = digits <= {"decimal(12,2)": 10, "decimal(22,2)": 20, "long": 18, "int": 9}[type]
    assert (value("9" * digits, type) is not None) == fits


@pytest.mark.parametrize(
    ("text", "decimal", "thousands", "read_as"),
    [
        ("1.299,00", ",", ".", "1299.00"), ("1299,5", ",", ".", "1299.50"), ("1,5", ",", "", "1.50"),
        ("1.5", ",", "", None),
        ("1,299.00", ".", ",", "1299.00"), ("12,34.00", ".", ",", None), ("1,299", ".", ",", "1299.00"),
        ("1,29", ".", ",", None), ("1 299,50", ",", " ", "1299.50"), ("1\u00a0299,50", ",", " ", "1299.50"),
        ("1'299.50", ".", "'", "1299.50"), ("-1.299.000,5", ",", ".", "-1299000.50"), ("1.5", ",", ".", None),
    ],
)  # fmt: skip
def test_marks_in_numbers(text, decimal, thousands, read_as):
    found = value(text, "decimal(12,2)", decimal=decimal, thousands=thousands)
    assert found == (None if read_as is None else Decimal(read_as))


BIG = "4,2,2026-03-01,9999999999"


def test_another_currency_is_turned_into_euro_half_up(tmp_path):
    path = csv_file(
        tmp_path, "1,2,2026-03-01,10.00", "2,2,2026-03-01,-10", "3,2,2026-03-01,£10", "4,2,2026-03-01,9999999999"
    )
    rows = read(path, currency="GBP", rate="1.1685")
    assert [row["amount"] for row in rows] == [Decimal("11.69"), Decimal("-11.69"), Decimal("11.69"), None]
    assert {row["currency"] for row in rows} == {"EUR"}
    assert rescued(rows) == {5: {"amount": "9999999999"}}


def test_each_row_has_its_own_currency(tmp_path):
    rows = ("1,2,2026-03-01,10,GBP", "2,2,2026-03-01,10,eur", "3,2,2026-03-01,10,XXX", "4,2,2026-03-01,10,")
    path = csv_file(tmp_path, *rows, header="order_id,user_id,ordered_at,amount,currency")
    found = read(path, rates={"GBP": "1.5"})
    assert [row["amount"] for row in found] == [Decimal("15.00"), Decimal("10.00"), None, Decimal("10.00")]
    assert [row["currency"] for row in found] == ["EUR", "EUR", "XXX", "EUR"]
    assert rescued(found) == {4: {"amount": "10"}}


def test_a_foreign_currency_needs_a_rate():
    with pytest.raises(ValidationError, match="how many EUR one GBP is"):
        Mapping(currency="GBP")
    with pytest.raises(ValidationError, match="give `currency` too"):
        Mapping(rate=Decimal("1.2"))


@pytest.mark.parametrize(
    ("text", "date_format", "read_as"),
    [
        ("2026-03-01", None, "2026-03-01 00:00"), ("2026-03-01T10:30:00Z", None, "2026-03-01 10:30"),
        ("2026-03-01 10:30", None, "2026-03-01 10:30"), ("2026-03-01T10:30:00+02:00", None, "2026-03-01 08:30"),
        ("2026-03-01T00:30:00.5-0130", None, "2026-03-01 02:00:00.5"),
        ("2026-03-01 10:30:00+05", None, "2026-03-01 05:30"),
        ("2026-02-31", None, None), ("31/02/2026", "%d/%m/%Y", None), ("1/3/2026", "%d/%m/%Y", "2026-03-01 00:00"),
        ("01/03/2026 17:05", "%d/%m/%Y", "2026-03-01 17:05"), ("1/3/2026 5:05 PM", "%d/%m/%Y", "2026-03-01 17:05"),
        ("20260301", "%Y%m%d", "2026-03-01 00:00"), ("2026-03-01", "%d/%m/%Y", "2026-03-01 00:00"),
        ("1772361000", "epoch", "2026-03-01 10:30"), ("1772361000500", "epoch_ms", "2026-03-01 10:30:00.5"),
        ("yesterday", None, None), ("epoch", None, None), ("infinity", None, None), ("24:00", None, None),
        ("", None, None),
        ("01.03.26", "%d.%m.%y", "2026-03-01 00:00"), ("2026-03-01 25:00", None, None),
        ("13/13/2026", "%d/%m/%Y", None),
    ],
)  # fmt: skip
def test_times(text, date_format, read_as):
    found = value(text, "timestamp", date_format=date_format)
    assert found == (None if read_as is None else datetime.fromisoformat(read_as).replace(tzinfo=UTC))


def test_times_of_a_place_become_utc():
    berlin = {"timezone": "Europe/Berlin"}
    assert value("2026-03-01 10:00", "timestamp", **berlin) == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert value("2026-07-01 10:00", "timestamp", **berlin) == datetime(2026, 7, 1, 8, tzinfo=UTC)
    assert value("2026-03-01T10:00:00Z", "timestamp", **berlin) == datetime(2026, 3, 1, 10, tzinfo=UTC)
    # The clock skips 02:30 on that day, and shows 02:30 twice on the other.
    assert value("2026-03-29 02:30", "timestamp", **berlin) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert value("2026-10-25 02:30", "timestamp", **berlin) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_identifiers_that_are_texts_become_stable_numbers():
    known = int.from_bytes(hashlib.md5(b"C-1023").digest()[:8], "big") % 2**62 + 2**62
    assert value("C-1023", "long", hashed=True) == known
    assert value(" C-1023 ", "long", hashed=True) == known
    assert value("1023", "long", hashed=True) == 1023
    assert value("c-1023", "long", hashed=True) not in (known, None)


def test_words_are_turned_into_the_tables_own():
    words = (("bezahlt", "paid"), ("storniert", "cancelled"))
    assert value("Bezahlt", "string", values=words) == "paid"
    assert value("unterwegs", "string", values=words) == "unterwegs"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.decimals(-9_999_999_999, 9_999_999_999, places=2), min_size=1), st.sampled_from([".", ","]))
def test_any_money_comes_back(amounts, mark):
    other = "," if mark == "." else "."
    texts = [f"{amount:,.2f}".translate({ord("."): mark, ord(","): other}) for amount in amounts]
    how = Reading("x", "decimal(12,2)", decimal=mark, thousands=other)
    assert READER.read(pa.array(texts), how).to_pylist() == amounts


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)).map(lambda t: t.replace(microsecond=0)), min_size=1
    ),
    st.sampled_from(["%d/%m/%Y %H:%M:%S", "%m-%d-%Y %I:%M:%S %p", "%Y%m%d %H:%M:%S", "%d %b %Y %H:%M:%S"]),
)
def test_any_time_comes_back(times, form):
    texts = [time.strftime(form) for time in times]
    found = READER.read(pa.array(texts), Reading("x", "timestamp", date_format=form)).to_pylist()
    assert found == [time.replace(tzinfo=UTC) for time in times]


def csv_file(folder: Path, *rows: str, header: str = "order_id,user_id,ordered_at,amount") -> Path:
    path = folder / "orders.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def test_the_rescued_text_is_what_the_file_says(tmp_path):
    rows = read(csv_file(tmp_path, "1,2,31/02/2026, NaN ", "x 1,2,01/02/2026,-5", "3,2,15/02/2026,"))
    assert rescued(rows) == {2: {"ordered_at": "31/02/2026", "amount": " NaN "}, 3: {"order_id": "x 1"}}
    assert rows[1]["amount"] == -5
    assert rows[2]["amount"] is None


def test_dates_are_guessed_by_what_fits_all(tmp_path):
    assert [r["ordered_at"].month for r in read(csv_file(tmp_path, "1,2,03/02/2026,1", "2,2,15/02/2026,1"))] == [2, 2]
    assert [r["ordered_at"].month for r in read(csv_file(tmp_path, "1,2,02/03/2026,1", "2,2,02/15/2026,1"))] == [2, 2]


def test_dates_that_fit_two_ways_are_guessed_by_their_order_and_said_to_be_open(tmp_path):
    from tests.data.reading import feed

    from emberlake.lake.feeds.shape import examine

    days = ["01/05", "02/03", "03/09", "04/01", "05/02", "06/08", "07/04", "08/06", "09/01", "10/07", "11/03", "12/02"]
    rising = csv_file(tmp_path, *(f"{n},2,{day}/2025,1" for n, day in enumerate(days)))
    [guess] = examine(str(rising), feed(rising)).guesses
    assert (guess.value, guess.sure) == ("%m/%d/%Y", True)
    [guess] = examine(str(csv_file(tmp_path, "1,2,01/02/2025,1")), feed(rising)).guesses
    assert not guess.sure and guess.hint.endswith("say which with --date-format.")


def test_comma_decimals_are_guessed_and_the_odd_one_rescued(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text(
        "order_id;user_id;ordered_at;amount\n1;2;2026-03-01;1.299,00\n2;2;2026-03-01;5,5\n3;2;2026-03-01;1.5\n"
    )
    rows = read(path)
    assert [row["amount"] for row in rows] == [Decimal("1299.00"), Decimal("5.50"), None]
    assert rescued(rows) == {4: {"amount": "1.5"}}


def test_a_thousands_mark_that_may_be_a_decimal_mark_is_rescued(tmp_path):
    rows = read(csv_file(tmp_path, '1,2,2026-03-01,"1,299"', "2,2,2026-03-01,5.25"))
    assert rescued(rows) == {2: {"amount": "1,299"}}


def test_text_identifiers_are_guessed_and_kept_findable(tmp_path):
    rows = read(csv_file(tmp_path, "A-1,C7,2026-03-01,1", "A-2,C8,2026-03-01,1", "3,C7,2026-03-01,1"))
    assert rescued(rows) == {}
    assert rows[0]["user_id"] == rows[2]["user_id"] != rows[1]["user_id"]
    assert [row["source_key"] for row in rows] == ["A-1", "A-2", None]
    assert rows[2]["order_id"] == 3


def test_words_among_numbers_are_dirt_not_identifiers(tmp_path):
    rows = read(csv_file(tmp_path, "1,2,2026-03-01,1", "N/A,2,2026-03-01,1", "abc,2,2026-03-01,1"))
    assert rescued(rows) == {3: {"order_id": "N/A"}, 4: {"order_id": "abc"}}


def test_a_log_of_three_columns_is_enough(tmp_path):
    path = csv_file(tmp_path, "7,2026-03-01,5", "7,2026-03-01,5", "8,2026-03-02,x", header="customer,date,total")
    rows = read(path)
    first, second, third = rows
    assert first["order_id"] != second["order_id"] and third["order_id"] is None
    assert first["received_at"] == first["ordered_at"]
    assert (first["status"], first["currency"]) == ("paid", "EUR")
    assert rescued(rows) == {4: {"amount": "x"}}
    path.write_text("customer,date,total\n7,2026-03-01,5\n9,2026-03-09,1\n7,2026-03-01,5\n")
    again = read(path)
    assert {first["order_id"], second["order_id"]} == {again[0]["order_id"], again[2]["order_id"]}


def test_a_constant_and_nulls_by_word(tmp_path):
    path = csv_file(tmp_path, "1,2,2026-03-01,NULL")
    [row] = read(path, columns={"channel": {"value": "store"}}, dialect={"nulls": ["NULL"]})
    assert (row["channel"], row["amount"], row["_rescued"]) == ("store", None, {})


SECONDS = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)).map(lambda time: time.replace(microsecond=0))
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\x85\u2028\u2029"), max_size=8)
MONEY = st.decimals(-9999, 99999, places=2)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(st.integers(0, 2**62), SECONDS, WORDS, MONEY), min_size=1, max_size=20),
    delimiter=st.sampled_from(",;\t|"),
    mark=st.sampled_from(".,"),
    form=st.sampled_from(["%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%d.%m.%Y %H:%M:%S"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_any_orders_in_any_dialect_come_back_or_are_rescued(tmp_path, rows, delimiter, mark, form, encoding):
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(["order_id", "customer", "date", "status", "total"])
    for number, (user, at, word, amount) in enumerate(rows):
        writer.writerow([number, user, at.strftime(form), word, str(amount).replace(".", mark)])
    path = tmp_path / "orders.csv"
    path.write_bytes(out.getvalue().encode(encoding))
    found = read(path, decimal=mark, date_format=form)
    assert len(found) == len(rows)
    for number, (row, (user, at, word, amount)) in enumerate(zip(found, rows, strict=True)):
        assert row["_rescued"] == {}
        assert (row["order_id"], row["user_id"], row["amount"]) == (number, user, amount)
        assert row["ordered_at"] == at.replace(tzinfo=UTC)
        assert row["status"] == (word or None)
