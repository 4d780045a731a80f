"""Results compared: what is told of missing rows, extra rows, values, nulls, order and schema."""

from __future__ import annotations

import pytest

from emberlake.school.checks import Answer, Rules, compare, value_answer

COLUMNS = (("user_id", "bigint"), ("revenue", "double"), ("name", "string"))
ROWS = ((1, 10.0, "Ada"), (2, 20.0, "Bo"), (3, 30.0, None))
EXPECTED = Answer(COLUMNS, ROWS)
KEYED = Rules(key=("user_id",))


def found(*rows, columns=COLUMNS, rules=KEYED):
    return compare(EXPECTED, Answer(columns, tuple(rows)), rules)


def test_the_same_rows_in_another_order_are_right():
    assert found(*reversed(ROWS)) is None


def test_columns_may_stand_in_another_order():
    turned = tuple((name, revenue, user) for user, revenue, name in ROWS)
    assert found(*turned, columns=tuple(reversed(COLUMNS))) is None


def test_a_small_difference_is_none_and_a_larger_one_is_told_with_its_row():
    assert found((1, 10.004, "Ada"), *ROWS[1:]) is None
    told = found((1, 10.02, "Ada"), *ROWS[1:])
    assert told and told.what == "Column revenue differs in 1 of 3 rows."
    assert (told.expected, told.came) == ("user_id = 1: revenue = 10.00", "user_id = 1: revenue = 10.02")


def test_a_missing_row_is_named():
    told = found(*ROWS[:2])
    assert told and told.what == "The rows differ: 1 rows are missing."
    assert (told.expected, told.came) == ("3 rows", "2 rows")
    assert "user_id = 3, revenue = 30.00, name = null" in told.look


def test_a_row_too_many_is_named():
    told = found(*ROWS, (4, 40.0, "Cy"))
    assert told and "1 rows are too many" in told.what and "user_id = 4" in told.look


def test_a_key_that_comes_twice_points_at_the_join():
    told = found(*ROWS, ROWS[0])
    assert told and "user_id = 1 comes more than once" in told.what and "join" in told.look


def test_null_instead_of_a_value_points_at_joins_and_coalesce():
    told = found((1, None, "Ada"), *ROWS[1:])
    assert told and told.came == "user_id = 1: revenue = null" and "coalesce" in told.look


def test_a_value_instead_of_null_is_told():
    told = found(*ROWS[:2], (3, 30.0, ""))
    assert told and "should be null" in told.look


def test_order_counts_where_it_is_asked_for_only():
    rules = Rules(key=("user_id",), ordered=True)
    told = found(*reversed(ROWS), rules=rules)
    assert told and "not their order" in told.what and told.expected.startswith("user_id = 1")


def test_missing_unknown_and_double_columns_are_told():
    told = found(*((u, r) for u, r, _ in ROWS), columns=COLUMNS[:2])
    assert told and "name is missing" in told.what
    told = found(*((*row, 1) for row in ROWS), columns=(*COLUMNS, ("extra", "int")))
    assert told and "extra was not asked for" in told.what
    told = found(*((*row, 1) for row in ROWS), columns=(*COLUMNS, ("user_id", "bigint")))
    assert told and "user_id is there twice" in told.what


@pytest.mark.parametrize(("type_", "rules", "right"), [
    ("int", KEYED, True),
    ("int", Rules(key=("user_id",), types="exact"), False),
    ("string", KEYED, False),
])  # fmt: skip
def test_types_are_compared_by_kind_unless_exactly(type_, rules, right):
    told = found(*ROWS, columns=(("user_id", type_), *COLUMNS[1:]), rules=rules)
    assert (told is None) is right


def test_without_a_key_one_is_found_and_without_any_rows_are_counted():
    assert found(*ROWS[:2], rules=Rules()).what == "The rows differ: 1 rows are missing."
    twins = Answer((("n", "double"),), ((1.0,), (1.0,), (2.0,)))
    assert compare(twins, Answer(twins.columns, ((1.0,), (2.0,), (1.0,))), Rules()) is None
    told = compare(twins, Answer(twins.columns, ((1.0,), (2.0,), (2.0,))), Rules())
    assert told and told.what == "A row differs."


def test_a_value_is_not_a_frame():
    one = Answer((("value", "int"),), ((7,),), tabular=False)
    assert compare(one, Answer((("value", "int"),), ((7,),), tabular=False), Rules()) is None
    told = compare(one, EXPECTED, Rules())
    assert told and told.came == "a DataFrame"


def test_a_wrong_answer_with_a_row_twice_is_known_again():
    doubled = Answer(COLUMNS, (*ROWS, ROWS[0]))
    assert compare(doubled, doubled, KEYED) is None
    assert compare(doubled, EXPECTED, KEYED)


def test_a_dictionary_of_sums_may_differ_in_the_last_bit_and_an_entry_that_differs_is_told():
    expected = value_answer({"Toys": 0.1 + 0.2, "Books": 7.0})
    assert compare(expected, value_answer({"Books": 7.0, "Toys": 0.3}), Rules()) is None
    told = compare(expected, value_answer({"Books": 8.0, "Toys": 0.3}), Rules())
    assert (told.what, told.expected, told.came) == ("An entry differs.", "Books = 7", "Books = 8")
    assert told.look == "Look at how Books is made."
    told = compare(expected, value_answer({"Books": 8.0, "Toys": float("nan")}), Rules())
    assert (told.what, told.came) == ("An entry differs. (2 of 2 do.)", "Toys = nan")
    names = value_answer({"a": "Ann", "b": "Fernando"}), value_answer({"a": "Bob", "b": "Hernando"})
    assert compare(*names, Rules()).came == "a = Bob", "a text with these letters is not a number that is none"
    told = compare(expected, value_answer({"Books": 7.0}), Rules())
    assert told.what == "The answer has 1 entries in place of 2."
    assert compare(value_answer(3), value_answer(4), Rules()).what == "The value differs."
    assert compare(value_answer([0.5, None]), value_answer([0.5, None]), Rules()) is None


def test_a_column_of_lists_with_fractions_tells_no_rows_apart():
    columns = (("path", "array<double>"),)
    one, other = Answer(columns, (((0.1 + 0.2, 1.0),),)), Answer(columns, (((0.3, 1.0),),))
    assert compare(one, other, Rules()) is None
