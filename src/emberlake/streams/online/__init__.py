"""Models that learn from live orders, one event after the other: predicted first, told the outcome after."""
