"""Tables, rules and references fit together: nothing refers to what is not there, and everything has a meaning."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from emberlake.errors import LakeError
from emberlake.lake.rules import BETWEEN_ROWS, REFERENCES, RULES, constraints, rules_of, sentence
from emberlake.tables import BRONZE, GOLD, LAYERS, QUARANTINE, SILVER, SOURCES, Table, find, source

EVERY = [table for layer in (SOURCES, *LAYERS.values()) for table in layer.values()]
TYPES = re.compile(r"long|int|double|boolean|string|timestamp|date|decimal\(\d+,\d+\)")


def named(table: Table) -> str:
    return f"{table.layer}.{table.name}"


@pytest.mark.parametrize("table", EVERY, ids=named)
def test_every_table_and_column_says_what_it_means(table):
    assert table.meaning.endswith(".") and table.owner
    for column in table.columns:
        assert column.meaning.strip().endswith("."), column.name
        assert TYPES.fullmatch(column.type), f"{column.name} {column.type}"
    assert len(set(table.names)) == len(table.names)


@pytest.mark.parametrize("table", EVERY, ids=named)
def test_keys_and_versions_are_columns_and_lineage_leads_somewhere(table):
    assert table.key and set(table.key) <= set(table.names)
    assert table.version is None or table.version in table.names
    known = {named(each) for each in EVERY}
    assert set(table.reads) <= known, table.reads
    assert table.layer == "source" or table.reads


@pytest.mark.parametrize("table", EVERY, ids=named)
def test_moments_and_money_have_a_unit(table):
    for column in table.columns:
        if column.type == "timestamp" or column.type.startswith("decimal(12,2)"):
            assert column.unit, f"{column.name} has no unit"


@pytest.mark.parametrize("name", SOURCES)
def test_each_layer_has_the_columns_of_its_source(name):
    columns = SOURCES[name].names
    assert BRONZE[name].names[: len(columns)] == columns
    assert SILVER[name].names[: len(columns)] == columns
    assert QUARANTINE[name].names[: len(columns)] == columns
    assert set(BRONZE[name].names) < set(QUARANTINE[name].names)
    assert {"_rule", "_reason"} <= set(QUARANTINE[name].names)
    # A row in bronze or quarantine may lack anything that it should have; that is what quarantine is for.
    loose = [column for column in (*BRONZE[name].columns, *QUARANTINE[name].columns) if column.name in columns]
    assert not any(column.required for column in loose)


@pytest.mark.parametrize("name", SOURCES)
def test_a_key_is_required_so_that_merges_can_meet_it(name):
    table = SOURCES[name]
    assert all(table.column(key).required for key in table.key)
    present = {f"{column.name}_present" for column in table.columns if column.required}
    assert present <= {rule.name for rule in rules_of(table)}


def test_a_plain_name_means_one_table():
    assert not set(GOLD) & set(SILVER)
    assert find("daily_sales").layer == "gold"
    assert find("orders").layer == "silver"
    assert find("quarantine.orders").layer == "quarantine"


@pytest.mark.parametrize(
    ("look", "told"),
    [
        (lambda: find("gold.daily_sale"), "Did you mean 'daily_sales'?"),
        (lambda: find("platinum.orders"), "The layers are bronze, silver, quarantine, gold."),
        (lambda: find("ordrs"), "Did you mean 'orders'?"),
        (lambda: source("order"), "Did you mean 'orders'?"),
    ],
)
def test_a_wrong_name_is_answered_with_the_right_one(look, told):
    with pytest.raises(LakeError, match=re.escape(told)):
        look()


@pytest.mark.parametrize("table", SOURCES.values(), ids=named)
def test_rule_names_are_one_rule_each_and_have_a_sentence(table):
    references = [reference.name for reference in REFERENCES if reference.source == table.name]
    names = [rule.name for rule in rules_of(table)] + references + list(BETWEEN_ROWS)
    assert [name for name, times in Counter(names).items() if times > 1] == []
    assert all(sentence(table.name, name).endswith(".") for name in names)


def test_rules_name_columns_of_their_source():
    words = {"BETWEEN", "AND", "IN", "IS", "NOT", "NULL", "INTERVAL", "DAY", "timestamp"}
    for rule in RULES:
        texts_out = re.sub(r"'[^']*'", "", rule.check)
        used = set(re.findall(r"[A-Za-z_]\w*", texts_out)) - words
        assert used and used <= set(SOURCES[rule.source].names), rule


def test_references_lead_to_a_key_of_one_column_and_the_same_type():
    for reference in REFERENCES:
        parent = SOURCES[reference.parent]
        assert len(parent.key) == 1
        assert SOURCES[reference.source].column(reference.column).type == parent.column(parent.key[0]).type
    order = list(SOURCES)
    # Silver is refined in this order: a parent comes before those that refer to it.
    assert all(order.index(r.parent) < order.index(r.source) for r in REFERENCES)


@pytest.mark.parametrize("table", [*BRONZE.values(), *QUARANTINE.values(), *GOLD.values()], ids=named)
def test_only_silver_is_constrained(table):
    assert constraints(table) == {}


def test_a_constraint_holds_for_null_where_the_rule_does():
    checks = constraints(SILVER["orders"])
    assert checks["amount_not_negative"] == "(amount >= 0) IS NOT FALSE"
    assert checks["amount_present"] == "amount IS NOT NULL"
    # What can only be asked of bronze is no constraint of silver.
    assert not any("_rescued" in check for check in checks.values())
