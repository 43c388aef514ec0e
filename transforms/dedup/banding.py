"""How many bands of how many rows. In: a threshold and a recall. Out: the cheapest that reach it.

    cheapest_banding(0.7, 0.995, 258)            ->  Banding(bands=43, rows=6)
    Banding(bands=43, rows=6).chance(0.7)        ->  0.9954
    Banding(bands=43, rows=6).chance(0.4)        ->  0.162      (pairs to check in vain)

A pair shares a band with probability 1 - (1 - s^rows)^bands (Leskovec, Rajaraman and Ullman,
"Mining of Massive Datasets", 3.4.2). More rows propose fewer pairs in vain, and need many more
bands for the same recall: so the most rows are taken that `MAX_HASHES` allows.
"""

from dataclasses import dataclass
from math import ceil, log, log1p

from schemas.errors import ConfigError

MAX_HASHES = 258
"""Longest signature that is chosen by itself; hashing is a tenth of the work at this length."""


@dataclass(frozen=True, kw_only=True)
class Banding:
    """How a signature is cut."""

    bands: int
    rows: int

    @property
    def num_perm(self) -> int:
        """Length of a signature."""
        return self.bands * self.rows

    def chance(self, similarity: float) -> float:
        """Probability that two documents of a similarity share a band."""
        return float(1 - (1 - similarity**self.rows) ** self.bands)


def bands_needed(similarity: float, rows: int, chance: float) -> int:
    """The fewest bands that find a pair with at least a chance; all under 1."""
    return ceil(log(1 - chance) / log1p(-(similarity**rows)))


def cheapest_banding(threshold: float, recall: float, max_hashes: int) -> Banding:
    """The most rows, with the fewest bands for the recall, within a signature's length.

    Raises ConfigError where even one row a band needs a longer signature.
    """
    similarity = min(threshold, 1 - 1e-9)
    best = None
    for rows in range(1, max_hashes + 1):
        bands = bands_needed(similarity, rows, recall)
        if bands * rows > max_hashes:
            break
        best = Banding(bands=bands, rows=rows)
    if best is None:
        raise ConfigError(
            f"dedup: no signature of {max_hashes} hashes finds {recall:.1%} of pairs at threshold "
            f"{threshold}; lower dedup.recall or give dedup.bands and dedup.rows"
        )
    return best
