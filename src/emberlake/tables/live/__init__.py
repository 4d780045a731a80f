"""Tables that streams write, each kept up by one stream."""

from __future__ import annotations

from emberlake.tables.live.landing import LANDING_TABLES
from emberlake.tables.live.monitor import MONITOR_TABLES
from emberlake.tables.live.online import ONLINE_TABLES
from emberlake.tables.live.scores import SCORING_TABLES
from emberlake.tables.live.windows import WINDOW_TABLES

LIVE_TABLES = (*LANDING_TABLES, *MONITOR_TABLES, *ONLINE_TABLES, *SCORING_TABLES, *WINDOW_TABLES)
