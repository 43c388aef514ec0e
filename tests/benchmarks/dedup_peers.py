"""Other tools and plain loops, deduplicating one corpus. In: side, corpus, folder. Out: Parquet.

    pip install 'datatrove[io]' datasketch regex rensa spacy tokenizers 'xxhash<4'
    python tests/benchmarks/dedup_peers.py datatrove:14x8 /data/mixed /tmp/out

Imports nothing of this project, so that an environment of its own can run it; `dedup.py` runs and
compares all sides. The threshold is 0.7, shingles are word 5-grams of `\\w+` in lower case, bands
and rows stand in the side's name. The loops are as the libraries' READMEs suggest: shingles as
strings, collisions straight into connected components, of which the first document stays.
`datatrove` has its tokenizer and normalization replaced by the same words; `datatrove-stock` has
its own. Both run two workers; the loops are one process, as loops are.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

THRESHOLD = 0.7
SIZE = 5
SEED = 1
WORKERS = 2
_WORDS = re.compile(r"\w+")


def shingles(text: str) -> set[str]:
    """Word 5-grams; of a shorter text, the text."""
    words = _WORDS.findall(text.lower())
    if len(words) < SIZE:
        return {text}
    return {" ".join(words[at : at + SIZE]) for at in range(len(words) - SIZE + 1)}


def write_kept(table: pa.Table, is_kept: Sequence[bool], out: Path) -> None:
    pq.write_table(table.filter(pa.array(is_kept)), out / "00000.parquet", compression="zstd")


class Components:
    """Union-find that keeps the lowest number of each component."""

    def __init__(self, size: int) -> None:
        self._parents = list(range(size))

    def find(self, one: int) -> int:
        while self._parents[one] != one:
            self._parents[one] = self._parents[self._parents[one]]
            one = self._parents[one]
        return one

    def join(self, one: int, other: int) -> None:
        low, high = sorted((self.find(one), self.find(other)))
        self._parents[high] = low

    def is_first(self) -> list[bool]:
        return [self.find(one) == one for one in range(len(self._parents))]


def run_datasketch(corpus: Path, out: Path, bands: int, rows: int) -> None:
    from datasketch import MinHash, MinHashLSH

    table = pq.read_table(corpus)
    lsh = MinHashLSH(num_perm=bands * rows, params=(bands, rows))
    components = Components(len(table))
    for number, text in enumerate(table["text"].to_pylist()):
        made = MinHash(num_perm=bands * rows, seed=SEED)
        made.update_batch([shingle.encode() for shingle in shingles(text)])
        for other in lsh.query(made):
            components.join(number, other)
        lsh.insert(number, made)
    write_kept(table, components.is_first(), out)


def run_rensa(corpus: Path, out: Path, bands: int, rows: int) -> None:
    from rensa import RMinHash, RMinHashLSH

    table = pq.read_table(corpus)
    lsh = RMinHashLSH(threshold=THRESHOLD, num_perm=bands * rows, num_bands=bands)
    components = Components(len(table))
    for number, text in enumerate(table["text"].to_pylist()):
        made = RMinHash(num_perm=bands * rows, seed=SEED)
        made.update(list(shingles(text)))
        for other in lsh.query(made):
            components.join(number, other)
        lsh.insert(number, made)
    write_kept(table, components.is_first(), out)


def run_rensa_class(corpus: Path, out: Path, bands: int, rows: int) -> None:
    """rensa's own class, which checks candidates with the estimate and keeps what is not alike."""
    from rensa import RMinHashDeduplicator

    table = pq.read_table(corpus)
    made = RMinHashDeduplicator(
        threshold=THRESHOLD, num_perm=bands * rows, use_lsh=True, num_bands=bands, seed=SEED
    )

    def entries() -> Iterator[tuple[str, list[str]]]:
        for number, text in enumerate(table["text"].to_pylist()):
            yield str(number), list(shingles(text))

    write_kept(table, made.add_pairs(entries()), out)


def run_datatrove(corpus: Path, out: Path, bands: int, rows: int) -> None:
    from datatrove.utils.text import TextNormConfig
    from datatrove.utils.word_tokenizers import WordTokenizer

    class Words(WordTokenizer):
        def word_tokenize(self, text: str) -> list[str]:
            return _WORDS.findall(text)

        def sent_tokenize(self, text: str) -> list[str]:
            return [text]

        def span_tokenize(self, text: str) -> list[tuple[int, int]]:
            return [(0, len(text))]

    norm = TextNormConfig(
        norm_whitespace=False,
        remove_punctuation=False,
        norm_unicode_diacritics=False,
        norm_numbers=False,
    )
    _run_datatrove(corpus, out, bands, rows, {"norm_config": norm}, {"language": Words()})


def run_datatrove_stock(corpus: Path, out: Path, bands: int, rows: int) -> None:
    _run_datatrove(corpus, out, bands, rows, {}, {})


def _run_datatrove(
    corpus: Path, out: Path, bands: int, rows: int, config: dict[str, Any], tokens: dict[str, Any]
) -> None:
    """The four stages, as in datatrove's examples/minhash_deduplication.py."""
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.dedup import minhash
    from datatrove.pipeline.readers import ParquetReader
    from datatrove.pipeline.writers import ParquetWriter

    made = minhash.MinhashConfig(
        n_grams=SIZE, num_buckets=bands, hashes_per_bucket=rows, seed=SEED, **config
    )
    base = str(out.parent / f"{out.name}-stages")

    def run(name: str, tasks: int, *steps: Any) -> None:
        LocalPipelineExecutor(
            pipeline=list(steps), tasks=tasks, workers=WORKERS, logging_dir=f"{base}/logs/{name}"
        ).run()

    def reader() -> Any:
        return ParquetReader(str(corpus))

    signatures, buckets, remove = (f"{base}/{name}" for name in ("signatures", "buckets", "remove"))
    sign = minhash.MinhashDedupSignature(signatures, config=made, **tokens)
    run("signatures", WORKERS, reader(), sign)
    run("buckets", bands, minhash.MinhashDedupBuckets(signatures, buckets, config=made))
    run("clusters", 1, minhash.MinhashDedupCluster(buckets, remove, config=made))
    keep = minhash.MinhashDedupFilter(remove)
    run("filter", WORKERS, reader(), keep, ParquetWriter(str(out)))


SIDES = {
    "datasketch": run_datasketch,
    "datatrove": run_datatrove,
    "datatrove-stock": run_datatrove_stock,
    "rensa": run_rensa,
    "rensa-class": run_rensa_class,
}


def main(side: str, corpus: str, out: str) -> None:
    """Run one side: "rensa:25x10"."""
    name, _, banding = side.partition(":")
    bands, rows = map(int, banding.split("x"))
    Path(out).mkdir(parents=True)
    SIDES[name](Path(corpus), Path(out), bands, rows)


if __name__ == "__main__":
    main(*sys.argv[1:4])
