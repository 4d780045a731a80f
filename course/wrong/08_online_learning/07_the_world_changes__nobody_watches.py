"""No drift is found, although orders are worth three times as much from the middle on: nobody tells the detector.
`detector.update(error)` has to be called for every event."""

import math

from river.drift import ADWIN


def stream_of_amounts(lake):
    """Amounts of all orders as logarithms, by event time; from the middle on they are worth three times as much."""
    rows = lake.read("silver.orders").orderBy("ordered_at", "order_id").select("amount").collect()
    middle = len(rows) // 2
    return [math.log1p(float(row.amount) * (3 if place >= middle else 1)) for place, row in enumerate(rows)]


def answer(spark, lake):
    detector, drifts, total, seen = ADWIN(), [], 0.0, 0
    for event, came in enumerate(stream_of_amounts(lake), 1):
        total, seen = total + came, seen + 1
        if detector.drift_detected:
            drifts.append(event)
            total, seen = 0.0, 0
    return {"drifts": drifts, "mean": total / seen if seen else 0.0}
