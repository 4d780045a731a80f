"""JSON lines into columns of text, each with its line number; a line that is no JSON object comes back as it is."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import numpy as np
import pyarrow as pa

from emberlake.lake.feeds.lines import Broken, as_strings, kept, not_text, repaired, shown, spans, why_not_text
from emberlake.lake.feeds.records import Records
from emberlake.lake.feeds.stream import text_pieces
from emberlake.lake.feeds.texts import one


def read_objects(path: str, columns: tuple[str, ...], encoding: str, fallback: str | None) -> Iterator[Records]:
    """The objects of a file, in order; a column is a key, or `outer.inner` for a key of an object within.

    Values come as text; null and absent are both null. What lies deeper comes as JSON text.
    """
    duck = duckdb.connect(":memory:", config={"threads": 1})
    paths = ", ".join("'" + json_path(name).replace("'", "''") + "'" for name in columns)
    fields = ", ".join(f"found[{number}] AS c{number}" for number in range(1, len(columns) + 1))
    # DuckDB raises where a broken line is asked for a key, even behind a CASE: ask the good ones, in a second step.
    valid = "SELECT json_valid(line) AS good FROM lines"
    kinds = "SELECT json_type(line) = 'OBJECT' AS good FROM lines"
    query = f"SELECT {fields} FROM (SELECT json_extract_string(line, [{paths}]) AS found FROM lines)"
    line = 1
    for piece in text_pieces(path, encoding):
        data = repaired(piece, fallback) if fallback else piece
        starts, ends = spans(data)
        numbers = line + np.arange(len(starts))
        line += len(starts)
        unreadable = not_text(data, starts, ends)
        blank = np.array([not data[start:end].strip() for start, end in zip(starts, ends, strict=True)], np.bool_)
        broken = [
            Broken(int(numbers[i]), shown(data[starts[i] : ends[i]]), why_not_text(data[starts[i] : ends[i]]))
            for i in np.flatnonzero(unreadable)
        ]
        asked = ~(unreadable | blank)
        text = kept(data, starts, ends, asked)
        starts, ends, numbers = *spans(text), numbers[asked]
        if not text:
            yield Records([pa.array([], pa.string())] * len(columns), np.zeros(0, np.int64), broken)
            continue
        table = pa.table({"line": as_strings(text, starts, ends)})
        good = np.ones(len(starts), np.bool_)
        for question in (valid, kinds):
            duck.register("lines", table.filter(pa.array(good)))
            good[good] = duck.sql(question).to_arrow_table()["good"].to_numpy().astype(np.bool_)
        broken += [
            Broken(int(numbers[i]), shown(text[starts[i] : ends[i]]), "is not a JSON object")
            for i in np.flatnonzero(~good)
        ]
        duck.register("lines", table.filter(pa.array(good)))
        found = duck.sql(query).to_arrow_table()
        texts = [one(found[f"c{number}"]) for number in range(1, len(columns) + 1)]
        yield Records(texts, numbers[good], sorted(broken, key=lambda item: item.line))


def json_path(name: str) -> str:
    """DuckDB's JSON path of a column: `customer.id` is the key `id` in the object `customer`."""
    return "$" + "".join('."' + part.replace('"', '\\"') + '"' for part in name.split("."))
