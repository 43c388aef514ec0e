"""The last step: what each shard loses. In: verdicts, copies. Out: a side file a shard.

write_side_file(3, work, "run/dedup/_side/source_files-click-00000.parquet")
    ->  row_id, duplicate_of, reason, detail; sorted by row_id
"""

import uuid
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.dedup.repeats import read_cuts
from pipelines.dedup.rounds import open_verdicts
from pipelines.dedup.work import (
    LOW_BITS,
    ROW_BITS,
    UNRANKED,
    Work,
    open_array,
    open_copies,
    open_ranks,
    open_rows,
    ranks_at,
)
from schemas.reasons import Reason
from transforms.dedup.arrays import I64, U32, U64
from transforms.dedup.pairs import DROPPED
from transforms.dedup.rows import CUT

SIDE_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("row_id", "duplicate_of", "reason", "detail")]
)


def write_side_file(number: int, work: Work, path: str) -> set[str]:
    """What a shard loses; nothing where it has no row. Gives the ids of the rows that go."""
    losers = list(find_losers(number, work)) if work.rows(number).exists() else []
    lost = {row_id for row_id, _, _, _ in losers}
    write_losers([*losers, *_cuts(number, work)], path)
    return lost


def write_losers(losers: list[tuple[str, str, str, str]], path: str) -> None:
    """A side file."""
    columns = list(zip(*sorted(losers), strict=True)) or [()] * len(SIDE_SCHEMA)
    temporary = f"{path}.{uuid.uuid4().hex}"
    pq.write_table(pa.table([list(c) for c in columns], schema=SIDE_SCHEMA), temporary)
    Path(temporary).replace(path)


def find_losers(number: int, work: Work) -> Iterator[tuple[str, str, str, str]]:
    """(row, kept row, reason, detail) of a shard's dropped rows."""
    ids = open_rows(work, number).column("row_id")
    verdicts = open_verdicts(work)
    ranks = open_ranks(number, work)
    rows = np.flatnonzero(ranks != UNRANKED)
    rows = rows[verdicts.status[ranks[rows]] == DROPPED]
    yield from _near(ids, rows, ranks[rows], work)
    copies, originals = open_copies(number, work)
    of_original = ranks_at(originals, work)
    is_near = verdicts.status[of_original] == DROPPED
    # A copy of a document that was dropped is as similar to what that was dropped for.
    yield from _near(ids, copies[is_near], of_original[is_near], work)
    names = _ids_at(originals[~is_near], work)
    for row, name in zip(ids.take(copies[~is_near]).to_pylist(), names, strict=True):
        yield row, name, Reason.EXACT_DUPLICATE.value, ""
    forks = open_rows(work, number).select(["row_id", "fork_of"])
    for fork in forks.filter(pc.not_equal(forks.column("fork_of"), "")).to_pylist():
        yield fork["row_id"], "", Reason.FORK.value, fork["fork_of"]


def _cuts(number: int, work: Work) -> Iterator[tuple[str, str, str, str]]:
    """(row, "", `CUT`, spans) of files that lose functions; a span is "begin:end" in bytes."""
    cuts = read_cuts(number, work)
    rows, starts = np.unique(cuts[:, 0], return_index=True)
    ids = open_rows(work, number).column("row_id") if len(rows) else []
    for row, spans in zip(rows.tolist(), np.split(cuts[:, 1:], starts[1:]), strict=False):
        yield ids[row].as_py(), "", CUT, ",".join(f"{begin}:{end}" for begin, end in spans.tolist())


def _near(
    ids: pa.ChunkedArray, rows: I64, ranks: U32, work: Work
) -> Iterator[tuple[str, str, str, str]]:
    verdicts = open_verdicts(work)
    location = open_array(work.path("ranked.npy"))[verdicts.witness[ranks], 0]
    witnesses = _ids_at(np.array(location), work)
    similarities = verdicts.similarity[ranks].tolist()
    near = Reason.NEAR_DUPLICATE.value
    for row, witness, value in zip(
        ids.take(pa.array(rows)).to_pylist(), witnesses, similarities, strict=True
    ):
        yield row, witness, near, f"similarity {value:.4f}"


def _ids_at(location: U64, work: Work) -> list[str]:
    """Row ids of documents anywhere."""
    shards = location >> ROW_BITS
    order = np.argsort(shards, kind="stable")
    found = [
        pc.take(
            open_rows(work, shard).column("row_id"),
            pa.array(location[shards == shard] & LOW_BITS),
        )
        for shard in np.unique(shards).tolist()
    ]
    names = np.empty(len(location), object)
    if found:
        names[order] = pa.chunked_array([c for f in found for c in f.chunks]).to_pylist()
    return list(names)
