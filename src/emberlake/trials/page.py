"""x"""

from emberlake.trials.reading import Reading


def page(reading: Reading) -> str:
    return ""
