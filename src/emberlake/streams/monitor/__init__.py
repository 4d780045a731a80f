"""What streams say about themselves: figures in a table and on a Prometheus endpoint, and alerts.

Public: `Monitor` (in a stream's process), `History` and `open_alerts` (for whoever looks on), `read_thresholds`.
"""

from emberlake.streams.monitor.alerts import clear_alerts, open_alerts
from emberlake.streams.monitor.history import History
from emberlake.streams.monitor.monitor import Monitor
from emberlake.streams.monitor.thresholds import ALERTS, read_thresholds

__all__ = ["ALERTS", "History", "Monitor", "clear_alerts", "open_alerts", "read_thresholds"]
