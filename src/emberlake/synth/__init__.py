"""The seeded shop: users, products, orders, clicks and follows, and the truth about what was planted in them.

Public: `write_shop` makes it under the settings' landing folder, `truth` reads what was planted, `write_increment` adds
a later day, `write_tpch` makes TPC-H beside it, `as_made` takes up the shop that is there; `write_blocks` and
`shop_files` let a cluster share the work.
"""

from emberlake.synth.files import Written, write_blocks
from emberlake.synth.increment import Increment, write_increment
from emberlake.synth.plan import shop_files
from emberlake.synth.shop import as_made, truth, write_shop
from emberlake.synth.tpch import write_tpch
from emberlake.synth.truth import Planted, Truth

__all__ = [
    "Increment", "Planted", "Truth", "Written", "as_made",
    "shop_files", "truth", "write_blocks", "write_increment", "write_shop", "write_tpch",
]  # fmt: skip
