"""What bandings find of the true pairs, and at what cost. In: work folders. Out: a table for each.

    python tests/benchmarks/dedup_bands.py /tmp/mixed /tmp/others

A work folder is one of `dedup.py`: a corpus, and its truth in a cache. Bandings are those that
`cheapest_banding` takes for some recalls, and three that others use by habit: 14x8 (datatrove),
25x10 (BigCode, text-dedup), 20x13. Each cell of a similarity is "found (expected)" as shares: the
pairs that share a band, and the mean over the same pairs of 1 - (1 - s^rows)^bands. Pairs are of
documents with different sets of shingles; equal sets are always found. A candidate is a pair that
shares a band; "in vain" are those under the threshold. CPU is of shingles, signatures and keys.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from dedup_corpus import read_corpus
from dedup_truth import Truth, cached_truth
from numpy.typing import NDArray

from pipelines.text_table import render_table
from transforms.dedup.banding import MAX_HASHES, Banding, cheapest_banding
from transforms.dedup.config import ShingleRule
from transforms.dedup.minhash import band_keys, permutations
from transforms.dedup.sketch_texts import sketch_texts

THRESHOLD = 0.7
RECALLS = (0.9, 0.95, 0.99, 0.995, 0.999)
HABITS = (Banding(bands=14, rows=8), Banding(bands=25, rows=10), Banding(bands=20, rows=13))
BINS = ((0.5, 0.6), (0.6, 0.7), (0.7, 0.75), (0.75, 0.8), (0.8, 0.9), (0.9, 1.0))
_RULE = ShingleRule(kind="word", size=5)
_BATCH = 256
Keys = NDArray[np.uint64]


def make_keys(texts: Sequence[str], banding: Banding, seed: int) -> tuple[Keys, float]:
    """Keys (documents, bands), and the CPU seconds that they took."""
    permutation = permutations(banding.num_perm, seed)
    arrays = [
        pa.array(texts[at : at + _BATCH], pa.large_string()) for at in range(0, len(texts), _BATCH)
    ]
    start = time.process_time()
    keys = [
        band_keys(sketch_texts(array, _RULE, permutation).signatures, banding) for array in arrays
    ]
    return np.concatenate(keys), time.process_time() - start


def candidates(keys: Keys) -> int:
    """Distinct pairs of documents that share a band."""
    found = [np.empty(0, np.uint64)]
    for column in keys.T:
        found.append(np.unique(np.concatenate([np.empty(0, np.uint64), *_pairs(column)])))
        found = [np.unique(np.concatenate(found))]
    return len(found[0])


def _pairs(column: Keys) -> Iterator[Keys]:
    """Pairs of one band, each as one number."""
    order = np.argsort(column, kind="stable")
    starts = np.flatnonzero(np.diff(column[order], prepend=~column[order[0]]))
    ends = np.append(starts[1:], len(order))
    shared = ends - starts > 1
    for start, end in zip(starts[shared].tolist(), ends[shared].tolist(), strict=True):
        members = order[start:end].astype(np.uint64)
        one, other = np.triu_indices(len(members), 1)
        yield members[one] << np.uint64(32) | members[other]


def row_of(name: str, banding: Banding, texts: Sequence[str], truth: Truth, seed: int) -> list[str]:
    """A line of the table; `texts` has one text for each set."""
    keys, cpu_s = make_keys(texts, banding, seed)
    is_found = (keys[truth.ones] == keys[truth.others]).any(axis=1)
    expected = 1 - (1 - truth.jaccards**banding.rows) ** banding.bands
    cells = []
    for low, high in BINS:
        inside = (truth.jaccards >= low) & (truth.jaccards < high)
        cells.append(f"{is_found[inside].mean():.4f} ({expected[inside].mean():.4f})")
    num_candidates = candidates(keys)
    vain = num_candidates - int(np.sum(is_found & (truth.jaccards >= THRESHOLD)))
    missed = int(np.sum(~is_found & (truth.jaccards >= THRESHOLD)))
    return [
        f"{banding.bands}x{banding.rows}",
        name,
        f"{banding.chance(THRESHOLD):.4f}",
        *cells,
        f"{missed:,}",
        f"{num_candidates / len(texts):.2f}",
        f"{vain / len(texts):.2f}",
        f"{cpu_s:.2f}",
    ]


def print_corpus_table(work: Path, seed: int) -> None:
    """All bandings on one corpus."""
    texts = read_corpus(work / "corpus")["text"].to_pylist()
    truth = cached_truth(work / "truth.npz", texts)
    _, first = np.unique(truth.set_of, return_index=True)
    texts = [texts[index] for index in first]
    bandings = [
        (f"recall {recall}", cheapest_banding(THRESHOLD, recall, MAX_HASHES)) for recall in RECALLS
    ]
    bandings += [("habit", banding) for banding in HABITS]
    make_keys(texts[:1], HABITS[0], seed)  # Compiles.
    rows = [row_of(name, banding, texts, truth, seed) for name, banding in bandings]
    numbers = [int(np.sum((truth.jaccards >= low) & (truth.jaccards < high))) for low, high in BINS]
    print(f"\n{work.name}: {len(texts):,} sets")
    columns = [f"[{low}, {high}): {n:,}" for (low, high), n in zip(BINS, numbers, strict=True)]
    print(render_table(rows, ["banding", "of", f"at {THRESHOLD}", *columns, "missed",
                              "candidates/doc", "in vain/doc", "CPU s"]))  # fmt: skip


def main() -> None:
    """A table for each folder."""
    parser = argparse.ArgumentParser()
    parser.add_argument("works", type=Path, nargs="+")
    parser.add_argument("--seed", type=int, default=1, help="of the hash functions")
    given = parser.parse_args()
    for work in given.works:
        print_corpus_table(work, given.seed)


if __name__ == "__main__":
    main()
