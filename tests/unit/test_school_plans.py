"""Plans read from the text of `explain`, as Spark 4.2 printed it (tests/data/plans), and what is said of them."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from emberlake.errors import EmberlakeError
from emberlake.school.checks import CHECKS, Evidence
from emberlake.school.plans import Explained, parse
from emberlake.school.plans.facts import (
    broadcasts,
    caches,
    partition_columns,
    pushed_columns,
    python_nodes,
    reused,
    scans,
    shuffles,
)
from emberlake.school.plans.text import PlanUnreadable, listed

PLANS = Path(__file__).parents[1] / "data/plans"


def plan(name: str):
    return parse((PLANS / f"{name}.txt").read_text())


def kinds(node) -> list[str]:
    return [each.kind for each in node.walk()]


def test_the_plan_that_ran_is_told_from_the_one_it_began_with():
    join = plan("join")
    assert join.state == "final"
    assert join.initial is not None
    # Wrappers of adaptive execution are gone; what it added (a read of coalesced partitions) is there.
    assert kinds(join.root)[:4] == ["Sort", "AQEShuffleRead", "Exchange", "HashAggregate"]
    assert kinds(join.initial)[:3] == ["Sort", "Exchange", "HashAggregate"]
    assert plan("connect").state == "initial"
    assert plan("cast").state == "fixed"


def test_a_node_has_its_name_output_stage_and_details():
    scan = plan("join").find("Scan")[1]
    assert (scan.number, scan.name, scan.codegen) == (4, "Scan parquet", None)
    assert scan.output == ("order_id", "ordered_at", "status", "month")
    assert scan.arguments["ReadSchema"] == "struct<order_id:bigint,ordered_at:timestamp,status:string>"
    join = plan("join").find("BroadcastHashJoin")[0]
    assert (join.codegen, join.arguments["Left keys"]) == (3, "[product_id#44L]")
    assert len(join.children) == 2


def test_what_a_scan_reads_and_is_told():
    items, orders, products = scans(plan("join"))
    assert [each.table for each in (items, orders, products)] == [
        "silver.order_items",
        "silver.orders",
        "silver.products",
    ]
    assert orders.columns == ("order_id", "ordered_at", "status")
    # That a column is not null is handed down, too, and is no filter of the reader's making.
    assert pushed_columns(orders) == {"status", "ordered_at"}
    assert pushed_columns(items) == set()


def test_a_partition_filter_is_one_of_folders():
    (scan,) = scans(plan("partition"))
    assert (scan.table, partition_columns(scan), pushed_columns(scan)) == ("gold.order_features", {"month"}, set())


def test_the_side_that_is_broadcast_is_named_by_its_table():
    assert [(each.side, each.tables) for each in broadcasts(plan("join"))] == [
        ("right", ("silver.products",)),
        ("right", ("silver.orders",)),
    ]
    (cached,) = broadcasts(plan("cache"))
    assert (cached.side, cached.tables) == ("left", ("silver.orders",))


def test_a_reused_exchange_is_no_second_shuffle():
    again = plan("reuse")
    assert (len(shuffles(again)), len(reused(again))) == (1, 1)
    assert len([node for node in again.initial.walk() if node.kind == "Exchange"]) == 2


def test_a_cache_is_seen_at_each_of_its_uses_and_once_as_what_it_holds():
    cached = plan("cache")
    assert len(caches(cached)) == 2
    assert len(scans(cached)) == 1


def test_a_subquery_is_a_plan_of_its_own():
    asked = plan("subq")
    assert len(asked.subqueries) == 1
    assert kinds(asked.subqueries[0].root)[-1] == "Scan"
    assert len(scans(asked)) == 2


@pytest.mark.parametrize(
    ("name", "check", "parameters", "holds"),
    [
        ("join", "broadcast", {"side": "silver.products"}, True),
        ("join", "broadcast", {"side": "silver.order_items"}, False),
        ("partition", "broadcast", {}, False),
        ("join", "at_most_shuffles", {"most": 2}, True),
        ("join", "at_most_shuffles", {"most": 1}, False),
        ("reuse", "at_most_reads", {"table": "silver.orders"}, True),
        ("subq", "at_most_reads", {"table": "silver.orders"}, False),
        ("join", "filters_pushed", {"table": "silver.orders", "column": "ordered_at"}, True),
        ("cast", "filters_pushed", {"table": "silver.orders", "column": "order_id"}, False),
        ("partition", "partitions_pruned", {"table": "gold.order_features", "column": "month"}, True),
        ("cast", "partitions_pruned", {"table": "silver.orders", "column": "month"}, False),
        ("cast", "columns_read", {"table": "silver.orders", "only": ["order_id", "amount"]}, True),
        ("cast", "columns_read", {"table": "silver.orders", "only": ["order_id"]}, False),
        ("join", "no_python", {}, True),
        ("cache", "cache_used", {"times": 2}, True),
        ("join", "cache_used", {"times": 1}, False),
    ],
)
def test_checks_of_the_plan(name, check, parameters, holds):
    found = CHECKS[check](Evidence(plan(name)), **parameters)
    assert (found is None) is holds, found


def test_rows_at_the_driver_are_counted_by_whoever_runs():
    assert CHECKS["rows_to_driver"](Evidence(plan("cast"), 10), most=10) is None
    found = CHECKS["rows_to_driver"](Evidence(plan("cast"), 5000))
    assert found and found.came == "5,000 rows"


def test_a_python_udf_is_seen():
    text = (PLANS / "cast.txt").read_text().replace("Project (4)", "ArrowEvalPython (4)")
    assert [node.kind for node in python_nodes(parse(text))] == ["ArrowEvalPython"]
    assert CHECKS["no_python"](Evidence(parse(text))) is not None
    assert "runs Python for every row" in Explained(parse(text)).text()


def test_a_filter_that_a_cast_hides_is_told():
    said = Explained(plan("cast")).text()
    assert "The filter casts order_id to string" in said
    assert "The filter casts" not in Explained(plan("subq")).text()


def test_pairs_of_all_rows_are_told():
    assert "compares every row of one side with every row of the other" in Explained(plan("cart")).text()


def test_where_data_move_is_said_in_the_order_in_which_they_flow():
    moved = [each.what.split(":")[0] for each in Explained(plan("join")).movements]
    assert moved == ["Broadcast", "Broadcast", "Shuffle", "Shuffle"]
    assert "rows with the same category come together, in 2 partitions" in Explained(plan("join")).text()


@pytest.mark.parametrize("name", sorted(path.stem for path in PLANS.glob("*.txt")))
def test_every_plan_can_be_drawn_and_its_words_say_which_plan_it_is(name):
    explained = Explained(plan(name))
    drawing = ElementTree.fromstring(explained.svg)
    words = {each.text for each in drawing.iter("{http://www.w3.org/2000/svg}text")}
    # Nothing hangs on colour alone: what moves has a word.
    assert not shuffles(explained.plan) or "SHUFFLE" in words
    assert not broadcasts(explained.plan) or {"BROADCAST", "ALL PAIRS"} & words
    assert ("plan that ran" in explained.text()) == (explained.plan.state == "final")


def test_a_picture_is_saved_as_svg_or_page_only(tmp_path):
    explained = Explained(plan("join"))
    assert explained.save(tmp_path / "plan.svg").read_text().startswith("<svg")
    assert "Where data move" in explained.save(tmp_path / "plan.html").read_text()
    with pytest.raises(EmberlakeError, match="neither"):
        explained.save(tmp_path / "plan.png")
    with pytest.raises(EmberlakeError, match="cannot be written"):
        explained.save(tmp_path / "nowhere" / "plan.svg")


def test_a_text_without_a_plan_is_refused():
    with pytest.raises(PlanUnreadable):
        parse("DataSourceExec: file_groups={1 group}")


def test_lists_are_split_outside_of_brackets_only():
    assert listed("[a, f(b, c), struct<d:int,e:int>]") == ["a", "f(b, c)", "struct<d:int,e:int>"]
    assert listed("[]") == []
