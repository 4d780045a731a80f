"""Blocks: the same numbers everywhere and for ever, and totals that are exact for any scale."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from emberlake.errors import SettingsError
from emberlake.synth import shop_files
from emberlake.synth.block import make_block
from emberlake.synth.catalogue import catalogue
from emberlake.synth.catalogue_rows import price_rows, product_rows
from emberlake.synth.columns import TABLES, to_arrow
from emberlake.synth.dirt import KINDS
from emberlake.synth.draws import Draws, exponential_milli, normal_milli, table_of
from emberlake.synth.plan import BLOCK_USERS, Shop


def digest(rows: dict[str, np.ndarray]) -> str:
    """Over names and values; whole numbers as 64 bits, so that a platform's own default does not count."""
    found = hashlib.sha256()
    for name, values in rows.items():
        wide = values if values.dtype == np.float64 else values.astype("<i8")
        found.update(name.encode() + np.ascontiguousarray(wide).tobytes())
    return found.hexdigest()[:16]


# A change here is a change of every shop: raise `plan.GENERATOR` with it.
GOLDEN = {
    "users": "9e60693a6d9e1ff1",
    "addresses": "6362710d29da3f78",
    "orders": "32f2c3bf9ef33000",
    "order_items": "4831e97c39d1e457",
    "payments": "dda15977f5e58104",
    "returns": "11f62e7b7f21c8a2",
    "inventory": "a21afbc291dcce19",
    "events": "480b4da5ec9ba9af",
    "follows": "371216bb59872740",
    "ratings": "3a7558efda4c774b",
    "legacy": "254de4fb27ad566f",
    "app": "e808ebb997be6c39",
    "truth": "4dc670653437828e",
    "odd_orders": "a9408083b0a239f7",
    "products": "9b635b8ec7008096",
    "prices": "0009559cd76bb098",
}


def test_a_tiny_shop_has_the_values_it_has_always_had():
    block = make_block(Shop(42, 0.06), 0)
    found = {table: digest(block.tables[table]) for table in TABLES}
    found |= {"legacy": digest(block.legacy), "app": digest(block.app), "truth": digest(block.truth)}
    found |= {"odd_orders": digest(block.odd)}
    stock = catalogue(42)
    found |= {"products": digest(product_rows(stock)), "prices": digest(price_rows(stock))}
    assert found == GOLDEN


def philox(counter: int, key: tuple[int, int]) -> list[int]:
    """Philox4x64-10, written from its paper (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011)."""
    low = 2**64 - 1
    (a, b, c, d), (k0, k1) = (counter & low, counter >> 64, 0, 0), key
    for _ in range(10):
        left, right = 0xD2E7470EE14C6C93 * a, 0xCA5A826395121157 * c
        a, b, c, d = (right >> 64) ^ b ^ k0, right & low, (left >> 64) ^ d ^ k1, left & low
        k0, k1 = (k0 + 0x9E3779B97F4A7C15) & low, (k1 + 0xBB67AE8584CAA73B) & low
    return [a, b, c, d]


def test_words_are_philox_as_published():
    # numpy counts up before it draws: the first counter is 1.
    words = [word for counter in (1, 2) for word in philox(counter, (42 | 3 << 32, 7))]
    assert Draws(42, 3, 7).u32(16).tolist() == [half for word in words for half in (word & 0xFFFFFFFF, word >> 32)]


def test_another_seed_is_another_shop():
    one, other = make_block(Shop(1, 0.01), 0), make_block(Shop(2, 0.01), 0)
    assert all(digest(one.tables[table]) != digest(other.tables[table]) for table in TABLES)


def test_a_block_does_not_depend_on_which_was_made_before():
    shop = Shop(7, 0.6)
    alone = make_block(shop, 2)
    for number in (1, 0, 2):
        again = make_block(shop, number)
    assert {t: digest(r) for t, r in alone.tables.items()} == {t: digest(r) for t, r in again.tables.items()}


def test_inverse_tables_have_the_moments_of_their_distributions():
    assert abs(normal_milli().mean()) < 1 and normal_milli().std() == pytest.approx(1000, rel=0.01)
    assert exponential_milli().mean() == pytest.approx(1000, rel=0.01)
    assert np.bincount(table_of((1, 2, 1))).tolist() == [1024, 2048, 1024]


@given(n=st.integers(0, 200), size=st.integers(1, 300))
def test_some_are_distinct_and_rising_while_there_are_enough(n, size):
    chosen = Draws(1, 1, 1).some(n, size)
    assert len(chosen) == n and (chosen >= 0).all() and (chosen < size).all()
    if n <= size:
        assert (np.diff(chosen) > 0).all()


@given(n=st.integers(0, 500))
def test_shuffled_is_a_permutation(n):
    assert sorted(Draws(3, 1, 2).shuffled(n).tolist()) == list(range(n))


@given(scale=st.floats(0.0001, 300))
def test_blocks_and_files_share_out_all_users_and_all_dirt(scale):
    shop = Shop(1, scale)
    assert sum(shop.users_in(block) for block in range(shop.blocks)) == shop.users
    assert min(shop.users_in(block) for block in range(shop.blocks)) >= 1
    assert [b for file_no in shop_files(scale) for b in shop.blocks_in(file_no)] == list(range(shop.blocks))
    for kind in KINDS:
        assert sum(shop.share(block, kind.per_thousand_users) for block in range(shop.blocks)) == kind.rows(shop)


@hypothesis_settings(max_examples=25, deadline=None)
@given(users=st.integers(1, BLOCK_USERS + 300), seed=st.integers(0, 2**32 - 1))
def test_a_shop_of_any_size_is_whole(users, seed):
    shop = Shop(seed, users / 10_000)
    assert shop.users == users
    blocks = [make_block(shop, number) for number in range(shop.blocks)]
    ids = np.concatenate([np.unique(block.tables["users"]["user_id"]) for block in blocks])
    assert ids.tolist() == list(range(1, users + 1))
    orders = np.concatenate([b.tables["orders"]["order_id"] for b in blocks] + [b.legacy["order_id"] for b in blocks])
    clean = {kind.kind: kind.rows(shop) for kind in KINDS if kind.table == "orders"}
    faulty = ("missing_user", "missing_amount", "malformed_amount", "malformed_date", "malformed_id")
    fresh = sum(clean[kind] for kind in (*faulty, "negative_amount", "in_the_future", "unknown_user"))
    again = sum(clean[kind] for kind in ("duplicate", "stale_version", "update"))
    assert len(orders) == 5 * users + fresh + again
    assert len(np.unique(orders)) == 5 * users + fresh
    kinds = np.concatenate([block.odd["kind"] for block in blocks])
    # One in 333 users has a large order, one in 500 a burst of six, one in 250 an order from abroad.
    assert np.bincount(kinds, minlength=3).tolist() == [users * 3 // 1000, users * 2 // 1000 * 6, users * 4 // 1000]
    for block in blocks:
        for table in TABLES:
            assert to_arrow(table, block.tables[table]).num_rows == len(next(iter(block.tables[table].values())))


def test_a_scale_is_read_as_it_is_written():
    assert Shop(0, 0.29).users == 2900
    assert Shop(0, 200.0).orders == 10_000_000
    assert len(shop_files(200)) == 20


def test_a_scale_without_a_user_is_refused():
    with pytest.raises(SettingsError, match="no user"):
        Shop(0, 0.00001)
