"""What a file's values tell about how they are written: decimal and thousands marks, dates, identifiers."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from emberlake.lake.feeds.feed import ColumnMap, Feed
from emberlake.lake.feeds.plan import Plan, Reading
from emberlake.lake.feeds.texts import TextReader, blank_to_null

_DATES = ("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d",
          "%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y",
          "%d-%b-%Y", "%d-%b-%y")  # fmt: skip
_COMMA = r"^[^0-9]*[0-9]+,[0-9]{1,2}[^0-9]*$"
_DOT = r"^[^0-9]*[0-9]+\.[0-9]+[^0-9]*$"
_DOT_THEN_COMMA = r"^[^0-9]*[0-9]{1,3}(\.[0-9]{3})+,[0-9]*[^0-9]*$"
_COMMA_THEN_DOT = r"^[^0-9]*[0-9]{1,3}(,[0-9]{3})+\.[0-9]*[^0-9]*$"
_BLANK_GROUPS = r"^[^0-9]*[0-9]{1,3}([ \x{a0}\x{202f}][0-9]{3})+([.,][0-9]*)?[^0-9]*$"
# An identifier that is no number: letters and digits, such as C-1023, or a UUID. N/A or "abc" is dirt.
_TEXT_ID = r"^[A-Za-z0-9][A-Za-z0-9._:/#-]*$"

# Identifiers whose name does not say so.
_ALSO_IDS = ("referred_by",)

_NO_ID = r"(?i)^([0-9]+(\.[0-9]+)?e\+?[0-9]+|nan|null|none|n/?a|unknown|missing|test)$"


@dataclass(frozen=True)
class Guess:
    """One thing that was not said: of which column, what, and whether the values leave it open."""

    column: str
    what: str
    value: str
    sure: bool = True
    hint: str = ""


def improve(plan: Plan, sample: dict[str, pa.Array], feed: Feed) -> tuple[Plan, tuple[Guess, ...]]:
    """The plan with what the sample of texts (by the file's column) tells; what the mapping says is never changed."""
    reader = TextReader()
    guesses: list[Guess] = []
    readings: list[Reading] = []
    retyped = list(plan.retyped)
    for how in plan.readings:
        texts = sample.get(how.source) if how.source else None
        if texts is not None and len(texts) and how.name != "_op":
            given = feed.mapping.columns.get(how.name, ColumnMap())
            said = blank_to_null(texts.cast(pa.string())).drop_null()
            how = _one(said, how, given, feed, reader, guesses)
            if len(said) and how.type != "string" and 2 * reader.read(said, how).null_count > len(said):
                retyped.append(f"{how.name}: most values are not {how.type}")
        readings.append(how)
    return replace(plan, readings=tuple(readings), retyped=tuple(retyped)), tuple(guesses)


def _one(
    texts: pa.Array, how: Reading, given: ColumnMap, feed: Feed, reader: TextReader, guesses: list[Guess]
) -> Reading:
    mapping = feed.mapping
    if not len(texts):
        return how
    identifies = how.name.endswith("_id") or how.name in _ALSO_IDS
    if how.type == "long" and given.id_kind is None and mapping.id_kind is None and identifies:
        if _are_texts(texts, how.name):
            guesses.append(Guess(how.name, "id_kind", "text"))
            return replace(how, hashed=True)
    elif how.type in ("timestamp", "date") and given.date_format is None and mapping.date_format is None:
        if guess := _date_format(texts, how, reader):
            guesses.append(guess)
            return replace(how, date_format=guess.value)
    elif how.type in ("double", "int") or how.type.startswith("decimal"):
        decimal, thousands = _marks(texts)
        if given.decimal is None and mapping.decimal is None and decimal != ".":
            guesses.append(Guess(how.name, "decimal", decimal))
            how = replace(how, decimal=decimal)
        if given.thousands is None and mapping.thousands is None and thousands and thousands != how.decimal:
            guesses.append(Guess(how.name, "thousands", thousands))
            how = replace(how, thousands=thousands)
    return how


def _share(texts: pa.Array, pattern: str) -> float:
    return float(pc.sum(pc.match_substring_regex(texts, pattern)).as_py() or 0) / len(texts)


def _are_texts(texts: pa.Array, column: str) -> bool:
    with_letters = pc.filter(texts, pc.match_substring_regex(texts, "[A-Za-z]"))
    if not len(with_letters):
        # UUIDs and C-1023 have letters; what else is not a number is dirt.
        return False
    ids = pc.and_(
        pc.match_substring_regex(with_letters, _TEXT_ID), pc.invert(pc.match_substring_regex(with_letters, _NO_ID))
    )
    if column != "product_id":
        # Catalogues have codes such as POST; a customer or an order that is called "abc" is dirt.
        ids = pc.and_(ids, pc.match_substring_regex(with_letters, "[0-9]"))
    return bool((pc.sum(ids).as_py() or 0) >= 0.01 * len(texts))


def _marks(texts: pa.Array) -> tuple[str, str]:
    """Decimal mark and thousands mark; `,` is the decimal mark only where the values leave no doubt."""
    comma, dot = _share(texts, _COMMA), _share(texts, _DOT)
    both_german, both_english = _share(texts, _DOT_THEN_COMMA), _share(texts, _COMMA_THEN_DOT)
    decimal = "," if comma + both_german > dot + both_english else "."
    if decimal == "," and both_german > 0:
        return decimal, "."
    if decimal == "." and both_english > 0:
        return decimal, ","
    return decimal, " " if _share(texts, _BLANK_GROUPS) > 0 else ""


def _date_format(texts: pa.Array, how: Reading, reader: TextReader) -> Guess | None:
    """The format that reads most of the values, where plain ISO dates are not what they are."""
    total = len(texts)
    iso = _read(texts, how, "iso", reader)
    if iso * 2 >= total:
        return None
    digits = pc.match_substring_regex(texts, r"^[0-9]{10}(\.[0-9]+)?$"), pc.match_substring_regex(texts, r"^[0-9]{13}$")
    for matches, name in zip(digits, ("epoch", "epoch_ms"), strict=True):
        if (pc.sum(matches).as_py() or 0) * 2 >= total:
            return Guess(how.name, "date_format", name)
    likely = [form for form in _DATES if _share(texts, _looks_like(form)) > 0]
    read = {form: _read(texts, how, form, reader) for form in likely}
    best = max(read.values(), default=0)
    if best <= iso or not best:
        return None
    ties = [form for form in likely if read[form] == best]
    if len(ties) == 1:
        return Guess(how.name, "date_format", ties[0])
    # Logs are mostly in the order of time: of two readings, the one that makes it so is the likelier.
    steps = {form: _backwards(texts, how, form, reader) for form in ties}
    ties.sort(key=lambda form: steps[form])
    sure = steps[ties[0]] * 4 < steps[ties[1]]
    other = " or ".join(f'"{form}"' for form in ties[:2])
    return Guess(
        how.name,
        "date_format",
        ties[0],
        sure,
        "" if sure else f"The values allow {other}: say which with --date-format.",
    )


def _looks_like(form: str) -> str:
    """A pattern of the texts that a format may read: asking it first spares most of the reading."""
    parts = {"%Y": "[0-9]{4}", "%b": "[A-Za-z]+", "%B": "[A-Za-z]+"}
    pattern = re.sub("%[YmdybB]", lambda found: parts.get(found[0], "[0-9]{1,2}"), form.replace(".", "[.]"))
    return f"^{pattern}($|[ T,])"


def _read(texts: pa.Array, how: Reading, form: str, reader: TextReader) -> int:
    values = reader.read(texts, replace(how, date_format=form))
    return len(values) - values.null_count


def _backwards(texts: pa.Array, how: Reading, form: str, reader: TextReader) -> int:
    values = reader.read(texts, replace(how, date_format=form)).drop_null().cast(pa.timestamp("us")).cast(pa.int64())
    return int(pc.sum(pc.less(values[1:], values[:-1])).as_py() or 0) if len(values) > 1 else 0
