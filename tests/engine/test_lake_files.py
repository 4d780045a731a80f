"""Files in: twice, copied, broken, empty, drifted, or in folders with names that need quoting."""

from __future__ import annotations

import gzip
import os
import shutil

import pyarrow as pa
import pytest
from tests.lake_tools import HandShop, utc

from emberlake.errors import SourceError
from emberlake.lake import pending
from emberlake.lake.feeds import Feed, save_feed
from emberlake.settings import read_settings

ORDERS = "order_id,user_id,ordered_at,received_at,status,amount\n"


def order(number: int, amount: str = "10.00") -> str:
    return f"{number},7,2025-01-01,2025-01-02,paid,{amount}\n"


@pytest.fixture
def shop(engine, tmp_path):
    return HandShop(read_settings(root=tmp_path), engine.session)


def versions(shop: HandShop) -> dict[str, int]:
    names = ("bronze.orders", "quarantine.orders", "silver.orders")
    with shop.lake() as lake:
        return {name: lake.version(name) for name in names}


@pytest.mark.long("spark")
def test_a_file_that_is_there_again_changes_nothing(shop):
    file = shop.put("orders/a.csv", ORDERS + order(1) + order(1, "minus ten"))
    shop.take()
    before, loads = versions(shop), shop.loads("orders")
    assert pending(shop.settings) == ["gold"]
    again = {
        "looked at again": lambda: None,
        "touched": lambda: os.utime(file),
        "copied": lambda: shutil.copy(file, file.with_name("copy of a.csv")),
        "copied into another folder, by another feed": lambda: save_feed(
            shop.settings,
            Feed(name="more", source="orders", paths=(str(shutil.copy(file, shop.settings.root / "b.csv")),)),
        ),
        "moved": lambda: file.rename(file.with_name("z.csv")),
    }
    for how, change in again.items():
        change()
        assert pending(shop.settings) == ["gold"], how
        ingested, refined = shop.take()
        assert ingested.files == 0 and refined.accepted == {}, how
        assert versions(shop) == before and shop.loads("orders") == loads, how


def test_a_broken_file_is_told_and_the_others_are_taken(shop):
    good = ORDERS + order(1)
    packed = gzip.compress((ORDERS + "".join(order(n) for n in range(100, 3000))).encode())
    shop.put("orders/good.csv", good)
    save_feed(shop.settings, Feed(name="more", source="orders", paths=(str(shop.settings.root / "more"),)))
    more = shop.settings.root / "more"
    more.mkdir()
    (more / "cut.csv.gz").write_bytes(packed[: len(packed) // 2])
    (more / "whole.csv.gz").write_bytes(gzip.compress((ORDERS + order(2)).encode()))
    size = 20_000
    whole = shop.put_parquet(
        "orders/pages.parquet", order_id=pa.array(range(size), pa.int64()),
        user_id=pa.array([7] * size, pa.int64()), ordered_at=utc(*["2025-01-01"] * size), amount=["1.00"] * size,
    )  # fmt: skip
    content = whole.read_bytes()
    # The footer is whole, so this one is found out only when an engine's task reads its pages.
    whole.write_bytes(content[:200] + bytes(255 - byte for byte in content[200:30_000]) + content[30_000:])
    shop.put("orders/no-footer.parquet", content[: len(content) // 2])
    shop.put_json("orders/good.jsonl", {"order_id": 3, "user_id": 7, "ordered_at": "2025-01-01", "amount": 5})

    ingested, refined = shop.take()
    named = sorted(name for failure in ingested.failures for name in _files(failure))
    assert named == ["cut.csv.gz", "no-footer.parquet", "pages.parquet"]
    assert ingested.files == 3 and refined.accepted == {"orders": 3}
    taken = shop.rows("silver.orders", "order_id")
    assert taken == [("1",), ("2",), ("3",)]
    assert {str(file).rpartition("/")[2] for (file,) in shop.rows("bronze.orders", "_source_file")} == {
        "good.csv", "good.jsonl", "whole.csv.gz",
    }  # fmt: skip
    # Exported again, it is taken; the others are not taken again.
    (more / "cut.csv.gz").write_bytes(packed)
    ingested, _ = shop.take()
    assert ingested.files == 1 and len(ingested.failures) == 2
    assert len(shop.rows("silver.orders", "order_id")) == 3 + 2900


def _files(failure: SourceError) -> list[str]:
    assert failure.hint, "a failure says what to do"
    return [name for name in ("cut.csv.gz", "no-footer.parquet", "pages.parquet") if name in failure.problem]


@pytest.mark.long("spark")
def test_empty_files_are_loads_of_no_rows(shop):
    shop.put("orders/empty.csv", "")
    shop.put("orders/header.csv", ORDERS)
    ids = pa.array([], pa.int64())
    shop.put_parquet(
        "orders/none.parquet", order_id=ids, user_id=ids, ordered_at=utc(), amount=pa.array([], pa.string())
    )
    ingested, _ = shop.take()
    assert ingested.failures == [] and ingested.rows == {"orders": 0}
    assert [(load["read"], load["accepted"], load["refused"]) for load in shop.loads("orders")] == [(0, 0, 0)] * 3
    assert pending(shop.settings) == ["gold"]


def test_columns_that_drift_between_files_are_told_and_never_silently_taken(shop):
    shop.put("orders/1-as-agreed.csv", ORDERS + order(1))
    shop.put("orders/2-more.csv", "order_id,user_id,ordered_at,amount,gift_wrap\n2,7,2025-01-01,20.00,yes\n")
    shop.put("orders/3-less.csv", "order_id,ordered_at,amount\n3,2025-01-01,30.00\n")
    shop.put("orders/5-twice.csv", "order_id,user_id,ordered_at,amount,amount\n5,7,2025-01-01,50.00,51.00\n")
    shop.put_parquet(
        "orders/4-retyped.parquet", order_id=["4", "five"], user_id=pa.array([7, 7], pa.int32()),
        ordered_at=["2025-01-01", "2025-01-01"], amount=pa.array([40.0, float("nan")], pa.float64()),
    )  # fmt: skip
    ingested, _ = shop.take()
    # Without a column that no order can do without, or with one that is there twice, a file is not taken at all.
    assert [failure.problem.partition("landing/orders/")[2] for failure in ingested.failures] == [
        "3-less.csv: no column found for 'user_id', which orders cannot do without.",
        "5-twice.csv: has more than one column 'amount', so it is not clear which one to read.",
    ]
    assert shop.rows("silver.orders", "order_id amount") == [("1", "10.00"), ("2", "20.00"), ("4", "40.00")]
    refused = shop.rows("quarantine.orders", "_rule _rescued")
    assert refused == [("order_id_readable", '{"order_id": "five", "amount": "nan"}')]
    told = {str(load["file"]).rpartition("/")[2]: str(load["notes"]).split("; ") for load in shop.loads("orders")}
    assert told["1-as-agreed.csv"] == [
        "no column for channel, country, currency, items_amount, discount, shipping, coupon"
    ]
    assert told["2-more.csv"][1:] == ["columns that the table does not have: gift_wrap"]
    assert told["4-retyped.parquet"][1:] == [
        "order_id: string in place of long", "ordered_at: string in place of timestamp",
    ]  # fmt: skip


@pytest.mark.long("spark")
@pytest.mark.parametrize("name", ['it\'s a "shop" 50%', "läden & mehr?"])
def test_folders_and_files_may_have_names_that_need_quoting(engine, tmp_path, name):
    shop = HandShop(read_settings(root=tmp_path / name), engine.session)
    shop.put(f"orders/{name}.csv", ORDERS + order(1) + order(2))
    shop.take()
    shop.put(f"orders/{name} 2.csv", ORDERS + order(1).replace("2025-01-02,paid", "2025-01-03,shipped") + order(3))
    shop.take()
    assert shop.rows("silver.orders", "order_id status") == [("1", "shipped"), ("2", "paid"), ("3", "paid")]
    files = {file for (file,) in shop.rows("bronze.orders", "_source_file")}
    assert files == {str(shop.settings.landing / "orders" / f"{name}{end}.csv") for end in ("", " 2")}
    with shop.lake() as lake:
        assert lake.read("silver.orders").count() == 3
        assert lake.read("silver.orders", version=1).count() == 2
    # And nothing beside the root: an engine that quotes the name would have made a folder of its own.
    assert [path.name for path in tmp_path.iterdir()] == [name]
