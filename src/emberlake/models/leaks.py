"""Whether features know what they cannot know yet: they are computed again in a world where it has not happened.

Two worlds are made. In the first, time stopped at a moment: a feature of an earlier row that differs there has looked
into the future. In the second, what became known of a row only after the fact is scrambled: a feature of that row that
differs there has looked at its own outcome (the two kinds of leakage of Kaufman, Rosset, Perlich, Stitelman, "Leakage
in Data Mining", ACM TKDD 6 (4), 2012).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pyspark.sql import functions as F

from emberlake.errors import ModelError

if TYPE_CHECKING:
    import datetime as dt

    from pyspark.sql import Column, DataFrame

    Inputs = Mapping[str, DataFrame]

# Sums in another order differ in their last bits.
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class World:
    """How the inputs of a transform relate to time.

    Attributes:
        main: the input of which each row is a thing to predict for.
        key: its key, which is also in the inputs of `belongs`.
        owner: the column by which rows have a history: a row may know of earlier ones of its owner.
        known_from: by input, the column that says when a row came to be; a row without a time was always there.
        belongs: inputs whose rows come to be with the row of `main` that they belong to.
        after: by input, the columns that are known only after the fact.
    """

    main: str
    key: str
    owner: str
    known_from: Mapping[str, str]
    belongs: Sequence[str]
    after: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Leak:
    """A feature that knows too much: `future` or its own `outcome`, in how many of the rows that were compared."""

    feature: str
    kind: Literal["future", "outcome"]
    rows: int
    compared: int


def find_leaks(
    features: Callable[[Inputs], DataFrame],
    inputs: Inputs,
    world: World,
    names: Sequence[str],
    moment: dt.datetime,
    since: dt.datetime,
    whole: DataFrame | None = None,
) -> list[Leak]:
    """Features that differ where they should not.

    The rows of [since, moment) whose outcome is scrambled are each owner's last ones. Other rows' features may
    legitimately change with them, if they are later; so what a feature sums up over all owners must not reach into
    its own span from `since` on (daily figures up to yesterday, and `since` a midnight: fine).

    Args:
        features: the transform; its rows carry `world.key`.
        inputs: what it reads, by name.
        names: the feature columns.
        moment, since: with a time zone: Spark takes others for the machine's.
        whole: `features(inputs)`, where that is there already.

    Raises:
        ModelError: if no row lies in [since, moment), so that nothing would be proved.
    """
    truncated = before(inputs, world, moment)
    probes = _last_rows(truncated[world.main], world, since)
    now = features(inputs) if whole is None else whole
    otherwise = features(_scrambled(truncated, world, probes))
    # Both at once first: features that know nothing, the usual case, are computed again only once.
    if not _differing(now, otherwise, world.key, names, "outcome"):
        return []
    then = features(truncated)
    mine = then.join(F.broadcast(probes), world.key, "left_semi")
    return [
        *_differing(now, then, world.key, names, "future"),
        *_differing(mine, otherwise, world.key, names, "outcome"),
    ]


def require_no_leaks(leaks: Sequence[Leak]) -> None:
    """Raise if there is any.

    Raises:
        ModelError: naming each feature and what it knows.
    """
    if leaks:
        knows = {"future": "what happened later", "outcome": "what the row itself came to"}
        said = "; ".join(f"{leak.feature} knows {knows[leak.kind]}" for leak in leaks)
        raise ModelError(
            f"Features know what is not known yet: {said}.",
            "Compute them from rows before the moment only, and from columns that are known at it.",
        )


def before(inputs: Inputs, world: World, moment: dt.datetime) -> dict[str, DataFrame]:
    """The inputs as they were at a moment (UTC)."""
    cut = dict(inputs)
    for name, column in world.known_from.items():
        cut[name] = inputs[name].where(F.col(column).isNull() | (F.col(column) < F.lit(moment)))
    there = cut[world.main].select(world.key)
    for name in world.belongs:
        cut[name] = inputs[name].join(there, world.key, "left_semi")
    return cut


def _last_rows(main: DataFrame, world: World, since: dt.datetime) -> DataFrame:
    at = F.struct(world.known_from[world.main], world.key)
    last = main.where(F.col(world.known_from[world.main]) >= F.lit(since)).groupBy(world.owner)
    probes = last.agg(F.max_by(world.key, at).alias(world.key)).select(world.key)
    rows = probes.collect()
    if not rows:
        raise ModelError(
            f"No row of {world.main} lies after {since:%Y-%m-%d %H:%M}, so leaks cannot be looked for.",
            "Give a moment just after some rows.",
        )
    return main.sparkSession.createDataFrame(rows, probes.schema)


def _scrambled(inputs: Inputs, world: World, probes: DataFrame) -> dict[str, DataFrame]:
    other = dict(inputs)
    marked = F.broadcast(probes.withColumn("_probe", F.lit(True)))
    for name, columns in world.after.items():
        rows = inputs[name].join(marked, world.key, "left")
        changed = {
            column: F.when(F.col("_probe"), _scramble(rows, column)).otherwise(F.col(column)) for column in columns
        }
        other[name] = rows.withColumns(changed).drop("_probe")
    return other


def _scramble(rows: DataFrame, name: str) -> Column:
    """Another value of the same type, whatever the value is: null becomes one, and the other way round for texts."""
    kind, column = rows.schema[name].dataType.typeName(), F.col(name)
    if kind == "string":
        return F.when(column.isNull(), F.lit("scrambled"))
    if kind in ("timestamp", "date"):
        return F.coalesce(column, F.lit("2001-01-01").cast(kind)) + F.expr("INTERVAL 400 DAYS")
    if kind == "boolean":
        return ~F.coalesce(column, F.lit(False))
    return (F.coalesce(column, F.lit(0)) * 3 + 7).cast(rows.schema[name].dataType)


def _differing(
    rows: DataFrame, others: DataFrame, key: str, names: Sequence[str], kind: Literal["future", "outcome"]
) -> list[Leak]:
    mine = rows.select(key, *(F.col(name).alias(f"_mine_{name}") for name in names))
    both = others.select(key, *names).join(mine, key)
    differ = [F.count_if(_unlike(F.col(f"_mine_{name}"), F.col(name), others, name)).alias(name) for name in names]
    counted = both.agg(F.count("*").alias("_rows"), *differ).first()
    if counted is None or not counted["_rows"]:
        raise ModelError("No row is in both worlds, so leaks cannot be looked for.", "Features must keep their rows.")
    return [Leak(name, kind, counted[name], counted["_rows"]) for name in names if counted[name]]


def _unlike(mine: Column, other: Column, rows: DataFrame, name: str) -> Column:
    if rows.schema[name].dataType.typeName() not in ("double", "float"):
        return ~mine.eqNullSafe(other)
    far = F.abs(mine - other) > _TOLERANCE * F.greatest(F.abs(mine), F.abs(other), F.lit(1.0))
    return F.coalesce(far, ~mine.eqNullSafe(other))
