"""Shingle sets and MinHash signatures of real files, ours beside datasketch and rensa, one thread.

    python tests/benchmarks/sketches.py /usr/lib/python3 node_modules --megabytes 40

In: folders whose files in languages we have a grammar for are read, up to so many megabytes, spread
evenly over their sorted paths. Out: tables of CPU seconds (best of three for us, of one for the
others), and whether signatures are datasketch's, bit for bit. rensa (`pip install rensa`) is left
out where it is not installed.

From texts: the others get their words by a regular expression and a string per shingle, as their
documents show it. From hashes: each is given the sets of hashes that we made.
"""

import argparse
import importlib.util
import re
import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from datasketch import MinHash

from pipelines.text_table import render_table
from transforms.dedup.arrays import U32, U64
from transforms.dedup.config import ShingleRule
from transforms.dedup.kernels_signatures import sign
from transforms.dedup.minhash import permutations
from transforms.dedup.sketch_texts import Sketches, sketch_texts
from transforms.languages import language_of
from transforms.syntax import SUPPORTED

NUM_PERM = 258
SEED = 1
RULES = (("word", 5), ("char", 20), ("line", 3), ("code", 5))
MAX_FILE_BYTES = 1_000_000


def read_files(folders: list[str], max_bytes: int) -> tuple[list[str], list[str]]:
    """Texts and their languages, in the order of paths."""
    paths = sorted(path for folder in folders for path in Path(folder).rglob("*"))
    known = [(path, language_of(str(path))) for path in paths]
    chosen = [
        (path, language)
        for path, language in known
        if language in SUPPORTED and path.is_file() and path.stat().st_size <= MAX_FILE_BYTES
    ]
    total = sum(path.stat().st_size for path, _ in chosen)
    step = max(1, -(-total // max_bytes))
    texts = [path.read_bytes().decode("utf-8", "replace") for path, _ in chosen[::step]]
    return texts, [language for _, language in chosen[::step]]


def cpu_seconds(run: Callable[[], Any], repeats: int = 1) -> tuple[Any, float]:
    """What a run returns and the least CPU time of the repeats."""
    spent = []
    for _ in range(repeats):
        started = time.process_time()
        result = run()
        spent.append(time.process_time() - started)
    return result, min(spent)


def shingle_strings(text: str) -> set[str]:
    """What most pipelines hand to a MinHash library."""
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[i : i + 5]) for i in range(max(1, len(words) - 4))}


def datasketch_texts(texts: list[str]) -> None:
    """The loop of datasketch's documents, in its faster form: one update of each document."""
    for text in texts:
        MinHash(NUM_PERM, SEED).update_batch([item.encode() for item in shingle_strings(text)])


def datasketch_hashes(sets: list[U64]) -> U32:
    """Its signatures of the hashes that ours are made of."""
    upper = [(values >> np.uint64(32)).tolist() for values in sets]
    made = MinHash.bulk(upper, num_perm=NUM_PERM, seed=SEED, scheme="affine32", hashfunc=int)
    return np.stack([minhash.hashvalues for minhash in made])


def rensa_texts(texts: list[str]) -> None:
    """rensa's bulk call on strings."""
    from rensa import RMinHash

    RMinHash.digest_matrix_from_token_sets(map(shingle_strings, texts), NUM_PERM, SEED)


def rensa_hashes(made: Sketches) -> None:
    """rensa's bulk call on hashes."""
    from rensa import RMinHash

    offsets = made.offsets.astype(np.uint64)
    RMinHash.digest_matrix_from_flat_token_hashes(made.shingles, offsets, NUM_PERM, SEED)


def show_kinds(texts: pa.Array, languages: list[str], megabytes: float, permutation: U32) -> None:
    """Prints what each kind of shingle costs."""
    rows = []
    for kind, size in RULES:
        rule = ShingleRule(kind=kind, size=size)
        # Compiled, or loaded from the disk, before time is taken.
        sketch_texts(texts[:1], rule, permutation, languages[:1])
        made, spent = cpu_seconds(partial(sketch_texts, texts, rule, permutation, languages), 3)
        rows.append((f"{kind}, {size}", len(made.shingles), f"{spent:.2f}", rate(megabytes, spent)))
    print(render_table(rows, ("ours", "distinct_shingles", "cpu_s", "mb_per_s")), "\n")


def show_peers(texts: list[str], megabytes: float, permutation: U32) -> None:
    """Prints what the same signatures cost elsewhere."""
    array, rule = pa.array(texts, pa.large_string()), ShingleRule(kind="word", size=5)
    made, from_texts = cpu_seconds(lambda: sketch_texts(array, rule, permutation), 3)
    _, from_hashes = cpu_seconds(lambda: sign(made.shingles, made.offsets, permutation), 3)
    sets = [made.shingles[start:end] for start, end in pairwise(made.offsets.tolist())]
    signatures, peer_from_hashes = cpu_seconds(lambda: datasketch_hashes(sets))
    _, peer_from_texts = cpu_seconds(lambda: datasketch_texts(texts))
    rows: list[Any] = [("ours", from_texts, from_hashes)]
    rows.append(("datasketch", peer_from_texts, peer_from_hashes))
    if importlib.util.find_spec("rensa"):
        timed = [cpu_seconds(partial(rensa_texts, texts)), cpu_seconds(partial(rensa_hashes, made))]
        rows.append(("rensa", timed[0][1], timed[1][1]))
    for case, index in (("texts", 1), ("hashes", 2)):
        cells = [peer_row(row[0], row[index], megabytes, rows[0][index]) for row in rows]
        print(render_table(cells, (f"from {case}", "cpu_s", "mb_per_s", "times_ours")), "\n")
    equal = int((signatures == made.signatures).all(axis=1).sum())
    print(f"{equal:,} of {len(texts):,} signatures are datasketch's, bit for bit.")
    hashed = rate(len(made.shingles) * NUM_PERM / 1e9, from_hashes)
    print(f"Ours hashes {hashed} thousand million shingles times permutations per second.")


def peer_row(name: str, seconds: float, megabytes: float, ours: float) -> tuple[str, ...]:
    """Cells of a table of peers."""
    return name, f"{seconds:.3f}", rate(megabytes, seconds), f"{seconds / ours:.1f}"


def rate(amount: float, seconds: float) -> str:
    """Per second."""
    return f"{amount / seconds:.1f}"


def main() -> None:
    """Reads, measures and prints."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--megabytes", type=int, default=40)
    arguments = parser.parse_args()
    texts, languages = read_files(arguments.folders, arguments.megabytes * 1_000_000)
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    permutation = permutations(NUM_PERM, SEED)
    print(f"{len(texts):,} files, {megabytes:.1f} MB, {NUM_PERM} permutations\n")
    show_kinds(pa.array(texts, pa.large_string()), languages, megabytes, permutation)
    show_peers(texts, megabytes, permutation)


if __name__ == "__main__":
    main()
