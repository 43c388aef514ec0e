"""Documents as sets of shingle hashes, and their MinHash signatures. In: Arrow text. Out: arrays.

    shingles, offsets = shingle_sets(pa.array(["def f(x): return x + 1"]), size=5, min_tokens=5)
    signatures = minhash(shingles, offsets, permutations(num_perm=252, seed=1))     (1, 252) uint32
    keys = band_keys(signatures, bands=42, rows=6)                                  (1, 42) uint64

A token is a run of letters, digits and underscores, lower-cased. A shingle is `size` tokens in a
row, known by a 64-bit hash. A document of fewer than `min_tokens` tokens has one "shingle", the
hash of its whole token sequence, so it equals only documents of the same tokens; without any token
it is the hash of its text. Ragged arrays are (values, offsets): document i is
`values[offsets[i]:offsets[i + 1]]`.
"""

import hashlib
from itertools import pairwise
from math import ceil, log, log1p

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

U32 = NDArray[np.uint32]
U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]

_BETWEEN_TOKENS = r"[^\pL\pN_]+"
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


def token_hashes(texts: pa.Array) -> tuple[U64, I64]:
    """The 64-bit hash of every token, document after document, and the documents' offsets."""
    parts = pc.split_pattern_regex(pc.utf8_lower(texts), _BETWEEN_TOKENS)
    words = parts.flatten().dictionary_encode()
    # Only distinct words become Python strings: a few thousand of a batch's hundred thousands.
    hash_of_word = np.array([_hash(word) for word in words.dictionary.to_pylist()], np.uint64)
    hashes = hash_of_word[words.indices.to_numpy()]
    # Splitting leaves an empty word before the first and after the last separator.
    is_token = hashes != _hash("")
    kept_before = np.concatenate(([0], np.cumsum(is_token)))
    offsets = parts.offsets.to_numpy()
    return hashes[is_token], kept_before[offsets - offsets[0]].astype(np.int64)


def shingle_sets(texts: pa.Array, size: int, min_tokens: int) -> tuple[U64, I64, I64]:
    """Sorted distinct shingle hashes, their offsets, and the number of tokens of each document."""
    tokens, starts = token_hashes(texts)
    rolled = _roll(tokens, size)
    sets = []
    for index, (start, end) in enumerate(pairwise(starts)):
        if end - start >= min_tokens:
            sets.append(np.unique(rolled[start : end - size + 1]))
        else:
            whole = tokens[start:end].tobytes() or texts[index].as_py()
            sets.append(np.array([_hash(whole)], np.uint64))
    offsets = np.cumsum([0] + [len(items) for items in sets], dtype=np.int64)
    return np.concatenate([np.empty(0, np.uint64), *sets]), offsets, np.diff(starts)


def permutations(num_perm: int, seed: int) -> U32:
    """The multipliers and addends of datasketch's "affine32" scheme: (2, num_perm)."""
    from datasketch import MinHash

    made = MinHash(num_perm=num_perm, seed=seed & 0xFFFFFFFF, scheme="affine32").permutations
    return np.asarray(made, np.uint32)


def minhash(shingles: U64, offsets: I64, permutation: U32) -> U32:
    """Signatures (documents, num_perm), bit for bit those of datasketch 2.0 with "affine32".

    What datasketch would call the hash function is the upper half of the 64-bit shingle hash.
    All documents go through one permutation at a time, since that needs no loop over documents.
    No document may be without a shingle.
    """
    hashes = _mix32((shingles >> np.uint64(32)).astype(np.uint32))
    signatures = np.empty((permutation.shape[1], len(offsets) - 1), np.uint32)
    permuted = np.empty_like(hashes)
    for row, (multiplier, addend) in zip(signatures, permutation.T, strict=True):
        np.multiply(hashes, multiplier, out=permuted)
        np.add(permuted, addend, out=permuted)
        np.minimum.reduceat(permuted, offsets[:-1], out=row)
    return np.ascontiguousarray(signatures.T)


def band_keys(signatures: U32, bands: int, rows: int) -> U64:
    """One 64-bit key for each document and band: (documents, bands)."""
    cut = signatures.reshape(len(signatures), bands, rows).astype(np.uint64)
    keys = np.broadcast_to(np.arange(1, bands + 1, dtype=np.uint64), cut.shape[:2]).copy()
    for row in range(rows):
        keys = _mix64(keys * _MULTIPLIER + cut[:, :, row])
    return keys


def jaccard(one: U64, other: U64) -> float:
    """Exact similarity of two sets of shingle hashes, each sorted and distinct."""
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared / (len(one) + len(other) - shared)


def chance_of_pair(similarity: float, bands: int, rows: int) -> float:
    """Probability that two documents share a band: 1 - (1 - s^rows)^bands (Leskovec, 3.4.2)."""
    return float(1 - (1 - similarity**rows) ** bands)


def bands_needed(similarity: float, rows: int, chance: float) -> int:
    """The fewest bands with which `chance_of_pair` is at least `chance`; all under 1."""
    return ceil(log(1 - chance) / log1p(-(similarity**rows)))


def _roll(tokens: U64, size: int) -> U64:
    """The hash of the `size` tokens from each position on."""
    count = max(len(tokens) - size + 1, 0)
    rolled = np.zeros(count, np.uint64)
    for shift in range(size):
        rolled = rolled * _MULTIPLIER + tokens[shift : shift + count]
    return _mix64(rolled)


def _hash(content: str | bytes) -> np.uint64:
    data = content.encode() if isinstance(content, str) else content
    digest = hashlib.blake2b(data, digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "little"))


def _mix32(values: U32) -> U32:
    """MurmurHash3's 32-bit finalizer, with which datasketch spreads its input."""
    values = (values ^ (values >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    values = (values ^ (values >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return values ^ (values >> np.uint32(16))


def _mix64(values: U64) -> U64:
    """MurmurHash3's 64-bit finalizer."""
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return values ^ (values >> np.uint64(33))
