"""`all` answers to the end: the challenger was better by more than the margin in some blocks, and never took over.
Let them change places."""

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
    served = [(block, "all", everything) for block, everything, _ in losses(lake)]
    return spark.createDataFrame(served, "block int, champion string, loss double")
