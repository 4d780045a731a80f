# %% [markdown]
# # 5.2 Words in names
#
# `map` makes one element of each element. `flatMap` expects several of each (a list, a generator) and lays them all
# out in one RDD: lines become words, orders become lines.
#
# Names in `silver.products` are words with a space between them, such as `Urban Helmet`.
#
# **Goal.** Return a dictionary: each word, in small letters, with the number of products whose name has it. A word
# that a name has twice counts once for it.

# %%
def answer(spark, lake):
    names = lake.read("silver.products").select("name").rdd
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
print(answer(spark, lake))

# %%
check("5.2", answer)
