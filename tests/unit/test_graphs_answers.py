"""What gold says about graphs, without an engine: the commands on tables that are written here by hand."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest
from deltalake import write_deltalake
from typer.testing import CliRunner

from emberlake.cli.app import app
from emberlake.lake import Lake
from emberlake.lake.feeds.schema import arrow_type
from emberlake.settings import read_settings
from emberlake.tables import GRAPHS

ROWS = {
    # place, rank, followers, following, community, component, triangles, clustering
    "influence": [
        (7, 1, 0.5, 3, 0, 1, 1, 2, 0.25), (1, 2, 0.25, 1, 1, 1, 1, 2, 1.0), (3, 3, 0.15, 1, 1, 3, 1, 0, None),
        (4, 4, 0.10, 0, 1, 3, 1, 1, None),
    ],
    "communities": [(1, 2, 5, 1, 2, 5 / 6, 7), (3, 2, 1, 2, 1, 1 / 3, 3)],
    "recommended_follows": [(1, 1, 3, 0.9, 2, "near"), (1, 2, 9, 0.0, 0, "popular"), (3, 1, 7, 0.5, 1, "near")],
    "referrals": [(1, None, 1, 0, 2, 3), (3, 1, 1, 1, 1, 1), (4, 3, 1, 2, 0, 0), (7, 1, 1, 1, 0, 0)],
}  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    settings = read_settings(root=tmp_path_factory.mktemp("graphs"))
    with Lake(None, settings) as lake:
        for name, rows in ROWS.items():
            lake.create(f"gold.{name}")
            columns = GRAPHS[name].columns
            values = zip(*rows, strict=True)
            made = {c.name: pa.array(list(v), arrow_type(c.type)) for c, v in zip(columns, values, strict=True)}
            write_deltalake(lake.path(f"gold.{name}"), pa.table(made), mode="append")
    return settings.root


def graph(root, *words):
    result = CliRunner().invoke(app, ["graph", *map(str, words), "--root", str(root)])
    return result.exit_code, result.output


def said(root, *words):
    code, output = graph(root, *words, "--json")
    assert code == 0, output
    return json.loads(output)


def test_the_most_influential_come_first(root):
    assert [row["user_id"] for row in said(root, "rank", "--top", 2)] == [7, 1]
    assert said(root, "rank", "--user", 3)["place"] == 3


def test_numbers_of_users_have_no_thousands_marks(root):
    code, output = graph(root, "rank", "--top", 1)
    assert code == 0 and output.split("\n")[1].split() == ["1", "7", "0.5", "3", "0", "1", "2", "0.25"]


def test_the_largest_communities_come_first_and_equals_by_number(root):
    assert [row["community"] for row in said(root, "communities")] == [1, 3]
    found = said(root, "communities", "--user", 4)
    assert (found["community"], [row["user_id"] for row in found["members"]]) == (3, [3, 4])
    assert said(root, "communities", "--community", 1)["leader_id"] == 7


def test_recommendations_say_where_those_stand_whom_they_name(root):
    first, second = said(root, "recommend", 1)
    assert (first["followee_id"], first["place"], first["community"]) == (3, 3, 3)
    # Somebody who is in no graph any more.
    assert (second["followee_id"], second["reason"], second["place"]) == (9, "popular", None)


def test_who_came_through_whom(root):
    assert [row["user_id"] for row in said(root, "referrals", "--top", 2)] == [1, 3]
    assert [row["user_id"] for row in said(root, "referrals", "--user", 1)] == [1, 3, 7]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["rank", "--user", "99"], "There is no user 99 in the graph of follows"),
        (["recommend", "99"], "There is no user 99 in the graph of follows"),
        (["communities", "--community", "2"], "There is no community 2"),
        (["referrals", "--user", "99"], "User 99 invited nobody"),
        (["rank", "--top", "0"], "--top is 0"),
        (["rank", "--user", "7", "--of", "together"], "--user shows a row of the graph of follows"),
    ],
)
def test_what_there_is_not_is_told(root, words, told):
    code, output = graph(root, *words)
    assert code in (1, 2) and told in output


def test_a_lake_without_graphs_says_how_to_build_them(tmp_path):
    (tmp_path / "lake").mkdir()
    code, output = graph(tmp_path, "rank")
    assert code == 1 and "gold.influence" in output and "emberlake graph build" in output
    code, output = graph(tmp_path / "nowhere", "communities")
    assert code == 1 and "emberlake up" in output
