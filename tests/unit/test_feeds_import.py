"""From somebody's files to a saved feed: finding, mapping, looking, saving."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import pytest
from tests.data.reading import feed

from emberlake.errors import SourceError
from emberlake.lake.feeds import (
    Feed,
    Mapping,
    find_files,
    guess_mapping,
    import_files,
    inspect,
    list_feeds,
    parse,
    read_mapping,
    save_feed,
    split,
)
from emberlake.settings import Settings

LOG = "customer;date;total\nC-1;31.12.2025;1.299,00\nC-2;31.02.2025;5,00\nC-1;01.01.2025;2,50\n"


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(root=tmp_path / "root")


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def rows_of(given: Feed) -> list[dict]:
    parts = [task for file in find_files(given) for task in split(file, given)]
    return [row for part in parts for batch in parse(part) for row in batch.to_pylist()]


def test_files_are_found_by_name_glob_and_folder(tmp_path):
    for name in ("b.csv", "a.csv.gz", "c.txt", "notes.md", "_part.csv", ".hidden.csv", "sub/d.csv", "x [1].csv"):
        write(tmp_path / name, name)
    names = lambda path: [Path(file.path).name for file in find_files(feed(path))]  # noqa: E731
    assert names(tmp_path) == ["a.csv.gz", "b.csv", "c.txt", "x [1].csv"]
    assert names(tmp_path / "*.csv") == ["b.csv", "x [1].csv"]
    assert names(tmp_path / "**" / "*.csv") == ["b.csv", "d.csv", "x [1].csv"]
    assert names(tmp_path / "x [1].csv") == ["x [1].csv"]
    assert names(tmp_path / "*.nothing") == []


def test_a_known_file_is_not_read_again(tmp_path):
    path = write(tmp_path / "a.csv", "x")
    [file] = find_files(feed(path))
    known = {(file.path, file.size, file.mtime_ns): "as it was"}
    assert find_files(feed(path), known)[0].digest == "as it was"
    write(path, "yy")
    assert find_files(feed(path), known)[0].digest not in ("as it was", file.digest)


def test_the_same_content_has_the_same_digest(tmp_path):
    one, two = write(tmp_path / "a.csv", "same"), write(tmp_path / "b.csv", "same")
    assert len({file.digest for file in find_files(feed(one, two))}) == 1


def test_a_missing_path_names_its_neighbour(tmp_path):
    write(tmp_path / "orders.csv", "x")
    with pytest.raises(
        SourceError, match=r"oders\.csv: there is no such file or folder\. Did you mean 'orders\.csv'\?"
    ):
        find_files(feed(tmp_path / "oders.csv"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission_is_a_sentence(tmp_path):
    path = write(tmp_path / "orders.csv", "x")
    path.chmod(0)
    with pytest.raises(SourceError, match="no permission to read it"):
        find_files(feed(path))


def test_a_refusal_of_the_system_is_a_sentence(tmp_path, monkeypatch):
    path = write(tmp_path / "orders.csv", "x")

    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(SourceError, match="no permission to read it"):
        find_files(feed(path))


def test_a_fifo_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(SourceError, match="is not a regular file"):
        find_files(feed(tmp_path / "pipe.csv"))


@pytest.mark.parametrize(
    ("columns", "mapped"),
    [
        (["customer", "date", "amount"], {"user_id": "customer", "ordered_at": "date", "amount": "amount"}),
        (
            ["Kunden-Nr", "Bestelldatum", "Betrag", "Bestellnummer"],
            {"user_id": "Kunden-Nr", "ordered_at": "Bestelldatum", "amount": "Betrag", "order_id": "Bestellnummer"},
        ),
        (
            ["CustomerID", "InvoiceDate", "Total"],
            {"user_id": "CustomerID", "ordered_at": "InvoiceDate", "amount": "Total"},
        ),
        (["order_id", "id", "user_id"], {"order_id": "order_id", "user_id": "user_id"}),
        (["a", "b"], {}),
    ],
)
def test_columns_are_known_by_other_names(columns, mapped):
    assert guess_mapping(columns, "orders") == mapped


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("colums: {amount: x}", "unknown key 'colums'. Did you mean 'columns'?"),
        ("amount: x", "'amount' is a column, and stands outside of `columns:`"),
        ("columns: {amonut: x}", "orders has no column 'amonut'. Did you mean 'amount'?"),
        ("columns: {amount: {form: x}}", "Did you mean 'from'?"),
        ("columns: {amount: {from: x, value: 3}}", "not both"),
        ("dialect: {delimiter: ';;'}", "is one ASCII character"),
        ("dialect: {encoding: utf9}", "is not an encoding"),
        ("dialect: {delimeter: ;}", "Did you mean 'delimiter'?"),
        ("currency: GBP", "how many EUR one GBP is"),
        ("decimal: ';'", "decimal is ';'"),
        ("date_format: dd/mm/yyyy", "such as %d/%m/%Y %H:%M"),
        ("columns: {ordered_at: {date_format: '%Q'}}", "columns.ordered_at.date_format is '%Q'"),
        ("timezone: Berlin", "is not a time zone"),
        ("columns: [a", "line 1: is not YAML"),
        ("- a", "is not a list of `name: value` lines"),
    ],
)
def test_a_wrong_mapping_says_what_is_accepted(tmp_path, text, message):
    with pytest.raises(SourceError) as error:
        read_mapping(write(tmp_path / "mapping.yaml", text), "orders")
    assert message in str(error.value)
    assert str(error.value).startswith(str(tmp_path / "mapping.yaml"))


def test_an_unknown_source_is_named(settings, tmp_path):
    with pytest.raises(SourceError, match=r"There is no source 'ordres'\. Did you mean 'orders'\?"):
        import_files(settings, [str(write(tmp_path / "a.csv", LOG))], "ordres")


def test_looking_tells_everything_and_keeps_nothing(settings, tmp_path):
    seen = inspect(feed(write(tmp_path / "log.csv", LOG)))
    [file] = seen.files
    assert (file.format, file.delimiter, file.header, file.encoding, file.rows) == ("csv", ";", True, "utf-8", 3)
    assert file.mapped == {"user_id": "customer", "ordered_at": "date", "amount": "total"}
    assert {(guess.column, guess.what, guess.value) for guess in file.guesses} == {
        ("user_id", "id_kind", "text"),
        ("ordered_at", "date_format", "%d.%m.%Y"),
        ("amount", "decimal", ","),
        ("amount", "thousands", "."),
    }
    assert file.defaults["order_id"] == "made from user_id, ordered_at, amount"
    assert file.sentences == [
        f'{file.path}, line 3: column "ordered_at" is "31.02.2025", which is not a date or time. Dates are read as '
        "%d.%m.%Y or ISO 8601; either there is no such day, or the format is another: --date-format."
    ]
    assert seen.to_dict()["unread_rows"] == 1
    assert not settings.root.exists()


def test_an_ambiguous_number_gets_the_hint_on_decimal(tmp_path):
    path = write(tmp_path / "log.csv", 'customer,date,total\n1,2026-01-01,"1,299"\n1,2026-01-01,5.25\n')
    [sentence] = inspect(feed(path)).files[0].sentences
    assert sentence.endswith(
        'line 2: column "amount" is "1,299", which is not a number. Numbers are read with "." as the decimal mark. '
        'Whether "," is for thousands or for decimals is open here: say --decimal "." or --decimal ",".'
    )


def test_a_file_that_cannot_be_read_is_told_beside_the_others(tmp_path):
    write(tmp_path / "a.csv", LOG)
    write(tmp_path / "b.csv", "x;y\n1;2\n")
    seen = inspect(feed(tmp_path))
    assert seen.rows == 3 and len(seen.errors) == 1 and "b.csv: no column found for" in seen.errors[0]


def test_an_imported_feed_reads_later_files_the_same_way(settings, tmp_path):
    write(tmp_path / "in" / "1.csv", LOG)
    imported = import_files(settings, [str(tmp_path / "in" / "*.csv")], "orders", name="log")
    assert imported.mapping.columns["ordered_at"].date_format == "%d.%m.%Y"
    assert (settings.state / "feeds" / "log.yaml").read_text().startswith("name: log\nsource: orders\n")
    # Alone, this file would be read with "." as its decimal mark, and January 2nd as February 1st.
    write(tmp_path / "in" / "2.csv", "customer;date;total\n9;01.02.2026;1.299\n")
    log = next(each for each in list_feeds(settings) if each.name == "log")
    late = rows_of(log)[-1]
    assert (late["amount"], late["ordered_at"].month) == (Decimal(1299), 2)


def test_text_customers_stay_findable(settings, tmp_path):
    import_files(settings, [str(write(tmp_path / "log.csv", LOG))], "orders", name="log")
    names = {each.name: each for each in list_feeds(settings)}
    users = rows_of(names["log-users"])
    assert [row["source_key"] for row in users] == ["C-1", "C-2", "C-1"]
    assert {row["user_id"] for row in users} == {row["user_id"] for row in rows_of(names["log"])}
    write(tmp_path / "users.csv", "user_id,name\nC-1,Ann\nC-2,Bob\n")
    import_files(settings, [str(tmp_path / "users.csv")], "users", name="customers")
    assert {each.name for each in list_feeds(settings)} == {"log", "customers"}


def test_who_invited_a_customer_is_the_same_number_as_that_customer(settings, tmp_path):
    write(tmp_path / "users.csv", "customer;name;invited_by\nC-1;Ann;\nC-2;Bob;C-1\n3;Cy;C-2\n")
    imported = import_files(settings, [str(tmp_path / "users.csv")], "users", name="customers")
    assert imported.mapping.columns["referred_by"].id_kind == "text"
    ann, bob, cy = rows_of(next(each for each in list_feeds(settings) if each.name == "customers"))
    assert [row["_rescued"] for row in (ann, bob, cy)] == [None] * 3
    assert (ann["referred_by"], bob["referred_by"], cy["referred_by"]) == (None, ann["user_id"], bob["user_id"])


def test_a_table_of_users_needs_nobody_who_invited_them(settings, tmp_path):
    write(tmp_path / "users.csv", "customer,name\n1,Ann\n")
    import_files(settings, [str(tmp_path / "users.csv")], "users", name="customers")
    assert [row["referred_by"] for row in rows_of(list_feeds(settings)[0])] == [None]


def test_nothing_is_saved_where_nothing_can_be_read(settings, tmp_path):
    with pytest.raises(SourceError, match="Nothing was imported"):
        import_files(settings, [str(write(tmp_path / "a.csv", "x;y\n1;2\n"))], "orders")
    assert list_feeds(settings) == []


def test_a_mapping_that_names_a_missing_column_is_refused_on_import_and_told_later(settings, tmp_path):
    path = write(tmp_path / "a.csv", "customer,date,total,ort\n1,2026-01-01,5,web\n")
    with pytest.raises(SourceError, match=r"has no column 'orte', which feed 'my-orders' reads\. Did you mean 'ort'\?"):
        import_files(settings, [str(path)], "orders", Mapping.model_validate({"columns": {"channel": "orte"}}))
    import_files(settings, [str(path)], "orders", Mapping.model_validate({"columns": {"channel": "ort"}}))
    write(path, "customer,date,total\n1,2026-01-01,5\n")
    [saved] = list_feeds(settings)
    [task] = split(find_files(saved)[0], saved)
    assert "channel" in task.plan.missing and "no column for" in task.notes


def test_a_name_that_is_taken_is_refused_but_the_same_files_may_be_imported_again(settings, tmp_path):
    one, two = write(tmp_path / "1.csv", LOG), write(tmp_path / "2.csv", LOG)
    import_files(settings, [str(one)], "orders")
    import_files(settings, [str(one)], "orders", Mapping(decimal=","))
    with pytest.raises(SourceError, match=r"There is a feed 'my-orders' already.*--name my-orders-2"):
        import_files(settings, [str(two)], "orders")


def test_a_column_of_another_kind_is_told(tmp_path):
    good, bad = write(tmp_path / "1.csv", "customer,date,total\n1,2026-01-01,5\n"), tmp_path / "2.csv"
    write(bad, "customer,date,total\n1,2026-01-01,five\n2,2026-01-01,six\n3,2026-01-01,7\n")
    notes = [split(file, feed(good, bad))[0].notes for file in find_files(feed(good, bad))]
    assert "amount: " not in notes[0] and "amount: most values are not decimal(12,2)" in notes[1]


def test_feeds_survive_being_saved(settings):
    mapping = Mapping.model_validate(
        {
            "columns": {"amount": {"from": "Total", "decimal": ","}, "user_id": 2, "status": {"value": "paid"}},
            "currency": "GBP", "rate": "1.17", "dialect": {"delimiter": "tab", "skip": 2}, "keep_extra": True,
        }
    )  # fmt: skip
    saved = Feed(name="it", source="orders", paths=('/data/it\'s a "log" ü.csv',), mapping=mapping)
    save_feed(settings, saved)
    assert list_feeds(settings) == [saved]
    assert list((settings.state / "feeds").iterdir()) == [settings.state / "feeds" / "it.yaml"]


def test_a_full_disk_is_a_sentence(settings, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SourceError, match="the feed could not be saved .No space left on device."):
        save_feed(settings, Feed(name="it", source="orders", paths=("/x.csv",)))
    assert list_feeds(settings) == []


def test_a_broken_saved_feed_names_its_file(settings):
    write(settings.state / "feeds" / "it.yaml", "name: it\nsource: orders\npath: [x]\n")
    with pytest.raises(SourceError, match=r"it\.yaml: .*path"):
        list_feeds(settings)


def test_the_made_shop_is_read_without_guessing(settings):
    write(
        settings.landing / "orders" / "a.csv",
        "order_id,user_id,ordered_at,amount\nC-1,2,2026-01-01,5\nC-2,2,2026-01-01,6\n",
    )
    write(settings.landing / "orders" / "_tmp.csv", "x")
    [made] = list_feeds(settings)
    assert (made.name, made.source) == ("orders", "orders")
    assert [row["order_id"] for row in rows_of(made)] == [None, None]
