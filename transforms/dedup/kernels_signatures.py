"""Compiled loops from sets of shingle hashes to signatures and bands. In and out: NumPy arrays.

    sign(shingles, offsets, permutation)      ->  (documents, num_perm) uint32
    key_bands(signatures, bands=43, rows=6)   ->  (documents, 43) uint64

Ragged arrays are (values, offsets): document i is `values[offsets[i]:offsets[i + 1]]`. All loops
release the GIL.
"""

import numpy as np

from transforms.dedup.arrays import I64, U32, U64
from transforms.dedup.compiled import compiled
from transforms.dedup.kernels_shingles import BASE
from transforms.dedup.kernels_tokens import mix64

_FEW = 32
"""Up to so many shingles, permutations are done side by side rather than shingles."""
_LANES = 64
"""Shingles that the compiler does at once: a multiple of registers of 16 numbers."""
_BLOCK = 4096
"""Shingles that stay in the first-level cache for all permutations."""


@compiled
def _mix32(value: np.uint32) -> np.uint32:
    """MurmurHash3's finalizer of 32 bits, with which datasketch spreads its input."""
    value = np.uint32(np.uint32(value ^ (value >> np.uint32(16))) * np.uint32(0x85EBCA6B))
    value = np.uint32(np.uint32(value ^ (value >> np.uint32(13))) * np.uint32(0xC2B2AE35))
    return np.uint32(value ^ (value >> np.uint32(16)))


@compiled
def sign(shingles: U64, offsets: I64, permutation: U32) -> U32:
    """MinHash of the upper halves of the shingle hashes; of no shingle at all, only ones."""
    count = len(offsets) - 1
    signatures = np.full((count, permutation.shape[1]), np.uint32(0xFFFFFFFF))
    mixed = np.empty(_BLOCK, np.uint32)
    for document in range(count):
        for start in range(offsets[document], offsets[document + 1], _BLOCK):
            size = min(_BLOCK, offsets[document + 1] - start)
            for i in range(size):
                mixed[i] = _mix32(np.uint32(shingles[start + i] >> np.uint64(32)))
            if size <= _FEW:
                _sign_few(mixed[:size], permutation, signatures[document])
            else:
                _sign_block(mixed, size, permutation, signatures[document])
    return signatures


@compiled
def _sign_few(mixed: U32, permutation: U32, signature: U32) -> None:
    for value in mixed:
        for k in range(len(signature)):
            # The casts keep the product at 32 bits, so that 8 or 16 fit a vector register.
            permuted = np.uint32(value * permutation[0, k] + permutation[1, k])
            signature[k] = min(signature[k], permuted)


@compiled
def _sign_block(mixed: U32, size: int, permutation: U32, signature: U32) -> None:
    # Full lanes leave no rest that would go one by one; a repeated value changes no minimum.
    while size % _LANES:
        mixed[size] = mixed[0]
        size += 1
    for k in range(len(signature)):
        multiplier, addend = permutation[0, k], permutation[1, k]
        least = signature[k]
        for i in range(size):
            least = min(least, np.uint32(mixed[i] * multiplier + addend))
        signature[k] = least


@compiled
def key_bands(signatures: U32, bands: int, rows: int) -> U64:
    """One 64-bit key for each document and band, from the band's number and its hashes."""
    keys = np.empty((len(signatures), bands), np.uint64)
    for document in range(len(signatures)):
        for band in range(bands):
            key = np.uint64(band + 1)
            for row in range(band * rows, (band + 1) * rows):
                key = mix64(key * BASE + np.uint64(signatures[document, row]))
            keys[document, band] = key
    return keys
