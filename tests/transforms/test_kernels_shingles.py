"""Sorting without repeats, of hashes that lie well and of ones that were made to collide."""

import numpy as np
import pytest

from transforms.dedup.arrays import U64
from transforms.dedup.kernels_shingles import distinct_shingles

RNG = np.random.default_rng(11)


def tokens_with_hashes(hashes: U64) -> U64:
    """Token hashes whose shingles of one token have these hashes: `mix64` turned around."""
    values = hashes.copy()
    for factor in (0xC4CEB9FE1A85EC53, 0xFF51AFD7ED558CCD):
        values ^= values >> np.uint64(33)
        values *= np.uint64(pow(factor, -1, 2**64))
    return values ^ (values >> np.uint64(33))


PATTERNS = {
    "well spread": lambda count: RNG.integers(0, 2**64, count, dtype=np.uint64),
    "falling in the low bits": lambda count: np.arange(count, 0, -1, dtype=np.uint64),
    "falling in the high bits": lambda count: np.arange(count, 0, -1, dtype=np.uint64) * 2**40,
    "middle bits only": lambda count: (
        RNG.integers(0, 2**20, count, dtype=np.uint64) << np.uint64(22)
    ),
    "few, repeated": lambda count: RNG.integers(0, 3, count, dtype=np.uint64),
    "all ones": lambda count: np.full(count, 2**64 - 1, np.uint64),
}


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("count", [1, 2, 3, 40, 1500, 8192, 8193, 60_000])
def test_sets_are_sorted_and_distinct_whatever_the_hashes(pattern: str, count: int) -> None:
    hashes = np.asarray(PATTERNS[pattern](count), np.uint64)
    others = RNG.integers(0, 2**64, 50, dtype=np.uint64)
    tokens = tokens_with_hashes(np.concatenate([others, hashes, others]))
    starts = np.array([0, 50, 50 + count, 100 + count])
    shingles, offsets = distinct_shingles(tokens, starts, 1)
    expected = [np.unique(others), np.unique(hashes), np.unique(others)]
    assert np.diff(offsets).tolist() == list(map(len, expected))
    assert (shingles == np.concatenate(expected)).all()
