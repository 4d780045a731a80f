# %% [markdown]
# # 10.1 The first rule that a row breaks
#
# Bronze keeps what came as it came: values that could not be read are null, and their text is in `_rescued`. Between
# bronze and silver stand rules. A row that breaks one is not thrown away but refused with a reason, so that somebody
# can mend the source. A comparison with null is null, and neither true nor false: a rule has to say itself what a
# missing value means.
#
# **Goal.** Return the rows of `bronze.orders` that break a rule: `_load_id`, `_row` and `rule`, the first of these
# that is broken, in this order: `readable` (`_rescued` is null), `present` (`order_id`, `user_id`, `ordered_at` and
# `amount` are given), `amount_not_negative`, `ordered_at_plausible` (1990-01-01 or later, and before 2090-01-01).
# Rows that break none are left out.

# %%
from pyspark.sql import functions as F


def answer(spark, lake):
    bronze = lake.read("bronze.orders")
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
answer(spark, lake).show()

# %%
check("10.1", answer)
