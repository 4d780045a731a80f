"""Orders of a lake, sent to Kafka at a steady rate.

python -m bench.live_orders ROOT BOOTSTRAP TOPIC PARTITIONS RATE SECONDS LINGER_MS
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

ORDERS = 2_000
# Within one step the producer falls behind its rate by at most so long.
_STEP_S = 0.0005


def bodies(root: Path) -> list[tuple[str, bytes]]:
    """The lake's newest orders as key and message, but for the closing `"sent_at": …}`."""
    from deltalake import DeltaTable

    def table(name: str) -> Any:
        return DeltaTable(root / "lake" / "silver" / name).to_pyarrow_table()

    orders = table("orders").sort_by([("ordered_at", "descending")]).slice(0, ORDERS)
    kept = {number: [] for number in orders["order_id"].to_pylist()}
    for line in table("order_items").select(
        ["order_id", "line", "product_id", "quantity", "unit_price", "discount"]
    ).to_pylist():  # fmt: skip
        if (number := line.pop("order_id")) in kept:
            kept[number].append(line)
    hidden = ("source_key", "is_late", "month", "_load_id")
    made = []
    for order in orders.drop_columns([name for name in hidden if name in orders.column_names]).to_pylist():
        text = json.dumps(order | {"lines": kept[order["order_id"]]}, default=_plain)
        made.append((str(order["user_id"]), text[:-1].encode() + b', "sent_at": "'))
    return made


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value.isoformat()


def send(
    root: Path, bootstrap: str, topic: str, partitions: int, rate: int, seconds: float, linger: int
) -> dict[str, float]:  # fmt: skip
    """Send, and say how many and at which rate."""
    from confluent_kafka import Producer

    orders = bodies(root)
    producer = Producer(
        {"bootstrap.servers": bootstrap, "linger.ms": linger, "queue.buffering.max.messages": 1_000_000}
    )
    begun, sent, total = time.perf_counter(), 0, int(rate * seconds)
    while sent < total:
        due = min(total, int((time.perf_counter() - begun) * rate) + 1)
        for number in range(sent, due):
            key, body = orders[number % len(orders)]
            now = datetime.now(UTC).isoformat(timespec="microseconds").encode()
            producer.produce(topic, key=key, value=body + now + b'"}', partition=number % partitions)
        sent = due
        producer.poll(0)
        time.sleep(_STEP_S)
    took = time.perf_counter() - begun
    producer.flush()
    return {"sent": sent, "rate": round(sent / took, 1)}


if __name__ == "__main__":
    folder, where, into, spread, a_second, long, wait = sys.argv[1:]
    print(json.dumps(send(Path(folder), where, into, int(spread), int(a_second), float(long), int(wait))))
