"""Any CSV file: every cell of a well-formed one comes back, and of a dirty one no line is lost."""

from __future__ import annotations

import csv
import io

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emberlake.lake.feeds.csvtext import read_records
from emberlake.lake.feeds.records import Layout

cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    table=st.integers(2, 5).flatmap(
        lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), max_size=12)
    ),
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    newline=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]),
)
def test_any_table_comes_back_cell_by_cell(tmp_path, table, delimiter, quoting, newline, encoding):
    if quoting == csv.QUOTE_MINIMAL:
        # The csv module writes a lone carriage return without quotes, and so ends the line where none ends.
        table = [[cell.replace("\r", "") for cell in row] for row in table]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=newline).writerows(table)
    path = tmp_path / "any.csv"
    path.write_bytes(out.getvalue().encode(encoding))
    width = len(table[0]) if table else 2
    found = list(read_records(str(path), Layout(delimiter, '"', "", encoding, None, 1, width)))
    rows = [list(row) for part in found for row in zip(*(column.to_pylist() for column in part.columns), strict=True)]
    assert [broken for part in found for broken in part.broken] == []
    assert rows == [[cell or None for cell in row] for row in table]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.sampled_from('a1,;"\r é\0'), max_size=14), max_size=25), st.booleans())
def test_whatever_the_dirt_no_line_is_lost(tmp_path, texts, last_newline):
    """Every line that is not blank is in a record or is a broken line, in order, at its own number."""
    path = tmp_path / "dirt.csv"
    data = "a,b,c\n" + "\n".join(texts) + "\n" * last_newline
    path.write_bytes(data.encode())
    found = list(read_records(str(path), Layout(",", '"', "", "utf-8", None, 1, 3)))
    starts = sorted([int(n) for part in found for n in part.lines] + [b.line for part in found for b in part.broken])
    assert len(set(starts)) == len(starts)
    physical = data.split("\n")
    for number, text in enumerate(physical, 1):
        if number not in starts and text.removesuffix("\r"):
            # Inside of a quoted field that began above, and that is a record.
            begun = max(start for start in starts if start < number)
            assert begun in {int(n) for part in found for n in part.lines}
            assert physical[begun - 1].count('"') % 2 == 1 or '"' in physical[begun - 1]
    for part in found:
        for broken in part.broken:
            assert broken.text == physical[broken.line - 1].removesuffix("\r")
