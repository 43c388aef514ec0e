"""The pairs that buckets propose and the greedy rule over them, against all pairs."""

import random
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from transforms.dedup.arrays import I64
from transforms.dedup.pairs import (
    DROPPED,
    FREE,
    WAITING,
    group_keys,
    jaccard_of_pairs,
)
from transforms.dedup.proposals import propose
from transforms.dedup.survivors import Verdicts, decide, new_verdicts


@dataclass(frozen=True)
class Corpus:
    """Documents by rank; who is similar to whom; who shares a band."""

    num_documents: int
    num_before: int
    similarities: dict[tuple[int, int], float]
    """(better, worse) -> similarity, of those over the threshold."""
    buckets: list[list[int]]
    sizes: I64
    """Numbers of shingles by rank."""

    def greedy(self) -> list[int]:
        """The status of each by the definition."""
        status = [FREE] * self.num_documents
        for rank in range(self.num_before, self.num_documents):
            paired = {other for bucket in self.buckets if rank in bucket for other in bucket}
            if any(
                status[other] == FREE and (other, rank) in self.similarities
                for other in paired
                if other < rank
            ):
                status[rank] = DROPPED
        return status


@st.composite
def corpora(draw: st.DrawFn) -> Corpus:
    rng = random.Random(draw(st.integers(0, 2**32)))
    size = rng.randrange(2, 30)
    density = rng.random() * 0.6
    sizes = np.array([rng.choice([10, 14, 15, 1000]) for _ in range(size)])
    return Corpus(
        num_documents=size,
        num_before=rng.choice([0, 0, rng.randrange(size)]),
        similarities={
            (better, worse): rng.choice([0.7, 0.8, 0.9])
            for worse in range(size)
            for better in range(worse)
            if rng.random() < density
            and min(sizes[better], sizes[worse]) >= 0.7 * max(sizes[better], sizes[worse])
        },
        sizes=sizes,
        buckets=[
            sorted(rng.sample(range(size), rng.randrange(2, size + 1)))
            for _ in range(rng.randrange(1, 6))
        ],
    )


def run_rounds(corpus: Corpus, max_candidates: int, num_ranges: int = 1) -> tuple[Verdicts, int]:
    """(verdicts, documents that were kept without a whole comparison)."""
    keys = np.repeat(np.arange(len(corpus.buckets)), [len(b) for b in corpus.buckets])
    members = np.array([rank for bucket in corpus.buckets for rank in bucket], np.uint32)
    shuffled = np.random.default_rng(0).permutation(len(keys))
    buckets = group_keys(keys[shuffled].astype(np.uint64), members[shuffled])
    verdicts = new_verdicts(corpus.num_documents)
    passed_over = 0
    for number in range(corpus.num_documents + 1):
        found = propose(
            buckets,
            corpus.sizes[buckets.members],
            verdicts.status,
            threshold=0.7,
            max_candidates=max_candidates,
            num_before=corpus.num_before,
            is_first=number == 0,
        )
        assert len(found.pairs) <= 3 * max_candidates * len(members)
        pairs = np.unique(found.pairs)
        values = [corpus.similarities.get((int(p & 0xFFFFFFFF), int(p >> 32)), -1) for p in pairs]
        similarities = np.array(values, float)
        crowded = np.array(sorted(map(tuple, found.crowded.tolist())), np.uint32).reshape(-1, 2)
        states = np.zeros(len(found.heads), np.uint8)
        width = -(-corpus.num_documents // num_ranges)
        for begin in range(0, corpus.num_documents, width):
            ranks = range(begin, min(begin + width, corpus.num_documents))
            here = (similarities >= 0) & np.isin(pairs >> np.uint64(32), np.array(ranks))
            of_range = crowded[np.isin(crowded[:, 0], np.array(ranks))]
            passed_over += decide(
                ranks, pairs[here], similarities[here], of_range, found.heads, states, verdicts
            )
        if not (verdicts.status == WAITING).any():
            return verdicts, passed_over
    raise AssertionError("documents still wait")


@settings(max_examples=400, derandomize=True, deadline=None)
@given(corpora(), st.sampled_from([1, 2, 3, 100]), st.integers(1, 3))
def test_survivors_are_those_of_the_greedy_rule_unless_some_are_passed_over(
    corpus: Corpus, max_candidates: int, num_ranges: int
) -> None:
    verdicts, passed_over = run_rounds(corpus, max_candidates, num_ranges)
    if max_candidates >= corpus.num_documents:
        assert passed_over == 0
    if passed_over == 0:
        assert verdicts.status.tolist() == corpus.greedy()


@settings(max_examples=400, derandomize=True, deadline=None)
@given(corpora(), st.sampled_from([1, 2, 3, 100]))
def test_whoever_is_dropped_has_a_similar_witness_that_is_kept(
    corpus: Corpus, max_candidates: int
) -> None:
    verdicts, _ = run_rounds(corpus, max_candidates)
    for rank in np.flatnonzero(verdicts.status == DROPPED).tolist():
        witness = int(verdicts.witness[rank])
        assert verdicts.status[witness] == FREE
        assert corpus.similarities[witness, rank] == pytest.approx(verdicts.similarity[rank])
        assert rank >= corpus.num_before


def test_a_witness_is_the_most_similar_kept_document_and_of_these_the_best() -> None:
    similarities = {(0, 4): 0.8, (1, 4): 0.9, (2, 4): 0.9, (3, 4): 1.0, (0, 3): 0.7}
    corpus = Corpus(5, 0, similarities, [[0, 1, 2, 3, 4]], np.full(5, 9))
    verdicts, _ = run_rounds(corpus, 64)
    # 3 is more similar, but goes for 0.
    assert verdicts.status.tolist() == [FREE, FREE, FREE, DROPPED, DROPPED]
    assert verdicts.witness[4] == 1


def test_a_chain_of_ever_less_similar_documents_keeps_every_other_one() -> None:
    size = 400
    links = {(i, i + 1): 0.8 for i in range(size - 1)}
    chain = Corpus(size, 0, links, [list(range(size))], np.full(size, 9))
    for max_candidates in (3, 64, size):
        verdicts, passed_over = run_rounds(chain, max_candidates)
        kept = np.flatnonzero(verdicts.status == FREE).tolist()
        if max_candidates == size:
            assert kept == list(range(0, size, 2))
        # With fewer, what is compared is bounded, and what is passed over is counted.
        assert (passed_over > 0) == (max_candidates < size // 2)


def test_documents_of_earlier_runs_stay_though_similar_to_each_other() -> None:
    similarities = {(0, 1): 0.9, (1, 2): 0.8, (0, 3): 0.7}
    verdicts, _ = run_rounds(Corpus(5, 2, similarities, [[0, 1, 2, 3, 4]], np.full(5, 9)), 64)
    assert verdicts.status.tolist() == [FREE, FREE, DROPPED, DROPPED, FREE]


@settings(max_examples=200, derandomize=True, deadline=None)
@given(
    st.lists(st.sets(st.integers(0, 40), min_size=1), min_size=2, max_size=8),
    st.sampled_from([0.01, 0.3, 0.5, 0.7, 0.999, 1.0]),
)
def test_similarity_is_exact_or_under_the_threshold(sets: list[set[int]], threshold: float) -> None:
    sizes = np.array([len(items) for items in sets])
    starts = np.cumsum(sizes) - sizes
    shingles = np.array([item for items in sets for item in sorted(items)], np.uint64)
    left, right = np.triu_indices(len(sets), 1)
    found = jaccard_of_pairs(left, right, starts, sizes, shingles, threshold)
    for i, j, value in zip(left, right, found.tolist(), strict=True):
        exact = len(sets[i] & sets[j]) / len(sets[i] | sets[j])
        assert value == (exact if exact >= threshold else -1)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.lists(st.integers(1, 2**32), min_size=2, max_size=30), st.floats(0.05, 1.0))
@example([100, 55], 0.55)
def test_every_two_sets_whose_sizes_allow_the_threshold_are_proposed(
    sizes: list[int], threshold: float
) -> None:
    buckets = group_keys(np.zeros(len(sizes), np.uint64), np.arange(len(sizes), dtype=np.uint32))
    found = propose(
        buckets,
        np.array(sizes),
        np.zeros(len(sizes), np.uint8),
        threshold=threshold,
        max_candidates=64,
        num_before=0,
        is_first=True,
    )
    pairs = {(int(pair & 0xFFFFFFFF), int(pair >> 32)) for pair in found.pairs.tolist()}
    assert pairs == {
        (better, worse)
        for worse in range(len(sizes))
        for better in range(worse)
        if min(sizes[better], sizes[worse]) / max(sizes[better], sizes[worse]) >= threshold
    }


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 20)), unique=True, max_size=40))
def test_buckets_are_the_keys_that_two_share(entries: list[tuple[int, int]]) -> None:
    keys = np.array([key for key, _ in entries], np.uint64)
    ranks = np.array([rank for _, rank in entries], np.uint32)
    buckets = group_keys(keys, ranks)
    found = [
        buckets.members[begin:end].tolist()
        for begin, end in zip(buckets.offsets[:-1], buckets.offsets[1:], strict=True)
    ]
    expected = [sorted(r for k, r in entries if k == key) for key in range(6)]
    assert found == [ranks for ranks in expected if len(ranks) > 1]
