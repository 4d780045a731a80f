"""The detector sees errors and not values; what it finds makes the model begin anew."""

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
        said = total / seen if seen else came
        detector.update(came - said)
        total, seen = total + came, seen + 1
        if detector.drift_detected:
            drifts.append(event)
            total, seen = 0.0, 0
    return {"drifts": drifts, "mean": total / seen if seen else 0.0}
