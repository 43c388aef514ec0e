"""dedup: rows in, rows out but for exact and near duplicates of a row that is kept.

    DropDuplicates(DedupConfig()).use(losers); .apply("source_files", batch)  ->  Outcome

A source file is compared by its text. A pull request is compared by its title and, for each file,
its path and its added and removed lines; a removed `total` counts as the word `removed_total`, so
that a change and its revert are not alike. Tables are compared each within itself.

Two rows are near duplicates when the exact Jaccard similarity of their sets of shingles is at least
`threshold`. MinHash bands only propose pairs, and of a crowd of nearly similar rows only so many
(`max_candidates`): there a near duplicate can be missed, but none is dropped wrongly. Rows are
visited in one fixed order (more tokens first, then id) and a row is dropped only if a row that is
*kept* is similar to it: chains of ever less similar rows are never collapsed, and the order of
shards and workers does not matter.

Rejected: EXACT_DUPLICATE (same bytes compared), NEAR_DUPLICATE (detail: the similarity); both name
the kept row in `duplicate_of`.
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from schemas.arrow import to_rows
from schemas.errors import ConfigError
from schemas.reasons import Reason
from schemas.tables import ID_COLUMNS, TABLES, Rejected
from transforms.minhash import (
    I64,
    U32,
    U64,
    band_keys,
    bands_needed,
    chance_of_pair,
    jaccard,
    minhash,
    shingle_sets,
)
from transforms.outcome import Outcome, reject

COMPARED_COLUMNS: dict[str, tuple[str, ...]] = {
    "pull_requests": ("title", "files.list.element.path", "files.list.element.patch"),
    "source_files": ("text",),
}
"""Parquet columns that make a row's document; nothing else is read to find duplicates."""

_MIN_CHANCE = 0.99
"""Of finding a pair whose similarity is just the threshold."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, kw_only=True)
class DedupConfig:
    """When two rows count as the same."""

    tables: tuple[str, ...] = ("pull_requests", "source_files")
    """Tables to deduplicate; the others pass whole."""
    threshold: float = 0.7
    """Jaccard similarity, over 0 up to 1, from which a row is a near duplicate."""
    shingle_size: int = 5
    """Tokens per shingle."""
    min_tokens: int = 5
    """Shorter documents equal only those of the very same tokens; at least `shingle_size`."""
    bands: int = 42
    """More bands miss fewer pairs: 42 bands of 6 find 99.5 % of pairs at similarity 0.7."""
    rows: int = 6
    """Hashes per band; more rows propose fewer pairs that then prove too different."""
    max_candidates: int = 64
    """Kept rows that a band proposes, and of all proposed, the most alike by signature, those that
    are checked: the work is linear in the number of rows. Where more rows than that share a band
    and are not similar, a near duplicate can be missed; exact duplicates are always found."""

    def __post_init__(self) -> None:
        unknown = sorted(set(self.tables) - set(COMPARED_COLUMNS))
        if unknown:
            known = ", ".join(sorted(COMPARED_COLUMNS))
            raise ConfigError(f"dedup.tables: no rule to compare {unknown[0]!r}; use {known}")
        if not 0 < self.threshold <= 1:
            raise ConfigError(f"dedup.threshold: {self.threshold} is not over 0 and up to 1")
        if min(self.shingle_size, self.bands, self.rows, self.max_candidates) < 1:
            raise ConfigError(
                "dedup: shingle_size, bands, rows and max_candidates must be at least 1"
            )
        if self.min_tokens < self.shingle_size:
            raise ConfigError("dedup.min_tokens: must be at least dedup.shingle_size")
        self._check_bands()

    @property
    def num_perm(self) -> int:
        """Length of a MinHash signature."""
        return self.bands * self.rows

    def _check_bands(self) -> None:
        found = chance_of_pair(self.threshold, self.bands, self.rows)
        if found < _MIN_CHANCE:
            needed = bands_needed(self.threshold, self.rows, _MIN_CHANCE)
            raise ConfigError(
                f"dedup: {self.bands} bands of {self.rows} rows find only {found:.0%} of pairs at "
                f"threshold {self.threshold}; type: -s dedup.bands={needed}"
            )


@dataclass(frozen=True, kw_only=True)
class Documents:
    """What is known of some documents, by position."""

    ids: list[str]
    num_tokens: I64
    digests: list[bytes]
    signatures: U32
    shingles: Callable[[int], U64]
    """Sorted shingle hashes of one document; fetched only to check a proposed pair."""


@dataclass(frozen=True, kw_only=True)
class Loser:
    """A document to drop."""

    index: int
    duplicate_of: str
    """Id of a document that is kept."""
    reason: Reason
    similarity: float

    @property
    def detail(self) -> str:
        """What `rejected` says besides the reason."""
        exact = self.reason is Reason.EXACT_DUPLICATE
        return "" if exact else f"similarity {self.similarity:.4f}"


def document_texts(table: str, batch: pa.RecordBatch) -> pa.Array:
    """The text that each row is compared by; the batch holds at least `COMPARED_COLUMNS`."""
    if table == "source_files":
        return batch.column("text")
    rows = zip(batch.column("title").to_pylist(), batch.column("files").to_pylist(), strict=True)
    return pa.array(["\n".join(_pull_request_lines(title, files)) for title, files in rows], "str")


def sketch(table: str, batch: pa.RecordBatch, config: DedupConfig, permutation: U32) -> pa.Table:
    """One row per document: row_id, num_tokens, digest, signature and shingle hashes."""
    texts = document_texts(table, batch)
    shingles, offsets, num_tokens = shingle_sets(texts, config.shingle_size, config.min_tokens)
    signatures = minhash(shingles, offsets, permutation)
    digests = [
        hashlib.blake2b(text.encode(), digest_size=16).digest() for text in texts.to_pylist()
    ]
    return pa.table(
        {
            "row_id": batch.column(ID_COLUMNS[table]),
            "num_tokens": num_tokens,
            "digest": pa.array(digests, pa.binary()),
            "signature": pa.FixedSizeListArray.from_arrays(signatures.ravel(), config.num_perm),
            "shingles": pa.LargeListArray.from_arrays(offsets, shingles),
        }
    )


def find_losers(documents: Documents, config: DedupConfig) -> list[Loser]:
    """The documents to drop, by index. All that could be similar must be among the documents."""
    order = _best_first(documents)
    rank = {index: position for position, index in enumerate(order)}
    keys = band_keys(documents.signatures, config.bands, config.rows)
    kept_with_key: dict[int, list[int]] = {}
    first_with_digest: dict[bytes, int] = {}
    losers: dict[int, Loser] = {}
    for index in order:
        twin = first_with_digest.setdefault(documents.digests[index], index)
        if twin != index:
            losers[index] = _loser_like_twin(documents, index, twin, losers.get(twin))
            continue
        own_keys = keys[index].tolist()
        proposed = {other for key in own_keys for other in kept_with_key.get(key, ())}
        kept = sorted(proposed, key=rank.__getitem__)
        match = _find_similar(documents, index, kept, config)
        if match is not None:
            losers[index] = match
            continue
        for key in own_keys:
            named = kept_with_key.setdefault(key, [])
            if len(named) < config.max_candidates:
                named.append(index)
    return [losers[index] for index in sorted(losers)]


class DropDuplicates:
    """The mapping transform: rejects the rows that `use` names, keeps the others."""

    def __init__(self, config: DedupConfig) -> None:
        self._config = config
        self._losers: dict[str, tuple[str, Reason, str]] = {}

    def open(self) -> None:
        """Nothing to build."""

    def use(self, losers: pa.Table) -> None:
        """The losers of the shard that comes next: row_id, duplicate_of, reason, detail."""
        self._losers = {
            row["row_id"]: (row["duplicate_of"], Reason(row["reason"]), row["detail"])
            for row in losers.to_pylist()
        }

    def apply(self, table: str, batch: pa.RecordBatch) -> Outcome[object]:
        """Kept rows and rejected rows, each in the order of the batch."""
        kept: list[object] = []
        rejected: list[Rejected] = []
        rows: Iterable[Any] = to_rows(TABLES[table], batch)
        for row in rows:
            loser = self._losers.get(getattr(row, ID_COLUMNS[table]))
            if loser is None:
                kept.append(row)
                continue
            other, reason, detail = loser
            rejected.append(
                reject(row, reason, detail, stage="dedup", table=table, duplicate_of=other)
            )
        return Outcome(kept=kept, rejected=rejected)


def _pull_request_lines(title: str, files: Iterable[dict[str, str]]) -> Iterable[str]:
    yield title
    for file in files:
        yield file["path"]
        for line in file["patch"].split("\n"):
            if line.startswith("+"):
                yield line
            elif line.startswith("-"):
                yield _WORD.sub(r"removed_\g<0>", line)


def _best_first(documents: Documents) -> list[int]:
    """More tokens first, since the longer of two versions is most often the more complete."""
    keys = zip(-documents.num_tokens, documents.ids, documents.digests, strict=True)
    ranked = sorted((key, index) for index, key in enumerate(keys))
    return [index for _, index in ranked]


def _loser_like_twin(documents: Documents, index: int, twin: int, lost: Loser | None) -> Loser:
    """A byte-equal copy of a kept document, or of one that was dropped for a third."""
    if lost is None:
        reason, other, similarity = Reason.EXACT_DUPLICATE, documents.ids[twin], 1.0
    else:
        reason, other, similarity = lost.reason, lost.duplicate_of, lost.similarity
    return Loser(index=index, duplicate_of=other, reason=reason, similarity=similarity)


def _find_similar(
    documents: Documents, index: int, kept: list[int], config: DedupConfig
) -> Loser | None:
    """The first of the kept documents, most alike by signature first, that proves similar."""
    if not kept:
        return None
    estimates = (documents.signatures[kept] == documents.signatures[index]).mean(axis=1)
    # Five standard errors under the threshold, checking is in vain but once in millions of pairs.
    t = config.threshold
    floor = t - 5 * np.sqrt(t * (1 - t) / config.num_perm)
    shingles = documents.shingles(index)
    for position in np.argsort(-estimates, kind="stable")[: config.max_candidates]:
        if estimates[position] < floor:
            return None
        similarity = jaccard(shingles, documents.shingles(kept[position]))
        if similarity >= t:
            other = documents.ids[kept[position]]
            near = Reason.NEAR_DUPLICATE
            return Loser(index=index, duplicate_of=other, reason=near, similarity=similarity)
    return None
