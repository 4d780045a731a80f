"""A memory that never grows beyond its limit: what was not used for longest is forgotten first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Recent(Generic[Value]):
    """Values by key, in the order of their last use.

    A stream never ends, so whatever it remembers of customers, products or visits needs a bound. What is forgotten
    depends on the order of the events alone, never on the clock: a restart forgets the same.

    Args:
        most: how many keys are kept.
        new: what an unknown key begins with.
    """

    def __init__(self, most: int, new: Callable[[], Value]) -> None:
        self.most = most
        self._new = new
        self._values: dict[int, Value] = {}

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, key: int) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[int]:
        """Keys, the one that was used longest ago first."""
        return iter(self._values)

    def peek(self, key: int) -> Value | None:
        """The value of a key, without using it; None: unknown."""
        return self._values.get(key)

    def use(self, key: int) -> Value:
        """The value of a key, made if it is unknown, and now the last to be forgotten."""
        value = self._values.pop(key, None)
        if value is None:
            value = self._new()
            while len(self._values) >= self.most:
                del self._values[next(iter(self._values))]
        self._values[key] = value
        return value

    def drop(self, key: int) -> Value | None:
        """Take a key out."""
        return self._values.pop(key, None)

    def items(self) -> list[tuple[int, Value]]:
        """All, the one that was used longest ago first."""
        return list(self._values.items())

    def put(self, items: list[tuple[int, Value]]) -> None:
        """Bring back what `items` gave."""
        self._values = dict(items)
