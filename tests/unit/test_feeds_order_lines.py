"""A log with a row a line of an order fills orders, items, products and customers; no line is lost.

`tests/data/invoices.csv` has the shape and the dirt of the well-known retail log of a British web shop: numbers of
customers with ".0", product codes with letters, credit notes with a C and negative pieces, lines without a customer.
"""

from __future__ import annotations

import json
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from emberlake.errors import SourceError
from emberlake.lake.feeds import Mapping, find_files, import_files, list_feeds, parse, split
from emberlake.settings import Settings

INVOICES = Path(__file__).parents[1] / "data" / "invoices.csv"
POUNDS = Mapping.model_validate({"currency": "GBP", "rate": "1.2"})


def rows_of(settings: Settings) -> dict[str, list[dict]]:
    return {
        feed.source: [
            row
            for file in find_files(feed)
            for task in split(file, feed)
            for batch in parse(task)
            for row in batch.to_pylist()
        ]
        for feed in list_feeds(settings)
    }


@pytest.fixture
def shop(tmp_path):
    settings = Settings(root=tmp_path / "root")
    shutil.copy(INVOICES, tmp_path / "2010.csv")
    import_files(settings, [str(tmp_path / "*.csv")], "order_lines", POUNDS, "retail")
    return settings


def test_orders_are_the_sums_of_their_lines(shop):
    orders = {row["_row"]: row for row in rows_of(shop)["orders"]}
    # 6 × 2.55 and 6 × 3.39 pounds: each price is turned into euro first.
    assert orders[2]["order_id"] == 536365
    assert orders[2]["amount"] == 6 * Decimal("3.06") + 6 * Decimal("4.07")
    assert orders[2]["user_id"] == 17850 and orders[2]["ordered_at"].isoformat() == "2010-12-01T08:26:00+00:00"
    assert (orders[5]["amount"], orders[5]["country"]) == (24 * Decimal("4.50") + 3 * Decimal("21.60"), "France")
    assert (orders[7]["user_id"], orders[7]["amount"]) == (None, Decimal(0))
    assert (orders[8]["source_key"], orders[8]["amount"]) == ("C536379", Decimal("-33.00"))
    assert {row["currency"] for row in orders.values()} == {"EUR"}


def test_every_line_of_the_log_is_a_row_of_items_with_its_own_line_number(shop):
    items = sorted(rows_of(shop)["order_items"], key=lambda row: row["_row"])
    assert [row["_row"] for row in items] == list(range(2, 11))
    assert [row["line"] for row in items] == [1, 2, 1, 1, 2, 1, 1, 1, None]
    assert {Path(row["_source_file"]).name for row in items} == {"2010.csv"}
    rescued = {row["_row"]: json.loads(row["_rescued"]) for row in items if row["_rescued"]}
    assert rescued == {9: {"quantity": "twelve"}, 10: {"_line": '536382,"broken'}}


def test_products_keep_their_codes_and_first_prices(shop):
    products = {row["source_key"] or row["product_id"]: row for row in rows_of(shop)["products"]}
    assert set(products) == {"85123A", 71053, 22633, 22728, "POST", 22139, "D"}
    assert products["85123A"]["name"] == "WHITE HANGING HEART T-LIGHT HOLDER"
    assert products[22633]["name"] == 'HAND WARMER "UNION JACK"'
    assert products[22139]["list_price"] == Decimal("5.10"), "a price of 0 is a gift, not a price"


def test_customers_with_numbers_need_no_table_of_their_own(shop):
    assert rows_of(shop)["users"] == []


def test_customers_with_texts_stay_findable(tmp_path):
    settings = Settings(root=tmp_path / "root")
    text = "order,customer,date,sku,qty,price\n1,C-1,2026-01-01,7,2,5\n1,C-1,2026-01-01,8,1,5\n2,C-2,2026-01-01,7,1,5\n"
    (tmp_path / "log.csv").write_text(text)
    import_files(settings, [str(tmp_path / "log.csv")], "order_lines")
    rows = rows_of(settings)
    assert [row["source_key"] for row in rows["users"]] == ["C-1", "C-2"]
    assert {row["user_id"] for row in rows["users"]} == {row["user_id"] for row in rows["orders"]}


def test_a_second_look_converts_nothing_and_a_new_file_only_itself(shop, tmp_path):
    made = lambda: {path: path.stat().st_mtime_ns for path in (shop.state / "imported").rglob("*.parquet")}  # noqa: E731
    list_feeds(shop)
    before = made()
    list_feeds(shop)
    assert made() == before and len(before) == 4
    shutil.copy(INVOICES, tmp_path / "again.csv")
    (tmp_path / "2011.csv").write_text(INVOICES.read_text().replace("5363", "5373"))
    list_feeds(shop)
    assert before.items() < made().items()


def test_a_file_that_cannot_be_read_is_told_when_it_is_split(shop, tmp_path):
    (tmp_path / "bad.csv").write_text("x;y\n1;2\n")
    [unread] = [feed for feed in list_feeds(shop) if feed.unconverted]
    assert len([feed for feed in list_feeds(shop) if not feed.unconverted]) == 4
    with pytest.raises(SourceError, match=r"bad\.csv: no column found for"):
        split(find_files(unread)[0], unread)


def test_an_interrupted_conversion_is_done_again(shop, monkeypatch):
    import os

    def stop(source, target):
        if "products" in str(target):
            raise KeyboardInterrupt
        os.rename(source, target)

    monkeypatch.setattr(os, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        list_feeds(shop)
    monkeypatch.undo()
    assert len(rows_of(shop)["products"]) == 7


def test_a_full_disk_is_a_sentence(shop, monkeypatch):
    import os

    def full(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(SourceError, match="could not be converted .No space left on device."):
        list_feeds(shop)
