"""A/B tests: who sees what, what was seen, and what it was worth."""
