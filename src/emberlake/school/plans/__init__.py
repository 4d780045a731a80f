"""Physical plans: read from classic Spark and Spark Connect alike, drawn, and said in plain words."""

from emberlake.school.plans.explain import Explained, explain_plan
from emberlake.school.plans.node import Node, Plan
from emberlake.school.plans.reading import read_plan
from emberlake.school.plans.text import parse

__all__ = ["Explained", "Node", "Plan", "explain_plan", "parse", "read_plan"]
