"""The file of an exported model: read whole or refused, whatever a stranger put into it."""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.test_models_scorer import forest, row, scorer

from emberlake.errors import ModelError
from emberlake.models.scorer import Scorer
from emberlake.models.scoring.file import pack, read

HEAD = struct.Struct("<8sIQQ32s")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "model.ember"
    path.write_bytes(scorer().packed())
    return path


def rewritten(path: Path, change) -> Path:
    """The file with another document or other arrays, and a checksum that fits: what a stranger would send."""
    document, arrays = read(path)
    arrays = {name: array.copy() for name, array in arrays.items()}
    change(document, arrays)
    path.write_bytes(pack(document, arrays))
    return path


def test_a_file_scores_as_what_was_written(path: Path):
    opened = Scorer.open(path)
    assert opened.score(row("FR", 9.0, 9)) == 105.0
    assert opened.columns == scorer().columns
    assert opened.packed() == path.read_bytes()


def test_there_is_no_file(tmp_path: Path):
    with pytest.raises(ModelError, match="cannot be read: No such file"):
        Scorer.open(tmp_path / "none.ember")
    with pytest.raises(ModelError, match="cannot be read"):
        Scorer.open(tmp_path)


@pytest.mark.parametrize("foreign", [b"", b"PAR1", b"\x80\x04\x95 a pickle", b"EMBSCOR", b"{}" * 1000])
def test_foreign_files_are_refused(tmp_path: Path, foreign: bytes):
    (tmp_path / "x").write_bytes(foreign)
    with pytest.raises(ModelError, match="is no exported model"):
        Scorer.open(tmp_path / "x")


def test_every_cut_is_noticed(path: Path):
    whole = path.read_bytes()
    for length in range(8, len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(ModelError, match="cut short"):
            Scorer.open(path)
    path.write_bytes(whole + b"\0")
    with pytest.raises(ModelError, match="longer than it says"):
        Scorer.open(path)


def test_every_changed_byte_is_noticed(path: Path):
    whole = path.read_bytes()
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1
        path.write_bytes(changed)
        with pytest.raises(ModelError):
            Scorer.open(path)


def test_another_version_is_named(path: Path):
    whole = bytearray(path.read_bytes())
    whole[8:12] = struct.pack("<I", 2)
    path.write_bytes(whole)
    with pytest.raises(ModelError, match="is of version 2; this Emberlake reads version 1"):
        Scorer.open(path)


def test_a_changed_threshold_changes_the_checksum(path: Path):
    whole = path.read_bytes()
    threshold = struct.pack("<d", 2.5)
    assert whole.count(threshold) == 1
    path.write_bytes(whole.replace(threshold, struct.pack("<d", 2.6)))
    with pytest.raises(ModelError, match="was changed after it was written"):
        Scorer.open(path)


def _set(name: str, place: int, value: float):
    def change(_document, arrays):
        arrays[name][place] = value

    return change


def _children_first(_document, arrays):
    """One whole tree, but its root comes last."""
    arrays.update(
        roots=np.array([2], np.int32), kind=np.array([0, 0, 1], np.uint8), feature=np.zeros(3, np.int32),
        value=np.zeros(3), left=np.zeros(3, np.int32), right=np.array([0, 0, 1], np.int32),
        holds_left=np.zeros(3, np.uint8), category_ends=np.zeros(3, np.int32), categories=np.empty(0, np.int32),
    )  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        _children_first,
        _set("left", 0, 0),  # itself
        _set("left", 2, 1),  # one that is before
        _set("right", 0, 3),  # one with another parent
        _set("left", 0, 99),
        _set("right", 5, -1),
        _set("feature", 0, 3),
        _set("feature", 5, -1),
        _set("roots", 1, 4),
        _set("kind", 0, 3),
        _set("kind", 0, 1),  # a number's test that has categories
        _set("value", 1, np.nan),
        _set("categories", 0, -1),
        _set("category_ends", 0, 1),
        _set("category_ends", 7, 3),
        lambda _d, arrays: arrays.update(roots=arrays["roots"][:0]),
        lambda _d, arrays: arrays.update(left=arrays["left"][:-1]),
    ],
)
def test_trees_that_are_not_whole_are_refused(path: Path, change):
    with pytest.raises(ModelError, match="trees are not whole"):
        Scorer.open(rewritten(path, change))


def test_a_tree_of_a_million_levels_is_refused(path: Path):
    inner = 100_000
    kind = np.array([1, 0] * inner + [0], np.uint8)
    nodes = len(kind)
    chain = np.arange(nodes, dtype=np.int32)

    def change(_document, arrays):
        arrays.update(
            roots=np.array([0], np.int32), kind=kind, feature=chain * 0, value=np.zeros(nodes),
            left=np.where(kind == 1, chain + 1, 0).astype(np.int32),
            right=np.where(kind == 1, chain + 2, 0).astype(np.int32),
            holds_left=np.zeros(nodes, np.uint8), category_ends=chain * 0, categories=np.empty(0, np.int32),
        )  # fmt: skip

    with pytest.raises(ModelError, match="trees are not whole"):
        Scorer.open(rewritten(path, change))


@pytest.mark.parametrize(
    "change",
    [
        lambda d, _a: d.update(features=2),
        lambda d, _a: d.update(vector="other"),
        lambda d, _a: d.update(link="exec"),
        lambda d, _a: d.update(more=1),
        lambda d, _a: d.pop("stages"),
        lambda d, _a: d["stages"][0].update(op="eval"),
        lambda d, _a: d["stages"][0].update(inputs=["nowhere"]),
        lambda d, _a: d["stages"][0].update(inputs=["basket"]),
        lambda d, _a: d["stages"][0].update(labels=[]),
        lambda d, _a: d["stages"][1].update(inputs=["country", "basket", "items"]),
        lambda d, _a: d["stages"][1].update(sizes=[None, None, 4]),
        lambda d, _a: d["columns"][1].update(type="object"),
        lambda d, _a: d["columns"][1].update(type="decimal(99,2)"),
        lambda _d, a: a.update(more=np.zeros(1)),
        lambda _d, a: a.pop("left"),
        lambda _d, a: a.update(left=a["left"].astype(np.float64)),
    ],
)
def test_documents_of_another_shape_are_refused(path: Path, change):
    with pytest.raises(ModelError, match="is not what an exported model is"):
        Scorer.open(rewritten(path, change))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["arrays", "stages", "x"]), inner),
        max_leaves=8,
    )
)
def test_any_document_is_refused_with_a_sentence(path: Path, document):
    text = json.dumps(document).encode()
    head = HEAD.pack(b"EMBSCORE", 1, len(text), 0, hashlib.sha256(text).digest())
    path.write_bytes(head + text)
    with pytest.raises(ModelError):
        Scorer.open(path)


@st.composite
def grown(draw, features: int = 3, categories: int = 5):
    """Random trees of whole shape over two numbers and a category."""
    arrays: dict[str, list] = {name: [] for name in ("kind", "feature", "value", "left", "right", "holds", "ends")}
    listed: list[int] = []

    def grow(depth: int) -> int:
        node = len(arrays["kind"])
        kind = draw(st.sampled_from([0, 1, 2])) if depth < 4 else 0
        for name in arrays:
            arrays[name].append(0)
        arrays["kind"][node] = kind
        arrays["value"][node] = draw(st.integers(-4, 4)) / 2 if kind != 2 else 0.0
        if kind == 2:
            chosen = draw(st.sets(st.integers(0, categories - 1), min_size=1))
            listed.extend(sorted(chosen))
            arrays["holds"][node] = draw(st.integers(0, 1))
        arrays["ends"][node] = len(listed)
        if kind:
            arrays["feature"][node] = 0 if kind == 2 else draw(st.integers(1, features - 1))
            arrays["left"][node] = grow(depth + 1)
            arrays["right"][node] = grow(depth + 1)
        return node

    roots = [grow(0) for _ in range(draw(st.integers(1, 4)))]
    from emberlake.models.scoring.forest import Forest

    return Forest(
        features=features, combine=draw(st.sampled_from(["mean", "sum"])), link="identity",
        roots=np.array(roots, np.int32), kind=np.array(arrays["kind"], np.uint8),
        feature=np.array(arrays["feature"], np.int32), value=np.array(arrays["value"], np.float64),
        left=np.array(arrays["left"], np.int32), right=np.array(arrays["right"], np.int32),
        holds_left=np.array(arrays["holds"], np.uint8), category_ends=np.array(arrays["ends"], np.int32),
        categories=np.array(listed, np.int32),
    )  # fmt: skip


def read_by_hand(trees, vector: list[float]) -> float:
    """The definition of a tree, straight from its arrays."""
    total = 0.0
    begins = np.concatenate([[0], trees.category_ends[:-1]])
    for node in trees.roots:
        while trees.kind[node]:
            value = vector[trees.feature[node]]
            if trees.kind[node] == 1:
                left = value <= trees.value[node]
            else:
                held = value in trees.categories[begins[node] : trees.category_ends[node]].tolist()
                left = held == bool(trees.holds_left[node])
            node = (trees.left if left else trees.right)[node]
        total += trees.value[node]
    return total / len(trees.roots) if trees.combine == "mean" else total


# A null one-hot vector that is kept becomes NaN, in places of categories too.
CATEGORIES = st.sampled_from([*range(7), float("nan")])
NUMBERS = st.sampled_from([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0, float("nan"), float("inf"), 0.5000000000000001])


@given(grown(), st.lists(st.tuples(CATEGORIES, NUMBERS, NUMBERS), min_size=1, max_size=20))
def test_random_trees_are_walked_as_they_are_defined(trees, rows):
    vectors = np.array(rows, np.float64)
    expected = [read_by_hand(trees, vector) for vector in vectors.tolist()]
    assert [trees.checked().one(vector) for vector in vectors.tolist()] == expected
    assert trees.many(vectors).tolist() == expected


def test_one_leaf_is_a_tree():
    trees = forest()
    single = type(trees)(
        **{
            **vars(trees), "roots": np.array([0], np.int32), "kind": np.zeros(1, np.uint8),
            "feature": np.zeros(1, np.int32), "value": np.array([4.5]), "left": np.zeros(1, np.int32),
            "right": np.zeros(1, np.int32), "holds_left": np.zeros(1, np.uint8),
            "category_ends": np.zeros(1, np.int32), "categories": np.empty(0, np.int32),
        }
    )  # fmt: skip
    assert scorer(trees=single.checked()).score(row()) == 4.5
    assert scorer(trees=single).score_batch(pa.table({"country": ["DE"], "basket": [1.0], "items": [1]})).tolist() == [
        4.5
    ]
