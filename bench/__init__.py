"""What is measured, against whom: `python -m bench` (docs/performance.md tells how)."""
