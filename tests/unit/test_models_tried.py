"""More features, judged on the same units: used only where they surely help."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from emberlake.models.tried import tried


def losses(values) -> pa.Table:
    return pa.table({"unit": list(range(len(values))), "loss": pa.array(values, "double")})


HARD = np.random.default_rng(1).exponential(1.0, 500)


@pytest.mark.parametrize(
    ("without", "given", "helps", "verdict"),
    [
        (HARD, HARD - 0.1, True, "it helps, and is used"),
        (HARD, HARD + 0.1, False, "it makes things worse, and is not used"),
        (HARD, HARD + np.random.default_rng(2).permutation(HARD - HARD.mean()), False, "that may be chance"),
        (HARD, HARD, False, "that may be chance"),
        (HARD[:20], HARD[:20] - 0.1, False, "too few units to tell"),
    ],
)
def test_features_are_used_only_where_they_surely_help(without, given, helps, verdict):
    found = tried("Who follows whom", losses(without), losses(given))
    assert found.helps is helps
    assert found.sentence.startswith("Who follows whom: the mean loss is ") and verdict in found.sentence


def test_the_sentence_has_both_losses_and_the_interval():
    found = tried("This", losses(np.full(100, 0.5)), losses(np.full(100, 0.25)))
    assert found.gain == 0.25
    assert "0.25 with it and 0.5 without (better by 0.25, 95% interval 0.25 to 0.25, 100 units)" in found.sentence
