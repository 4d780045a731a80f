"""`emberlake doctor`: does a little of the real work on this machine, and says what is in the way."""

from emberlake.engine.doctor.diagnosis import Check, Diagnosis, Status, Verdict
from emberlake.engine.doctor.examination import examine

__all__ = ["Check", "Diagnosis", "Status", "Verdict", "examine"]
