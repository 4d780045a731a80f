# %% [markdown]
# # 8.8 Champion and challenger
#
# Two models learn from the same events: the champion answers, the challenger is only judged. Who is better is seen
# over many events, and one who is a little better today may be worse tomorrow: a margin keeps them from taking turns
# at every block (a larger one, or more events, would do so better). A promotion holds for what comes. Whoever picks
# for each block the model that was better in it looks good on paper, and nobody could have known.
#
# **Goal.** `losses(lake)` gives for each block what both models cost. The champion is `all` at first. After each
# block: if the challenger's loss in it was lower than the champion's by more than the share `MARGIN` of the
# champion's loss, they change places from the next block on. Return a DataFrame of `block`, `champion` (who answered in
# it) and `loss` (what that one cost in it): `spark.createDataFrame(rows, "block int, champion string, loss double")`.

# %%


BLOCK, MARGIN = 250, 0.01


def losses(lake):
    """What each block of 250 orders cost two models: (block, mean loss of "all", mean loss of "recent").

    "all" foretells the mean of all orders before, "recent" that of the last 100. From the middle on orders are worth
    three times as much, and in the last quarter what they were.
    """
    rows = lake.read("silver.orders").orderBy("ordered_at", "order_id").select("amount").collect()
    quarter = len(rows) // 4
    amounts = [float(row.amount) * (3 if 2 * quarter <= place < 3 * quarter else 1) for place, row in enumerate(rows)]
    found, total, last = {}, 0.0, 0.0
    for place, came in enumerate(amounts):
        everything = total / place if place else 0.0
        recent = last / min(place, 100) if place else 0.0
        costs = found.setdefault(place // BLOCK, [0, 0.0, 0.0])
        costs[0], costs[1], costs[2] = costs[0] + 1, costs[1] + abs(came - everything), costs[2] + abs(came - recent)
        total, last = total + came, last + came - (amounts[place - 100] if place >= 100 else 0.0)
    return [(block, a / n, b / n) for block, (n, a, b) in sorted(found.items())]


def answer(spark, lake):
    costs = losses(lake)
    ...


# %% Try it
# From here on nothing is run by a check: look around as you like.
from emberlake.school import check, desk

spark, lake = desk()
answer(spark, lake).show()

# %%
check("8.8", answer)
