"""What a page shows is chosen by community and by links, and what is left out is said."""

from __future__ import annotations

import pytest
from tests.engine.conftest import EngineUnderTest

from emberlake.errors import GraphError
from emberlake.graphs.page import scene

# Both engines are given the same programs; on Spark their rounds of small jobs take minutes.
pytestmark = pytest.mark.long("spark")

# 1 to 4 are in 10; 5 has two links to them, 6 one, 7 none; 8 and 9 are in 30.
PEOPLE = [(1, 10, 0.5), (2, 10, 0.1), (3, 10, 0.1), (4, 10, 0.1), (5, 20, 0.1), (6, 20, 0.1), (7, 20, None),
          (8, 30, 0.1), (9, None, 0.1)]  # fmt: skip
EDGES = [(1, 2), (2, 3), (3, 1), (1, 2), (5, 1), (2, 5), (6, 3), (6, 7), (7, 8), (4, 4), (8, 77), (1, 7777)]


@pytest.fixture
def shop(engine: EngineUnderTest):
    people = engine.rows("id long, community long, pagerank double", *PEOPLE)
    return people, engine.rows("src long, dst long", *EDGES)


def test_everybody_is_shown_where_there_is_room(shop) -> None:
    found = scene(*shop)
    assert found.id.tolist() == list(range(1, 10)) and (found.users, found.links) == (9, 8)
    assert found.community.tolist() == [10, 10, 10, 10, 20, 20, 20, 30, -1]
    links = sorted(zip(found.id[found.src].tolist(), found.id[found.dst].tolist(), strict=True))
    assert links == [(1, 2), (2, 3), (2, 5), (3, 1), (5, 1), (6, 3), (6, 7), (7, 8)]
    assert found.figures == {"pagerank": [0.5, 0.1, 0.1, 0.1, 0.1, 0.1, None, 0.1, 0.1]}


def test_a_community_is_shown_with_those_who_have_most_links_to_it(shop) -> None:
    assert scene(*shop, community=10, most=5).id.tolist() == [1, 2, 3, 4, 5]
    assert scene(*shop, community=10).id.tolist() == [1, 2, 3, 4, 5, 6]
    # Of members too those with most links within come first.
    two = scene(*shop, community=10, most=2)
    assert two.id.tolist() == [1, 2] and two.focus == 10 and len(two.src) == 1


def test_of_more_users_than_there_is_room_for_those_with_most_links_are_shown(shop) -> None:
    assert scene(*shop, most=3).id.tolist() == [1, 2, 3]


def test_a_page_of_nobody_is_refused(engine: EngineUnderTest, shop) -> None:
    people, edges = shop
    with pytest.raises(GraphError, match=r"Nobody is in community 11\. The largest are 10 \(4 users\), 20 \(3 users\)"):
        scene(people, edges, community=11)
    with pytest.raises(GraphError, match="no users to show"):
        scene(people.where("id > 99"), edges)
    with pytest.raises(GraphError, match="cannot show 5,001 users"):
        scene(people, edges, most=5_001)
