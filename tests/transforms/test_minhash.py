"""Signatures, band keys and similarity, each against datasketch or plain sets."""

import numpy as np
import pytest
from datasketch import LeanMinHash, MinHash, MinHashLSH
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.dedup.arrays import I64, U64
from transforms.dedup.banding import Banding
from transforms.dedup.kernels_signatures import sign
from transforms.dedup.minhash import band_keys, lean_minhash, permutations

HASHES = st.integers(0, 2**64 - 1)
SETS = st.sets(HASHES, min_size=1, max_size=20)


def ragged(documents: list[set[int]]) -> tuple[U64, I64]:
    values = [value for document in documents for value in sorted(document)]
    return np.array(values, np.uint64), np.cumsum([0, *map(len, documents)])


def oracle(document: set[int], num_perm: int, seed: int) -> MinHash:
    made = MinHash(num_perm=num_perm, seed=seed, scheme="affine32", hashfunc=int)
    made.update_batch([value >> 32 for value in sorted(document)])
    return made


@settings(deadline=None)
@given(st.lists(SETS, max_size=5), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_signatures_are_those_of_datasketch(
    documents: list[set[int]], num_perm: int, seed: int
) -> None:
    signatures = sign(*ragged(documents), permutations(num_perm, seed))
    expected = [oracle(document, num_perm, seed).hashvalues.tolist() for document in documents]
    assert signatures.tolist() == expected


@pytest.mark.parametrize("size", [1, 63, 64, 65, 127, 1000, 4096])
def test_signatures_of_any_length_are_those_of_datasketch(size: int) -> None:
    values = np.random.default_rng(size).integers(0, 2**64, size, dtype=np.uint64)
    document = set(values.tolist())
    signatures = sign(*ragged([document, {1}]), permutations(258, 1))
    assert signatures[0].tolist() == oracle(document, 258, 1).hashvalues.tolist()


def test_a_set_without_shingles_has_datasketchs_empty_signature() -> None:
    signatures = sign(*ragged([{7}, set()]), permutations(16, 1))
    assert signatures[1].tolist() == MinHash(num_perm=16).hashvalues.tolist()


@given(st.integers(1, 300), st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_permutations_are_those_of_datasketch(num_perm: int, seed: int) -> None:
    expected = MinHash(num_perm=num_perm, seed=seed, scheme="affine32").permutations
    assert permutations(num_perm, seed).tolist() == expected.tolist()


def test_a_seed_may_have_any_sign_and_length() -> None:
    assert permutations(8, -1).tolist() == permutations(8, 2**32 - 1).tolist()
    assert permutations(8, 2**40 + 5).tolist() == permutations(8, 5).tolist()


@settings(deadline=None)
@given(SETS, SETS)
def test_datasketch_reads_our_signatures(one: set[int], other: set[int]) -> None:
    signatures = sign(*ragged([one, one | other]), permutations(32, 9))
    first, second = (lean_minhash(signature, 9) for signature in signatures)
    assert first.jaccard(second) == (signatures[0] == signatures[1]).mean()
    assert second.jaccard(oracle(one | other, 32, 9)) == 1
    buffer = bytearray(first.bytesize())
    first.serialize(buffer)
    assert LeanMinHash.deserialize(buffer) == first


def test_datasketchs_index_takes_our_signatures() -> None:
    shared = set(range(2**40, 2**40 + 2**38, 2**32))
    signatures = sign(*ragged([shared, shared | {3}, {4, 5}]), permutations(128, 1))
    index = MinHashLSH(threshold=0.8, num_perm=128)
    index.insert("kept", lean_minhash(signatures[0], 1))
    assert index.query(lean_minhash(signatures[1], 1)) == ["kept"]
    assert index.query(lean_minhash(signatures[2], 1)) == []


def test_band_keys_are_equal_exactly_where_the_band_is() -> None:
    signatures = np.array([[1, 2, 3, 4], [1, 2, 9, 4], [3, 4, 1, 2]], np.uint32)
    keys = band_keys(signatures, Banding(bands=2, rows=2))
    assert (keys[0] == keys[1]).tolist() == [True, False]
    # The same hashes in another band are another key.
    assert len(set(keys.ravel().tolist())) == 5


def test_band_keys_of_small_numbers_do_not_collide_and_fill_the_range() -> None:
    grid = np.stack(np.meshgrid(np.arange(400), np.arange(400)), axis=-1).reshape(-1, 2)
    keys = band_keys(grid.astype(np.uint32), Banding(bands=1, rows=2)).ravel()
    assert len(np.unique(keys)) == len(grid)
    # Parts are ranges of keys: 16 of them, each within six standard errors of its share.
    shares = np.bincount((keys >> np.uint64(60)).astype(np.int64), minlength=16)
    assert np.abs(shares - 10_000).max() < 6 * (10_000 * 15 / 16) ** 0.5


def test_band_keys_need_signatures_that_are_long_enough() -> None:
    with pytest.raises(ValueError, match="more hashes than the 3"):
        band_keys(np.zeros((1, 3), np.uint32), Banding(bands=2, rows=2))


def test_estimates_lie_around_the_true_similarity() -> None:
    values = np.random.default_rng(5).integers(0, 2**64, 400, dtype=np.uint64).tolist()
    one, other = set(values[:340]), set(values[60:])
    signatures = sign(*ragged([one, other]), permutations(1024, 3))
    true = len(one & other) / len(one | other)
    # Four standard errors of a proportion over 1024 draws.
    margin = 4 * (true * (1 - true) / 1024) ** 0.5
    assert abs((signatures[0] == signatures[1]).mean() - true) < margin
