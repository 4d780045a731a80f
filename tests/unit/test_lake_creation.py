"""Tables come into being whole: contract, constraints and partitions in one commit, made once."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import DeltaError

from emberlake.errors import LakeError, SchemaDrift
from emberlake.lake import Lake
from emberlake.lake.creation import create_table, require_contract
from emberlake.settings import read_settings
from emberlake.tables import LAYERS, find

TYPES = {"long": "long", "int": "integer"}


@pytest.mark.parametrize("layer", LAYERS)
def test_a_created_table_is_its_contract(tmp_path, layer):
    for name, table in LAYERS[layer].items():
        create_table(tmp_path / name, table)
        delta = DeltaTable(tmp_path / name)
        fields = json.loads(delta.schema().to_json())["fields"]
        assert [(f["name"], f["type"]) for f in fields] == [(c.name, TYPES.get(c.type, c.type)) for c in table.columns]
        assert [f["metadata"]["comment"] for f in fields] == [c.meaning for c in table.columns]
        assert delta.metadata().description == table.meaning
        by_month = f"{layer}.{name}" in ("silver.orders", "gold.order_features")
        by = ["_load_id"] if layer in ("bronze", "quarantine") else ["month"] * by_month
        assert delta.metadata().partition_columns == by
        # A load is one partition: whether it is there is read from the log.
        assert table.partition == ("_load_id",) or layer not in ("bronze", "quarantine")
        assert delta.version() == 0 and delta.to_pyarrow_table().num_rows == 0


def test_constraints_are_in_the_first_commit_and_oblige_every_writer(tmp_path):
    create_table(tmp_path, find("silver.follows"))
    delta = DeltaTable(tmp_path)
    assert delta.metadata().configuration == {
        "delta.constraints.follower_id_present": "follower_id IS NOT NULL",
        "delta.constraints.followee_id_present": "followee_id IS NOT NULL",
        "delta.constraints.not_oneself": "(follower_id <> followee_id) IS NOT FALSE",
    }
    assert delta.protocol().min_writer_version == 3
    ids = pa.array([1], pa.int64())
    oneself = pa.table(
        {"follower_id": ids, "followee_id": ids, "followed_at": pa.nulls(1, pa.timestamp("us", "UTC")),
         "_load_id": ["a"]}
    )  # fmt: skip
    with pytest.raises(DeltaError, match="1 rows failed validation"):
        write_deltalake(tmp_path, oneself, mode="append")


def test_a_table_that_exists_stays_as_it_is(tmp_path):
    create_table(tmp_path, find("silver.follows"))
    before = (tmp_path / "_delta_log" / f"{0:020}.json").read_bytes()
    create_table(tmp_path, find("silver.users"))
    assert (tmp_path / "_delta_log" / f"{0:020}.json").read_bytes() == before


def test_a_table_of_another_contract_is_refused_and_told(tmp_path):
    now = find("silver.orders")
    before = replace(now, columns=tuple(c for c in now.columns if c.name != "month"), partition=())
    create_table(tmp_path / "a", before)
    with pytest.raises(SchemaDrift, match=r"silver\.orders was made by another version .*: it lacks month\."):
        require_contract(tmp_path / "a", now)
    create_table(tmp_path / "b", now)
    with pytest.raises(SchemaDrift, match="it has month"):
        require_contract(tmp_path / "b", before)
    create_table(tmp_path / "c", replace(now, partition=()))
    with pytest.raises(SchemaDrift, match="its columns or its folders are in another order"):
        require_contract(tmp_path / "c", now)
    require_contract(tmp_path / "b", now)


def test_many_at_once_make_one_table(tmp_path):
    gate = threading.Barrier(8)

    def make(_: int) -> None:
        gate.wait()
        create_table(tmp_path, find("silver.orders"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(make, range(8)))
    assert {path.name for path in (tmp_path / "_delta_log").iterdir()} == {f"{0:020}.json", f"{0:020}.crc"}
    assert DeltaTable(tmp_path).schema().fields[0].name == "order_id"


def test_what_a_killed_creation_left_is_no_table_and_in_nobodys_way(tmp_path):
    log = tmp_path / "_delta_log"
    log.mkdir()
    (log / ".half.tmp").write_text('{"commitInfo": {}}\n{"proto')
    assert not DeltaTable.is_deltatable(str(tmp_path))
    create_table(tmp_path, find("gold.daily_sales"))
    assert DeltaTable(tmp_path).version() == 0


def test_an_absent_table_has_no_version_no_rows_and_a_sentence(tmp_path):
    with Lake(None, read_settings(root=tmp_path)) as lake:
        assert lake.version("gold.daily_sales") == -1 and not lake.exists("gold.daily_sales")
        assert lake.rows("gold.daily_sales") == 0 and lake.rows_by_load("bronze.orders") == {}
        with pytest.raises(LakeError, match="Table gold.daily_sales does not exist yet. Build it first"):
            lake.delta("gold.daily_sales")
        lake.create("gold.daily_sales")
        assert lake.version("gold.daily_sales") == 0
        with pytest.raises(LakeError, match="opened without an engine"):
            lake.read("gold.daily_sales")
