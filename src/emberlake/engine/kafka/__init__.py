"""Kafka: how to reach it, and the broker of our own."""

from emberlake.engine.kafka.connection import Connection

__all__ = ["Connection"]
