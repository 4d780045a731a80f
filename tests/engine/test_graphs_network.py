"""Gold tables of the graphs: on a shop by hand on every engine, and on the made shop beside igraph and the truth."""

from __future__ import annotations

import shutil

import igraph
import numpy as np
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import normalized_mutual_info_score
from tests.lake_tools import HandShop
from tests.rows import assert_rows

from emberlake.errors import GraphError
from emberlake.graphs import chains
from emberlake.graphs.network import build_network
from emberlake.graphs.ranking import rank
from emberlake.graphs.telling import compare_tellers
from emberlake.lake import Lake
from emberlake.settings import read_settings

# Some hundred rounds of small jobs; what they compute is tested on Spark algorithm by algorithm.
pytestmark = pytest.mark.long("spark")

USERS = "user_id,signed_up_at,updated_at,referred_by\n"
FOLLOWS = "follower_id,followee_id,followed_at\n"


@pytest.fixture
def shop(engine, tmp_path):
    return HandShop(read_settings(root=tmp_path), engine.session)


def people(*rows: tuple[int, int | None]) -> str:
    return USERS + "".join(f"{i},2024-01-0{i},2024-01-0{i},{by or ''}\n" for i, by in rows)


def follow(*pairs: tuple[int, int]) -> str:
    return FOLLOWS + "".join(f"{a},{b},2025-02-01\n" for a, b in pairs)


def test_two_circles_of_friends_by_hand(shop):
    # 1, 2, 3 know each other and so do 4, 5, 6; 3 follows 4; 7 is alone. 1 invited 2, and 2 invited 5.
    shop.put("users/a.csv", people((1, None), (2, 1), (3, None), (4, None), (5, 2), (6, None), (7, None)))
    shop.put("follows/a.csv", follow((1, 2), (2, 3), (3, 1), (4, 5), (5, 6), (6, 4), (3, 4)))
    shop.take()
    with shop.lake() as lake:
        made = build_network(lake)
        assert made.why_not == ""
        assert made.figures["communities"] == 2 and made.figures["inside_share"] == 6 / 7
        assert (made.figures["trees"], made.figures["invited"]) == (1, 2)
        who = lake.read("gold.influence")
        columns = ("user_id", "followers", "following", "community", "component", "triangles", "clustering")
        assert_rows(
            who.select(*columns),
            [
                (1, 1, 1, 1, 1, 1, 1.0), (2, 1, 1, 1, 1, 1, 1.0), (3, 1, 2, 1, 1, 1, 1 / 3), (4, 2, 1, 4, 1, 1, 1 / 3),
                (5, 1, 1, 4, 1, 1, 1.0), (6, 1, 1, 4, 1, 1, 1.0), (7, 0, 0, 7, 7, 0, None),
            ],
        )  # fmt: skip
        ranks = {row["user_id"]: (row["place"], row["rank"]) for row in who.collect()}
        expected = igraph.Graph(7, [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3), (2, 3)], directed=True).pagerank()
        assert [ranks[i][1] for i in range(1, 8)] == pytest.approx(expected, abs=1e-6)
        assert sorted(ranks, key=lambda i: ranks[i][0]) == sorted(ranks, key=lambda i: (-ranks[i][1], i))
        assert_rows(
            lake.read("gold.communities"),
            [(1, 3, 3, 1, 0, 0.75, 3), (4, 3, 3, 0, 1, 1.0, 4), (7, 1, 0, 0, 0, None, 7)],
        )
        assert_rows(lake.read("gold.referrals"), [(1, None, 1, 0, 1, 2), (2, 1, 1, 1, 1, 1), (5, 2, 1, 2, 0, 0)])
        # The last follow is of February 2025: before that quarter began, nobody followed anybody.
        history = lake.read("gold.graph_history").where("as_of = '2025-01-01'")
        assert_rows(
            history.select("user_id", "followers", "following", "rank", "community"),
            [(i, 0, 0, 1.0, i) for i in range(1, 8)],
        )
        near = lake.read("gold.recommended_follows").where("user_id = 2 AND reason = 'near'").select("followee_id")
        assert_rows(near, [(1,), (4,)])


def test_a_shop_without_follows_says_so_and_has_no_such_tables(shop):
    shop.put("users/a.csv", people((1, None), (2, 1)))
    shop.take()
    with shop.lake() as lake:
        made = build_network(lake)
        assert "Nobody follows anybody" in made.why_not
        assert made.rows == {"gold.referrals": 2}
        assert not lake.exists("gold.influence")


@pytest.mark.only("sail")
def test_follows_that_are_gone_leave_nothing_behind(shop):
    shop.put("users/a.csv", people((1, None), (2, 1)))
    shop.put("follows/a.csv", follow((1, 2)))
    shop.take()
    with shop.lake() as lake:
        assert build_network(lake).rows["gold.influence"] == 2
        lake.overwrite("silver.follows", lake.read("silver.follows").where("false"))
        made = build_network(lake)
        assert made.rows["gold.influence"] == made.rows["gold.graph_history"] == 0
        assert made.rows["gold.referrals"] == 2 and "communities" not in made.figures


@pytest.fixture(scope="module")
def network(engine, made_lake, tmp_path_factory):
    """A copy of the made shop with its graphs."""
    root = tmp_path_factory.mktemp("network")
    shutil.copytree(made_lake.settings.root, root, dirs_exist_ok=True)
    with Lake(engine.session, read_settings(root=root, scale=0.5)) as lake:
        build_network(lake)
        yield lake


def frame(lake, name):
    return lake.read(name).toPandas()


@pytest.mark.only("sail")
def test_the_planted_communities_and_influencers_are_found(network):
    truth = pq.read_table(network.settings.landing / "truth" / "users").to_pandas().set_index("user_id")
    found = frame(network, "gold.influence").set_index("user_id").join(truth, rsuffix="_planted")
    assert len(found) == 5_000
    assert normalized_mutual_info_score(found["community_planted"], found["community"]) >= 0.9
    # Who is followed by a star may stand before a lesser star; all fifteen are in the first hundredth.
    assert found.loc[found["influencer"], "place"].max() <= 50 and found["influencer"].sum() == 15
    assert found.sort_values("place").head(10)["influencer"].all()
    sizes = frame(network, "gold.communities").set_index("community")
    assert sizes["users"].sum() == 5_000
    assert (sizes["follows_inside"].sum() + sizes["follows_out"].sum()) == found["following"].sum()
    assert sizes["follows_in"].sum() == sizes["follows_out"].sum()


@pytest.mark.only("sail")
def test_ranks_and_triangles_are_those_of_igraph(network):
    found = frame(network, "gold.influence").sort_values("user_id")
    edges = frame(network, "silver.follows")[["follower_id", "followee_id"]].to_numpy() - 1
    graph = igraph.Graph(5_000, edges.tolist(), directed=True)
    assert np.allclose(found["rank"], graph.pagerank(), atol=1e-6)
    plain = graph.as_undirected().simplify()
    corners = np.bincount(np.array(plain.list_triangles()).ravel(), minlength=5_000)
    assert (found["triangles"].to_numpy() == corners).all()


@pytest.mark.only("sail")
def test_nobody_is_told_to_follow_whom_they_follow(network):
    told, follows = frame(network, "gold.recommended_follows"), frame(network, "silver.follows")
    assert told.groupby("user_id").size().eq(10).all() and told["user_id"].nunique() == 5_000
    pairs = set(zip(told["user_id"], told["followee_id"], strict=True))
    assert not pairs & set(zip(follows["follower_id"], follows["followee_id"], strict=True))
    assert all(a != b for a, b in pairs)


@pytest.mark.only("sail")
def test_the_history_knows_what_was_then(network):
    history, follows = frame(network, "gold.graph_history"), frame(network, "silver.follows")
    days = sorted(history["as_of"].unique())
    assert [str(day) for day in days[-2:]] == ["2025-10-01", "2026-01-01"] and len(days) == 6
    for day in days:
        then = history[history["as_of"] == day]
        before = follows[follows["followed_at"].dt.date < day]
        assert then["followers"].sum() == len(before)
        assert then["rank"].mean() == pytest.approx(1.0, abs=1e-6)
        # The data ends with the year: four weeks before, it was the fourth quarter.
        assert then["community"].notna().all() == (str(day) == "2025-10-01")


@pytest.mark.only("sail")
def test_what_is_asked_of_other_graphs(network):
    assert [row["place"] for row in rank(network, "together", (), 3)] == [1, 2, 3]
    assert {row["kind"] for row in rank(network, "purchases", (), 50)} <= {"user", "product"}
    assert rank(network, "follows", [42], 1)[0]["user_id"] == 42
    with pytest.raises(GraphError, match="no graph 'follow'.*Did you mean 'follows'"):
        rank(network, "follow", (), 3)
    edges = frame(network, "silver.follows")[["follower_id", "followee_id"]].to_numpy() - 1
    graph = igraph.Graph(5_000, edges.tolist(), directed=True)
    path = chains.chain(network, "follows", 42, 4_000)
    assert len(path) - 1 == graph.distances(41, 3_999)[0][0] and (path[0], path[-1]) == (42, 4_000)
    near = chains.near(network, "follows", 42, 2, 5)
    assert sum(row["vertices"] for row in near["within"]) == graph.neighborhood_size(41, order=2, mode="out")


@pytest.mark.only("sail")
def test_the_famous_are_heard_by_more_than_whoever(network):
    found = {row["plan"]: row for row in compare_tellers(network, 5, 0.1)}
    best = max(found["highest rank"]["users"], found["most followers"]["users"])
    assert best > found["by lot"]["users"] + 3 * found["by lot"]["error"] > 5
