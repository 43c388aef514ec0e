"""Shares with their 95% interval (Wilson 1927). In: a part, the whole. Out: numbers or text.

wilson(95, 100)  ->  (0.888, 0.978)
share(95, 100)   ->  "0.950 [0.888, 0.978]"
"""

import math

_Z = 1.96


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The score interval of part / whole; `whole` is not 0."""
    rate, square = part / whole, _Z**2 / whole
    middle = rate + square / 2
    spread = _Z * math.sqrt(rate * (1 - rate) / whole + square / whole / 4)
    low, high = ((middle + sign * spread) / (1 + square) for sign in (-1, 1))
    return max(0.0, low), min(1.0, high)


def share(part: int, whole: int) -> str:
    """ "share [low, high]"; "-" of nothing."""
    if not whole:
        return "-"
    low, high = wilson(part, whole)
    return f"{part / whole:.3f} [{low:.3f}, {high:.3f}]"
