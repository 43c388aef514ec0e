"""Compiled loops from token hashes to sets of shingle hashes. In and out: NumPy arrays.

    distinct_shingles(tokens, starts, size)   ->  (sorted distinct hashes, documents' offsets)

Ragged arrays are (values, offsets): document i is `values[offsets[i]:offsets[i + 1]]`. Everything
is linear in the tokens, whatever they are, and releases the GIL. (`numpy.sort` is up to twice as
fast, but would have to be called for each document, and gives up and takes the GIL each time.)
"""

import numpy as np

from transforms.dedup.arrays import I64, U64
from transforms.dedup.compiled import compiled
from transforms.dedup.kernels_tokens import mix64

# Knuth's multiplier of MMIX: 5 modulo 8, so that its powers differ as much as they can.
BASE = np.uint64(6364136223846793005)
_DIGIT = 11
"""Bits by which values are spread at once; 2,048 counters fit the first-level cache."""
_PATIENCE = 16
"""Mean comparisons per value from which order is not that of hashes, which need two."""


@compiled
def distinct_shingles(tokens: U64, starts: I64, size: int) -> tuple[U64, I64]:
    """The set of each document; of one of fewer than `size` tokens a single 0, to be filled in."""
    count = len(starts) - 1
    longest = 0
    for document in range(count):
        longest = max(longest, starts[document + 1] - starts[document])
    shingles = np.empty(len(tokens) + count, np.uint64)
    offsets = np.zeros(count + 1, np.int64)
    rolled = np.empty(longest + 1, np.uint64)
    spare = np.empty(longest + 1, np.uint64)
    counters = np.empty(1 << _DIGIT, np.int64)
    found = 0
    for document in range(count):
        start, end = starts[document], starts[document + 1]
        if end - start < size:
            shingles[found] = 0
            found += 1
        else:
            num_shingles = roll(tokens[start:end], size, rolled)
            found += _distinct(rolled[:num_shingles], spare, counters, shingles[found:])
        offsets[document + 1] = found
    return shingles[:found], offsets


@compiled
def roll(tokens: U64, size: int, rolled: U64) -> int:
    """Writes the hash of each `size` tokens in a row; how many.

    A polynomial of the token hashes modulo 2^64 (Karp and Rabin 1987), spread by `mix64`: the cost
    does not depend on `size`.
    """
    highest = np.uint64(1)
    state = np.uint64(0)
    for i in range(size):
        highest *= BASE
        state = state * BASE + tokens[i]
    rolled[0] = mix64(state)
    for i in range(size, len(tokens)):
        state = state * BASE + tokens[i] - tokens[i - size] * highest
        rolled[i - size + 1] = mix64(state)
    return len(tokens) - size + 1


@compiled
def _distinct(values: U64, spare: U64, counters: I64, target: U64) -> int:
    """Writes the values sorted and without repeats; how many. Overwrites `values` and `spare`.

    Hashes that are spread by their first bits, about as many as tell them apart, lie within a few
    places of where they belong.
    """
    count = len(values)
    width = 1
    while width < _DIGIT and (1 << width) < count:
        width += 1
    _spread(values, spare, 64 - width, width, counters)
    if count <= 1 << (_DIGIT + 2):
        found = _insert(spare[:count], target)
    else:
        # The second digit before the first, as in any radix sort from the least digit on.
        _spread(values, spare, 64 - 2 * _DIGIT, _DIGIT, counters)
        _spread(spare[:count], values, 64 - _DIGIT, _DIGIT, counters)
        found = _insert(values, target)
    if found < 0:
        found = _sort_whole(values, spare, counters, target)
    return found


@compiled
def _spread(values: U64, target: U64, shift: int, width: int, counters: I64) -> None:
    """Writes the values ordered by `width` bits from `shift` on, else in their old order."""
    mask = np.uint64((1 << width) - 1)
    places = counters[: 1 << width]
    places[:] = 0
    for value in values:
        places[np.int64((value >> np.uint64(shift)) & mask)] += 1
    first = np.int64(0)
    for place in range(len(places)):
        first = first + places[place]
        places[place] = first - places[place]
    for value in values:
        digit = np.int64((value >> np.uint64(shift)) & mask)
        target[places[digit]] = value
        places[digit] += 1


@compiled
def _insert(values: U64, target: U64) -> int:
    """Insertion sort into another array without repeats; -1 if it takes more than linear time."""
    found = 0
    patience = _PATIENCE * len(values) + 1000
    for value in values:
        place = found
        while place > 0 and target[place - 1] > value:
            place -= 1
        patience -= found - place
        if patience < 0:
            return -1
        if place > 0 and target[place - 1] == value:
            continue
        for i in range(found, place, -1):
            target[i] = target[i - 1]
        target[place] = value
        found += 1
    return found


@compiled
def _sort_whole(values: U64, spare: U64, counters: I64, target: U64) -> int:
    """Radix sort by all bits, for values that someone has made to collide."""
    spare = spare[: len(values)]
    for shift in range(0, 66, 2 * _DIGIT):
        _spread(values, spare, shift, _DIGIT, counters)
        _spread(spare, values, shift + _DIGIT, min(_DIGIT, 64 - shift - _DIGIT), counters)
    found = 0
    for value in values:
        if found == 0 or target[found - 1] != value:
            target[found] = value
            found += 1
    return found
