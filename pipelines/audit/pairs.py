"""Rows of mine beside what became of them. In: a shard of mine. Out: (raw, anonymized) dicts.

    for raw, fresh in row_pairs(run_path, shard, name): ...

A shard of anonymize is named like the shard of mine that it was made of, code names replaced. Rows
that were rejected have no partner and are left out here.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from pipelines.job import Job
from schemas.folder import open_folder
from schemas.manifest import Manifest, Shard, read_shard
from schemas.tables import ID_COLUMNS


class ShardPair(NamedTuple):
    """A shard of mine and those that anonymize made of it."""

    raw: Shard
    fresh: tuple[Shard, ...]


def shard_pairs(job: Job, mine: Manifest, anonymize: Manifest) -> list[ShardPair]:
    """A pair for each shard of mine that anonymize read."""
    receipts = {(receipt.table, receipt.name): receipt for receipt in anonymize.receipts}
    pairs = []
    for table in ("pull_requests", "source_files"):
        for shard in mine.shards(table):
            slug, _, part = shard.name.rpartition("-")
            receipt = receipts.get((table, f"{job.slug(slug)}-{part}"))
            made = receipt.shards if receipt else ()
            pairs.append(ShardPair(shard, tuple(one for one in made if one.table == table)))
    return pairs


def row_pairs(
    run_path: str, pair: ShardPair, rename: Callable[[str], str]
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Rows of the same id, as `rename` makes it anew; both sides are in the same order."""
    run = open_folder(run_path)
    column = ID_COLUMNS[pair.raw.table]
    fresh = (
        row
        for shard in pair.fresh
        for batch in read_shard(run.child("anonymize"), shard)
        for row in batch.to_pylist()
    )
    partner = next(fresh, None)
    for batch in read_shard(run.child("mine"), pair.raw):
        for raw in batch.to_pylist():
            if partner is not None and partner[column] == rename(raw[column]):
                yield raw, partner
                partner = next(fresh, None)
