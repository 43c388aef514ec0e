"""Which of two copies is the better. In: a batch, its numbers of tokens. Out: numbers to sort by.

    high, low = preference("source_files", batch, num_tokens)
    np.lexsort((low, high))    ->  rows, the best first

Better is, in this order: terms that are met by permissive licences alone ("internal" counts as
such), then known ones, then "unknown"; more tokens; merged (or else created) later; and, so that
two rows never rank the same by where they lay, the smaller hash of the id. 128 bits:

    high   2 bits 0 | 2 bits licence | 24 bits tokens | 36 bits seconds since 1970
    low   64 bits hash of the id

The first two bits are left for the number of the table. Tokens and seconds are counted down from
the most that fits, so that smaller is better.
"""

import hashlib

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.tables import ID_COLUMNS
from transforms.dedup.arrays import I64, U64
from transforms.filters.permissive import is_permissive
from transforms.licenses import UNKNOWN

PREFERENCE_COLUMNS: dict[str, tuple[str, ...]] = {
    "dialogues": ("dialogue_id", "license"),
    "pull_requests": ("pr_id", "license", "created_at", "merged_at"),
    "source_files": ("file_id", "license"),
}
"""Parquet columns that a row's preference follows from, besides its tokens."""

MAX_TOKENS = 2**24 - 1
MAX_SECONDS = 2**36 - 1
_TOKEN_SHIFT, _LICENSE_SHIFT = np.uint64(36), np.uint64(60)
_INTERNAL = "internal"


def preference(table: str, batch: pa.RecordBatch, num_tokens: I64) -> tuple[U64, U64]:
    """Two arrays (rows,); a pair that sorts before another is the better row."""
    tokens = MAX_TOKENS - np.clip(num_tokens, 0, MAX_TOKENS)
    seconds = MAX_SECONDS - np.clip(_seconds(table, batch), 0, MAX_SECONDS)
    high: U64 = _license_tiers(batch.column("license")) << _LICENSE_SHIFT
    high |= tokens.astype(np.uint64) << _TOKEN_SHIFT
    high |= seconds.astype(np.uint64)
    ids = batch.column(ID_COLUMNS[table]).to_pylist()
    return high, np.array([_hash64(row_id) for row_id in ids], np.uint64)


def license_tier(license_id: str) -> int:
    """0 for permissive terms and our own, 1 for other known ones, 2 for unknown ones."""
    if license_id == _INTERNAL or is_permissive(license_id):
        return 0
    return 2 if license_id in ("", UNKNOWN) else 1


def _license_tiers(licenses: pa.Array) -> U64:
    encoded = pc.dictionary_encode(licenses)
    tiers = np.array([license_tier(found) for found in encoded.dictionary.to_pylist()], np.uint64)
    by_row: U64 = tiers[encoded.indices.to_numpy()]
    return by_row


def _seconds(table: str, batch: pa.RecordBatch) -> I64:
    """When the row was merged or else created; 0 where the table does not say."""
    if "created_at" not in PREFERENCE_COLUMNS[table]:
        return np.zeros(batch.num_rows, np.int64)
    times = pc.coalesce(batch.column("merged_at"), batch.column("created_at"))
    seconds: I64 = times.cast(pa.int64()).to_numpy() // 1_000_000
    return seconds


def _hash64(row_id: str) -> int:
    return int.from_bytes(hashlib.blake2b(row_id.encode(), digest_size=8).digest(), "big")
