"""MinHash signatures and what is told from them. In: arrays of `sketch_texts`. Out: arrays.

permutation = permutations(num_perm=258, seed=1)                        (2, 258) uint32
sketches = sketch_texts(texts, ShingleRule(kind="word", size=5), permutation)
band_keys(sketches.signatures, Banding(bands=43, rows=6))               (documents, 43) uint64
lean_minhash(sketches.signatures[0], seed=1).jaccard(other)             as datasketch has it
"""

from typing import TYPE_CHECKING

import numpy as np

from transforms.dedup.arrays import U32, U64
from transforms.dedup.banding import Banding
from transforms.dedup.kernels_signatures import key_bands

if TYPE_CHECKING:
    from datasketch import LeanMinHash

_SEED_MASK = 0xFFFFFFFF
"""datasketch seeds a generator that takes 32 bits."""


def permutations(num_perm: int, seed: int) -> U32:
    """The multipliers and addends of datasketch's "affine32" scheme: (2, num_perm).

    Drawn here as datasketch 2.0 draws them, since importing it takes longer than hashing 50 MB.
    """
    generator = np.random.RandomState(seed & _SEED_MASK)
    multipliers = generator.randint(0, 1 << 31, num_perm, dtype=np.uint32) * np.uint32(2)
    addends = generator.randint(0, 1 << 32, num_perm, dtype=np.uint32)
    return np.stack([multipliers + np.uint32(1), addends])


def lean_minhash(signature: U32, seed: int) -> "LeanMinHash":
    """A signature as datasketch's own object, for its indexes and its byte format."""
    from datasketch import LeanMinHash

    return LeanMinHash(seed=seed & _SEED_MASK, hashvalues=signature, scheme="affine32")


def band_keys(signatures: U32, banding: Banding) -> U64:
    """One 64-bit key for each document and band: (documents, bands).

    Keys are equal where documents have all hashes of the band in common; those of two different
    bands are not, however alike. Signatures may be longer than the bands need.
    """
    if signatures.shape[1] < banding.num_perm:
        raise ValueError(f"{banding} needs more hashes than the {signatures.shape[1]} there are")
    return key_bands(signatures, banding.bands, banding.rows)
