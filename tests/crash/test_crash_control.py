"""The comparison that the other tests trust can fail: each kind of damage to a copy is found, in any layer."""

from __future__ import annotations

import shutil

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from deltalake import DeltaTable, write_deltalake
from tests.crash.builds import settings_at
from tests.crash.conftest import SCALE, Undisturbed
from tests.lake_tools import Contents, differences, table_path

from emberlake.lake.ledger import Ledger
from emberlake.settings import Settings

TABLES = ["bronze.events", "quarantine.orders", "silver.prices", "gold.daily_sales"]


@pytest.fixture
def copy(undisturbed: Undisturbed, tmp_path) -> Settings:
    shutil.copytree(undisturbed.settings.lake, tmp_path / "lake")
    shutil.copytree(undisturbed.settings.state, tmp_path / "state")
    # Paths in ledger and bronze are those of the first root: they are compared from the root on.
    return settings_at(tmp_path, SCALE)


def rewrite(settings: Settings, name: str, change) -> None:
    path = table_path(settings, name)
    rows = DeltaTable(path).to_pyarrow_table()
    write_deltalake(path, change(rows), mode="overwrite", partition_by=DeltaTable(path).metadata().partition_columns)


def one_value(rows: pa.Table) -> pa.Table:
    """The last row's first number is one more."""
    place = next(i for i, field in enumerate(rows.schema) if pa.types.is_integer(field.type))
    values = rows.column(place).to_pylist()
    spot = next(i for i in reversed(range(len(values))) if values[i] is not None)
    values[spot] += 1
    return rows.set_column(place, rows.schema.field(place), pa.array(values, rows.schema.field(place).type))


DAMAGE = {
    "a changed value": one_value,
    "a missing row": lambda rows: rows.slice(1),
    "a doubled row": lambda rows: pa.concat_tables([rows, rows.slice(0, 1)]),
    "a doubled row for a missing one": lambda rows: pa.concat_tables([rows.slice(1), rows.slice(1, 1)]),
    "a value that is null": lambda rows: without_a_value(rows),
}


def without_a_value(rows: pa.Table) -> pa.Table:
    """The rows with one value less, in a column that may be null: a constraint guards the others."""
    place = rows.column_names.index("valid_to") if "valid_to" in rows.column_names else 1
    values = rows.column(place).to_pylist()
    values[next(n for n, value in enumerate(values) if value is not None)] = None
    return rows.set_column(place, rows.schema.field(place), pa.array(values, rows.schema.field(place).type))


def contents(settings: Settings, undisturbed: Undisturbed) -> Contents:
    """The copy's contents, its files named by the first root that they were loaded from."""
    read = Contents.of(undisturbed.settings.model_copy(update={"root": settings.root}))
    first = str(undisturbed.settings.root)
    tables = {}
    for name, table in read.tables.items():
        if "_source_file" in table.column_names:
            place = table.column_names.index("_source_file")
            table = table.set_column(place, "_source_file", pc.replace_substring(table.column(place), first, ""))
        tables[name] = table
    return Contents(tables, [load.replace(first, "") for load in read.loads])


def test_an_untouched_copy_is_the_same(copy, undisturbed):
    assert differences(contents(copy, undisturbed), undisturbed.contents) == []


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_is_found(copy, undisturbed, name, kind):
    rewrite(copy, name, DAMAGE[kind])
    told = differences(contents(copy, undisturbed), undisturbed.contents)
    assert len(told) == 1 and told[0].startswith(f"{name}: ") and "rows have no match" in told[0]


def test_a_missing_table_a_retyped_column_and_another_ledger_are_found(copy, undisturbed):
    shutil.rmtree(table_path(copy, "gold.cohorts"))
    path = table_path(copy, "gold.daily_sales")
    rows = DeltaTable(path).to_pyarrow_table()
    place = rows.column_names.index("orders")
    shutil.rmtree(path)
    write_deltalake(path, rows.set_column(place, "orders", rows.column(place).cast(pa.int32())))
    ledger = Ledger(copy.state / "ledger.sqlite")
    load = next(load for load in ledger.loads() if load["source"] == "orders")
    ledger.record_outcomes([(str(load["load_id"]), int(str(load["accepted"])) - 1, 1)], [])
    ledger.close()
    told = differences(contents(copy, undisturbed), undisturbed.contents)
    assert sorted(line.partition(":")[0] for line in told) == [
        "gold.cohorts", "gold.daily_sales", "ledger", "ledger",
    ]  # fmt: skip
    assert "one lake has" in next(line for line in told if line.startswith("gold.cohorts"))
    assert "columns differ" in next(line for line in told if line.startswith("gold.daily_sales"))
