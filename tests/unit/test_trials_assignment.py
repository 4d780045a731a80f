"""Assignment: stable, in the planned shares, and independent from one trial to the next."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, chisquare

from emberlake.trials.assignment import bucket, edges, variant_of

HALF = {"control": 0.5, "treatment": 0.5}
USERS = range(1, 20_001)


def test_a_bucket_is_eight_hex_digits_of_the_digest():
    assert bucket(7, "checkout") == int(hashlib.sha256(b"checkout:7").hexdigest()[:8], 16)
    # Worked out with `printf 'checkout:7' | sha256sum`, so that a change of the formula cannot pass.
    assert f"{bucket(7, 'checkout'):08x}" == "94581948"


@pytest.mark.parametrize("user", [1, 2, 7, 4999, 123_456_789, 3_999_999_999])
def test_the_multiplicative_bucket_is_the_documented_one(user):
    assert bucket(user, "", "multiplicative") == (user * 2654435761) % 4294967296
    upper = (user * 2654435761) % 4294967296 >= 2147483648
    assert variant_of(user, HALF, "", "multiplicative") == ("treatment" if upper else "control")


@pytest.mark.parametrize(
    "shares", [HALF, {"control": 0.8, "a": 0.1, "b": 0.1}, {"control": 0.34, "a": 0.33, "b": 0.33}]
)
@pytest.mark.parametrize("salt", ["one", "two", "three"])
def test_the_shares_are_met(shares, salt):
    got = [variant_of(user, shares, salt) for user in USERS]
    counts = [got.count(name) for name in shares]
    assert chisquare(counts, [share * len(got) for share in shares.values()]).pvalue > 0.001


def test_two_trials_know_nothing_of_each_other():
    for pair in (("one", "two"), ("checkout", "checkout-2"), ("a", "b")):
        table = np.zeros((2, 2))
        for user in USERS:
            first, second = (variant_of(user, HALF, salt) == "treatment" for salt in pair)
            table[int(first), int(second)] += 1
        assert chi2_contingency(table).pvalue > 0.001, pair


def test_without_a_salt_two_trials_share_their_users():
    # Why the multiplicative hash is only for experiments that were assigned by it elsewhere.
    both = [(variant_of(u, HALF, "one", "multiplicative"), variant_of(u, HALF, "two", "multiplicative")) for u in USERS]
    assert all(first == second for first, second in both)


def test_the_order_of_the_users_is_of_no_matter():
    forward = {user: variant_of(user, HALF, "x") for user in range(500)}
    backward = {user: variant_of(user, HALF, "x") for user in reversed(range(500))}
    assert forward == backward


@given(user=st.integers(-(2**63), 2**63 - 1), salt=st.text(max_size=20), cut=st.floats(0.01, 0.98))
def test_who_moves_when_a_share_grows_moves_to_the_one_that_grew(user, salt, cut):
    before = variant_of(user, {"control": cut + 0.01, "treatment": 0.99 - cut}, salt)
    after = variant_of(user, {"control": cut, "treatment": 1 - cut}, salt)
    assert (before, after) != ("treatment", "control")


def test_the_last_variant_takes_what_rounding_leaves():
    assert edges([0.1] * 10)[-1] == 2**32
    assert edges([0.8, 0.1, 0.1])[0] == round(0.8 * 2**32)
