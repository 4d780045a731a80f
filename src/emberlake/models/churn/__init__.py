"""Who will stay away.

Public: `CHURN`, `customers_at`.
"""

from emberlake.models.churn.features import customers_at
from emberlake.models.churn.training import CHURN

__all__ = ["CHURN", "customers_at"]
