"""Kafka: how to reach it, and the broker of our own."""

from emberlake.engine.kafka.broker import BrokerStatus, broker_status, start_broker, stop_broker
from emberlake.engine.kafka.connection import Connection
from emberlake.engine.kafka.opening import connection_of, open_connection
from emberlake.engine.kafka.topics import TopicState, ensure_partitions, topic_states

__all__ = [
    "BrokerStatus",
    "Connection",
    "TopicState",
    "broker_status",
    "connection_of",
    "ensure_partitions",
    "open_connection",
    "start_broker",
    "stop_broker",
    "topic_states",
]
