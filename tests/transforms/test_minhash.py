"""Tokens, shingle sets and signatures, each against an independent way to get the same."""

import re

import numpy as np
import pyarrow as pa
import pytest
from datasketch import MinHash
from hypothesis import given
from hypothesis import strategies as st

from transforms.minhash import (
    band_keys,
    bands_needed,
    chance_of_pair,
    jaccard,
    minhash,
    permutations,
    shingle_sets,
    token_hashes,
)

# Letters with and without case, digits, separators, characters beyond ASCII and beyond the BMP.
TEXTS = st.lists(st.text(alphabet="abXY01_ .-\n\t(\u00e9\u4e2d\U0001f600", max_size=60), max_size=6)


def python_tokens(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def sets_of(texts: list[str], size: int = 2, min_tokens: int = 2) -> list[np.ndarray]:
    values, offsets, _ = shingle_sets(pa.array(texts, pa.string()), size, min_tokens)
    return [values[offsets[i] : offsets[i + 1]] for i in range(len(texts))]


@given(TEXTS)
def test_tokens_are_the_words_of_pythons_regex(texts: list[str]) -> None:
    hashes, offsets = token_hashes(pa.array(texts, pa.string()))
    expected = [word for text in texts for word in python_tokens(text)]
    assert np.diff(offsets).tolist() == [len(python_tokens(text)) for text in texts]
    hash_of = dict(zip(expected, hashes.tolist(), strict=True))
    assert [hash_of[word] for word in expected] == hashes.tolist()
    assert len(set(hash_of.values())) == len(hash_of)


def test_tokens_of_a_slice_are_those_of_its_own_texts() -> None:
    whole = pa.array(["x y", "a b c", "d"])
    hashes, offsets = token_hashes(whole.slice(1, 2))
    alone, alone_offsets = token_hashes(pa.array(["a b c", "d"]))
    assert hashes.tolist() == alone.tolist()
    assert offsets.tolist() == alone_offsets.tolist() == [0, 3, 4]


@given(TEXTS)
def test_similarity_is_that_of_sets_of_token_tuples(texts: list[str]) -> None:
    texts = ["a b c d e f", *(t for t in texts if len(python_tokens(t)) >= 2)]
    tuples = [
        set(zip(python_tokens(text), python_tokens(text)[1:], strict=False)) for text in texts
    ]
    sets = sets_of(texts)
    for i in range(len(texts)):
        expected = len(tuples[0] & tuples[i]) / len(tuples[0] | tuples[i])
        assert jaccard(sets[0], sets[i]) == expected


def test_shingles_do_not_cross_documents() -> None:
    together = sets_of(["a b c", "d e f"])
    assert [s.tolist() for s in together] == [sets_of([t])[0].tolist() for t in ("a b c", "d e f")]


@pytest.mark.parametrize(
    ("one", "other", "similarity"),
    [
        ("x = 1", "X == 1;", 1.0),
        ("x = 1", "y = 1", 0.0),
        ("{}", "[]", 0.0),
        ("{}", "{}", 1.0),
        ("a b c d", "a b c d e", 0.0),
        ("", "a", 0.0),
    ],
)
def test_short_documents_are_compared_whole(one: str, other: str, similarity: float) -> None:
    sets = sets_of([one, other], size=5, min_tokens=5)
    assert jaccard(*sets) == similarity


@given(st.lists(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=20), max_size=5))
def test_signatures_are_those_of_datasketch(documents: list[list[int]]) -> None:
    sets = [np.unique(np.array(document, np.uint64)) for document in documents]
    offsets = np.cumsum([0] + [len(s) for s in sets])
    values = np.concatenate([np.empty(0, np.uint64), *sets])
    signatures = minhash(values, offsets, permutations(num_perm=24, seed=7))
    upper = [(s >> np.uint64(32)).tolist() for s in sets]
    oracle = MinHash.bulk(upper, num_perm=24, seed=7, scheme="affine32", hashfunc=int)
    assert signatures.tolist() == [made.hashvalues.tolist() for made in oracle]


def test_band_keys_are_equal_exactly_where_the_band_is() -> None:
    signatures = np.array([[1, 2, 3, 4], [1, 2, 9, 4], [3, 4, 1, 2]], np.uint32)
    keys = band_keys(signatures, bands=2, rows=2)
    assert (keys[0] == keys[1]).tolist() == [True, False]
    # The same hashes in another band are another key.
    assert len(set(keys.ravel().tolist())) == 5


@given(st.floats(0.3, 0.95), st.integers(1, 8))
def test_bands_needed_is_the_least_number_that_is_enough(similarity: float, rows: int) -> None:
    bands = bands_needed(similarity, rows, 0.99)
    assert chance_of_pair(similarity, bands, rows) >= 0.99 - 1e-12
    assert bands == 1 or chance_of_pair(similarity, bands - 1, rows) < 0.99


def test_estimates_lie_around_the_true_similarity() -> None:
    words = [f"w{i}" for i in range(400)]
    sets, offsets, _ = shingle_sets(
        pa.array([" ".join(words[:340]), " ".join(words[60:])]), size=5, min_tokens=5
    )
    signatures = minhash(sets, offsets, permutations(num_perm=1024, seed=3))
    true = jaccard(sets[: offsets[1]], sets[offsets[1] :])
    # Four standard errors of a proportion over 1024 draws.
    margin = 4 * (true * (1 - true) / 1024) ** 0.5
    assert abs((signatures[0] == signatures[1]).mean() - true) < margin
