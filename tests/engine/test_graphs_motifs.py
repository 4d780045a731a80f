"""Patterns are found wherever they are: against trying everything, igraph, and rows by hand."""

from __future__ import annotations

from itertools import permutations, product

import igraph
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame
from tests.engine.conftest import EngineUnderTest
from tests.rows import assert_rows

from emberlake.errors import GraphError
from emberlake.graphs import Kind, motifs

pytestmark = pytest.mark.long("spark")

Pairs = list[tuple[int, int]]
# Users 1 to 4 and products 1 to 3: equal numbers, different things.
FOLLOWS: Pairs = [(1, 2), (2, 3), (3, 2), (4, 4), (1, 2)]
BOUGHT: Pairs = [(2, 1), (2, 2), (1, 2), (3, 3), (2, 1)]


def pairs(engine: EngineUnderTest, rows: Pairs) -> DataFrame:
    return engine.session.createDataFrame(rows, "src long, dst long")


def shop(engine: EngineUnderTest, follows: Pairs = FOLLOWS, bought: Pairs = BOUGHT) -> dict[str, Kind]:
    return {
        "follows": Kind(pairs(engine, follows), "user", "user"),
        "bought": Kind(pairs(engine, bought), "user", "product"),
    }


def test_what_those_bought_whom_one_follows_and_oneself_did_not(engine: EngineUnderTest) -> None:
    found = motifs("(a)-[follows]->(b); (b)-[bought]->(p); !(a)-[bought]->(p)", shop(engine))
    assert found.columns == ["a", "b", "p"]
    assert_rows(found, [(1, 2, 1), (2, 3, 3), (3, 2, 1), (3, 2, 2)])


def test_two_names_may_be_one_vertex(engine: EngineUnderTest) -> None:
    assert_rows(motifs("(a)-[follows]->(b); (b)-[follows]->(a)", shop(engine)), [(2, 3), (3, 2), (4, 4)])
    assert_rows(motifs("(a)-[follows]->(a)", shop(engine)), [(4,)])


def test_anybody_does_not_multiply_what_is_found(engine: EngineUnderTest) -> None:
    assert_rows(motifs("(a)-[bought]->()", shop(engine)), [(1,), (2,), (3,)])
    assert_rows(motifs("(a)-[follows]->(b); !(b)<-[bought]-()", shop(engine) | products_as_users(engine)), [(4, 4)])
    assert_rows(motifs("(a)-[follows]->(b); !(a)-[bought]->()", shop(engine)), [(4, 4)])


def products_as_users(engine: EngineUnderTest) -> dict[str, Kind]:
    return {"bought": Kind(pairs(engine, BOUGHT), "user", "user")}


def test_a_named_edge_is_returned_each_one(engine: EngineUnderTest) -> None:
    weighed = engine.session.createDataFrame(
        [(1, 2, 0.5), (1, 2, 0.7), (2, 3, 0.9)], "src long, dst long, weight double"
    )
    kinds = {"follows": Kind(weighed, "user", "user")}
    found = motifs("(a)-[e:]->(b); (b)-[]->()", kinds)
    assert_rows(found.select("a", "b", "e.weight"), [(1, 2, 0.5), (1, 2, 0.7)])
    found = motifs("(a)-[]->(b); (a)-[e:follows]->(b)", kinds)
    assert_rows(found.select("a", "b", "e.weight"), [(1, 2, 0.5), (1, 2, 0.7), (2, 3, 0.9)])


def test_no_edges_have_no_motifs(engine: EngineUnderTest) -> None:
    assert motifs("(a)-[follows]->(b); (b)-[bought]->(p)", shop(engine, [], [])).collect() == []
    assert motifs("(a)-[follows]->(b); !(a)-[bought]->()", shop(engine, [(1, 2)], [])).collect() == [(1, 2)]


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("(a)-[follow]->(b)", "Did you mean 'follows'?"),
        ("(a)-[]->(b)", "does not say of what kind"),
        ("(a)-[follows]->(b); (a)-[bought]->(b)", r"\(b\) is a user in .* and a product in"),
        ("(a)-[follows]->(b); (c)-[follows]->(d)", r"does not hang together: \(c\)-\[follows\]->\(d\)"),
        ("(a)-[follows]->(b); !(b)-[follows]->(c)", r"\(c\) stands only behind '!'"),
        ("!(a)-[follows]->(b)", r"\(a\) stands only behind '!'"),
        ("()-[follows]->()", "no vertex with a name"),
        ("(a)-[follows]->(b); !(a)-[e:bought]->()", "edge that is not there"),
        ("(a)-[e:follows]->(b); (b)-[e:follows]->(a)", "name of two edges"),
        ("(a)-[a:follows]->(b)", "name of a vertex and of an edge"),
        ("(a)-[follows]->(A)", "only in capitals"),
    ],
)
def test_patterns_that_make_no_sense_are_refused(engine: EngineUnderTest, pattern: str, says: str) -> None:
    with pytest.raises(GraphError, match=says):
        motifs(pattern, shop(engine))


@st.composite
def patterns(draw: st.DrawFn) -> list[tuple[bool, str, str, str]]:
    """Negated, kind, src, dst: a chain of terms that hangs together, and some with `!` on its names."""
    names, terms = ["a"], []
    for place in range(draw(st.integers(1, 3))):
        other = draw(st.sampled_from([*names, "bcd"[place], ""]))
        ends = draw(st.permutations([draw(st.sampled_from(names)), other]))
        terms.append((False, draw(st.sampled_from("xy")), *ends))
        names = sorted({*names, *(end for end in ends if end)})
    for _ in range(draw(st.integers(0, 2))):
        ends = draw(st.permutations([draw(st.sampled_from(names)), draw(st.sampled_from([*names, ""]))]))
        terms.append((True, draw(st.sampled_from("xy")), *ends))
    return terms


def test_motifs_are_what_trying_everything_finds(engine: EngineUnderTest) -> None:
    everyone = range(5)
    some = st.lists(st.tuples(st.sampled_from(everyone), st.sampled_from(everyone)), max_size=12)
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]

    @settings(max_examples=40 if engine.name == "sail" else 6, suppress_health_check=checks)
    @given(patterns(), some, some)
    def check(terms: list[tuple[bool, str, str, str]], x: Pairs, y: Pairs) -> None:
        text = "; ".join(f"{'!' if no else ''}({a})-[{kind}]->({b})" for no, kind, a, b in terms)
        found = motifs(text, {name: Kind(pairs(engine, rows), "one", "one") for name, rows in (("x", x), ("y", y))})
        edges = {"x": set(x), "y": set(y)}

        def there(no: bool, kind: str, a: str, b: str, at: dict[str, int]) -> bool:
            return no != any(
                (a == "" or s == at[a]) and (b == "" or d == at[b]) and (a != b or s == d) for s, d in edges[kind]
            )

        names = found.columns
        wanted = [
            at for at in product(everyone, repeat=len(names))
            if all(there(*term, dict(zip(names, at, strict=True))) for term in terms)
        ]  # fmt: skip
        assert sorted(found.collect()) == wanted

    check()


def test_cycles_of_three_are_igraphs(engine: EngineUnderTest) -> None:
    edges = [(a, b) for a, b in permutations(range(12), 2) if (a * 7 + b * b) % 5 == 0]
    cycles = igraph.Graph(n=12, edges=edges, directed=True).get_subisomorphisms_vf2(igraph.Graph.Ring(3, directed=True))
    found = motifs("(a)-[]->(b); (b)-[]->(c); (c)-[]->(a)", {"x": Kind(pairs(engine, edges), "one", "one")})
    assert cycles
    assert sorted(found.where("a <> b AND b <> c AND a <> c").collect()) == sorted(tuple(cycle) for cycle in cycles)
