"""Why a text could not be read as its column's type, and what to do: the sentences for it."""

from __future__ import annotations

import re

from emberlake.lake.feeds.onebyone import complaint
from emberlake.lake.feeds.plan import Reading
from emberlake.lake.feeds.records import Layout

_KINDS = {"long": "a whole number", "int": "a whole number", "double": "a number", "boolean": "true or false",
          "timestamp": "a date or time", "date": "a date", "string": "a text"}  # fmt: skip
_NOTHING = re.compile(r"(?i)\s*(nan|null|none|n/?a|#n/a|-+|\?|nil|unknown|missing)\s*")


def why(text: str, how: Reading) -> tuple[str, str]:
    """What is wrong with a text, and what is accepted or to be done."""
    shown = text if len(text) <= 80 else text[:77] + "…"
    if how.name == "_op":
        return (
            f'operation "{shown}" is not known',
            "Insert, update, upsert and delete are; give others with op: {values: …}.",
        )
    kind = "a number" if how.type.startswith("decimal") else _KINDS[how.type]
    problem = f'column "{how.name}" is "{shown}", which is not {kind}'
    if _NOTHING.fullmatch(text):
        return problem, f'If it means "no value", say so in the mapping: dialect: {{nulls: ["{text.strip()}"]}}.'
    if how.type in ("timestamp", "date"):
        return problem, _time_hint(text, how)
    if how.type == "long" and how.name.endswith("_id"):
        return problem, _id_hint(text, how)
    if how.converted and re.fullmatch(r"[-+\d.,]+", text.strip()):
        return (
            problem,
            "Its currency has no rate, or the amount in EUR has too many digits; rates stand in the mapping.",
        )
    return problem, _number_hint(text, how)


def why_line(text: str, layout: Layout | None) -> tuple[str, str]:
    """What is wrong with a line that could not be split, and what to do."""
    if layout is None:
        return "the line is not a JSON object", 'Each line is one object, such as {"order_id": 1}.'
    said = complaint(text, layout)
    if "encoding" in said:
        return (
            f"the line {said}",
            f"It is read as {layout.encoding}; name the other one: dialect: {{fallback: cp1252}}.",
        )
    if "quote" in said:
        return f"the line {said}", f"A field with {layout.quote} in it is quoted, and the quote in it doubled."
    return f"the line {said}", f'Fields are separated by "{layout.delimiter}"; one that has it inside is quoted.'


def _number_hint(text: str, how: Reading) -> str:
    other = "," if how.decimal == "." else "."
    said = f'Numbers are read with "{how.decimal}" as the decimal mark'
    said += f' and "{how.thousands}" between thousands.' if how.thousands else "."
    if re.fullmatch(r"[-+]?\d{1,3}([,.]\d{3})+", text.strip()):
        mark = "," if "," in text else "."
        said += f' Whether "{mark}" is for thousands or for decimals is open here:'
        return f'{said} say --decimal "." or --decimal ",".'
    return f'{said} If this file uses "{other}", say so: --decimal "{other}".' if other in text else said


def _time_hint(text: str, how: Reading) -> str:
    form = how.date_format or "iso"
    read = "ISO 8601 (2026-12-31 23:59)" if form == "iso" else f"{form} or ISO 8601"
    if re.fullmatch(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}", text.strip()):
        return f"Dates are read as {read}; either there is no such day, or the format is another: --date-format."
    return f'Times are read as {read}. If this file has another format, say so: --date-format "%d/%m/%Y %H:%M".'


def _id_hint(text: str, how: Reading) -> str:
    if re.search(r"\S\s+\S", text):
        return "It has a blank inside; blanks at the ends are taken off, inner ones are not."
    return f"If identifiers are texts here, say so in the mapping: {how.name}: {{from: {how.source}, id_kind: text}}."
