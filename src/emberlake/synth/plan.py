"""How large a shop of some scale is, and which block of users lies in which file. Pure arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from emberlake.errors import SettingsError

# Changing what is generated, in any way, is a new version: a shop of another one is never mixed with it.
GENERATOR = 3

USERS_AT_SCALE_1 = 10_000
ORDERS_A_USER = 5
BLOCK_USERS = 2_500
# 40 blocks are 100,000 users and half a million orders: 20 files a table at scale 200.
BLOCKS_A_FILE = 40
COMMUNITIES_A_BLOCK = 5

# Numbers that a block may use for its rows, dirty ones included; ids stay below 2³¹ up to scale 10,000 where
# libraries (Spark's ALS) want 32 bits: users and products.
ORDER_IDS = 16_000
PAYMENT_IDS = 16_000
RETURN_IDS = 8_000
MOVEMENT_IDS = 8_000
EVENT_IDS = 16_000
SESSION_IDS = 4_000
# Identifiers that nothing has: what orphans point to.
NOWHERE = 2_000_000_000


@dataclass(frozen=True)
class Shop:
    """A shop of one seed and scale.

    Raises:
        SettingsError: when the scale is too small for a single user.
    """

    seed: int
    scale: float

    def __post_init__(self) -> None:
        if self.users < 1:
            raise SettingsError(
                f"A shop of scale {self.scale:g} has no user.",
                f"Give --scale at least {1 / USERS_AT_SCALE_1:g}; 1 is {USERS_AT_SCALE_1:,} users.",
            )

    @cached_property
    def users(self) -> int:
        """Users in all."""
        # Through the decimal text, so that 0.29 is 2,900 users and not 2,899.
        return round(Fraction(str(self.scale)) * USERS_AT_SCALE_1)

    @property
    def orders(self) -> int:
        """Good orders in all, dirty rows not counted."""
        return self.users * ORDERS_A_USER

    @property
    def blocks(self) -> int:
        """Blocks of users."""
        return -(-self.users // BLOCK_USERS)

    @property
    def files(self) -> int:
        """Files of each table."""
        return -(-self.blocks // BLOCKS_A_FILE)

    def users_in(self, block: int) -> int:
        """How many users the block has."""
        return min(BLOCK_USERS, self.users - block * BLOCK_USERS)

    def blocks_in(self, file_no: int) -> range:
        """The blocks of one file."""
        return range(file_no * BLOCKS_A_FILE, min((file_no + 1) * BLOCKS_A_FILE, self.blocks))

    def share(self, block: int, per_thousand_users: int) -> int:
        """This block's part of a count that is exact over all blocks: ⌊users × rate / 1000⌋ in total."""
        before = block * BLOCK_USERS
        until = before + self.users_in(block)
        return until * per_thousand_users // 1000 - before * per_thousand_users // 1000


def shop_files(scale: float) -> list[int]:
    """The file numbers of a shop of that scale: what a cluster's tasks share out."""
    return list(range(Shop(0, scale).files))
