"""The language of patterns: what is read, and what is said about what cannot be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emberlake.errors import GraphError
from emberlake.graphs.motifs import Term, parse


def terms(text: str) -> list[tuple[str, str, str, str, bool]]:
    return [(t.src, t.dst, t.kind, t.edge, t.negated) for t in parse(text).terms]


def test_the_shop_s_question_is_read() -> None:
    assert terms("(a)-[follows]->(b); (b)-[bought]->(p); !(a)-[bought]->(p)") == [
        ("a", "b", "follows", "", False),
        ("b", "p", "bought", "", False),
        ("a", "p", "bought", "", True),
    ]


def test_arrows_may_point_left_and_blanks_are_free() -> None:
    assert terms(" ( a )<-[ e : follows ]-( b ) ;\n") == [("b", "a", "follows", "e", False)]


def test_anybody_and_the_only_kind_have_no_names() -> None:
    assert terms("(a)-[]->(); ! ()-[e:]->(a)") == [("a", "", "", "", False), ("", "a", "", "e", True)]


def test_a_term_knows_its_own_text() -> None:
    pattern = parse("(a)-[x]->(b);  !(b)-[x]->(a) ")
    assert [pattern.said(term) for term in pattern.terms] == ["(a)-[x]->(b)", "!(b)-[x]->(a)"]


@pytest.mark.parametrize(
    ("text", "place", "wanted"),
    [
        ("", 1, "a term"),
        ("a-[x]->(b)", 1, "a vertex"),
        ("(a)->(b)", 4, "an arrow"),
        ("(a)-[x](b)", 7, "']->'"),
        ("(a)-[x]-(b)", 7, "']->'"),
        ("(a)<-[x]->(b)", 10, "one direction"),
        ("(a)-[x]->(b) (c)-[x]->(a)", 14, "';'"),
        ("(1a)-[x]->(b)", 2, "a name"),
        ("(a)-[:x]->(b)", 6, "a name before ':'"),
        ("(a)-[x]->(b);;", 14, "a vertex"),
        ("(a)-[x]->", 10, "a vertex"),
        ("(a b)-[x]->(b)", 4, "')'"),
    ],
)
def test_an_error_says_where_and_what_is_accepted(text: str, place: int, wanted: str) -> None:
    with pytest.raises(GraphError) as refused:
        parse(text)
    assert f"at place {place}: here should be" in refused.value.problem
    assert wanted in refused.value.problem
    assert "(a)-[follows]->(b)" in refused.value.hint


def test_an_error_points_at_the_place() -> None:
    with pytest.raises(GraphError) as refused:
        parse("(a)-[follows]->(b); (b)=[bought]->(p)")
    line, arrow = refused.value.problem.splitlines()[1:3]
    assert line[arrow.index("^")] == "="


names = st.sampled_from(["a", "b", "P", "_x", "user_2"])
written = st.builds(Term, names, names, names, st.just("") | names, st.booleans(), st.just(0), st.just(0))


@given(st.lists(written, min_size=1, max_size=5))
def test_what_is_written_is_read_again(wanted: list[Term]) -> None:
    text = ";".join(
        f"{'!' if t.negated else ''}({t.src})-[{t.edge + ':' if t.edge else ''}{t.kind}]->({t.dst})" for t in wanted
    )
    assert terms(text) == [(t.src, t.dst, t.kind, t.edge, t.negated) for t in wanted]


@given(st.text(alphabet="()[]-><!;:ab ", max_size=20))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    try:
        parse(text)
    except GraphError as refused:
        assert "at place" in refused.problem
