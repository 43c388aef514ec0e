"""dedup's Beam graph: side files that do not depend on how rows lie in shards."""

import hashlib
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rows import SOURCE_FILE

from pipelines.dedup import connected_components, pair_up, prepare
from pipelines.shards import InputShard
from schemas.arrow import to_batch
from schemas.errors import StageError
from schemas.tables import PullRequest, SourceFile
from transforms.dedup import DedupConfig

RUNNER = ("--runner=FnApiRunner",)


def make_rows() -> list[SourceFile]:
    """12 families of a root, two edited copies and one byte-equal copy; and short files."""
    rng = random.Random(5)
    texts = ["{}", "[]", "import os", "import sys"]
    for family in range(12):
        root = [f"word{family}_{rng.randrange(50)}" for _ in range(60)]
        copies = [[*root[:-4], f"edit{n}"] for n in range(2)]
        texts += [" ".join(words) for words in (root, root, *copies)]
    rng.shuffle(texts)
    return [replace(SOURCE_FILE, file_id=f"f{i:02}", text=text) for i, text in enumerate(texts)]


def write_shards(folder: Path, shards: list[list[SourceFile]]) -> list[InputShard]:
    folder.mkdir()
    tables = [("source_files", to_batch(SourceFile, rows)) for rows in shards]
    tables.append(("pull_requests", to_batch(PullRequest, [])))
    made = []
    for number, (table, batch) in enumerate(tables):
        path = folder / f"{table}-{number}.parquet"
        pq.write_table(pa.Table.from_batches([batch]), path)
        made.append(
            InputShard(
                table=table,
                name=f"s{number}",
                path=str(path),
                num_rows=batch.num_rows,
                sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
            )
        )
    return made


def read_losers(side: dict[tuple[str, str], str]) -> list[dict[str, str]]:
    rows = [row for path in side.values() for row in pq.read_table(path).to_pylist()]
    return sorted(rows, key=lambda row: row["row_id"])


def test_one_shard_and_three_shards_have_the_same_losers(tmp_path: Path) -> None:
    rows = make_rows()
    one = write_shards(tmp_path / "one", [rows])
    three = write_shards(tmp_path / "three", [rows[2::3], rows[::3], rows[1::3]])
    of_one = prepare(one, DedupConfig(), 0, str(tmp_path / "side1"), RUNNER)
    of_three = prepare(three, DedupConfig(), 0, str(tmp_path / "side3"), RUNNER)
    losers = read_losers(of_one)
    assert losers == read_losers(of_three)
    # Of each family the longest stays: its byte-equal copy and both edited copies go.
    assert [loser["reason"] for loser in losers].count("exact_duplicate") == 12
    assert [loser["reason"] for loser in losers].count("near_duplicate") == 24
    assert not {loser["row_id"] for loser in losers} & {loser["duplicate_of"] for loser in losers}
    # A side file for each shard, holding only that shard's rows, and nothing else left behind.
    assert set(of_three) == {(shard.table, shard.name) for shard in three}
    for shard in three[:3]:
        side = pq.read_table(of_three["source_files", shard.name]).column("row_id").to_pylist()
        ids = pq.read_table(shard.path).column("file_id").to_pylist()
        assert side == sorted(side)
        assert set(side) <= set(ids)
    assert sorted(p.name for p in (tmp_path / "side3").iterdir()) == sorted(
        Path(path).name for path in of_three.values()
    )


def test_a_table_that_is_not_deduplicated_has_an_empty_side_file(tmp_path: Path) -> None:
    shards = write_shards(tmp_path / "in", [make_rows()])
    config = DedupConfig(tables=("pull_requests",))
    side = prepare(shards, config, 0, str(tmp_path / "side"), RUNNER)
    assert read_losers(side) == []
    columns = pq.read_table(side["source_files", "s0"]).column_names
    assert columns == ["row_id", "duplicate_of", "reason", "detail"]


@pytest.mark.parametrize("fault", ["corrupt", "twice"])
def test_a_bad_shard_is_one_error_that_names_it(tmp_path: Path, fault: str) -> None:
    rows = make_rows()
    shards = write_shards(tmp_path / "in", [rows if fault == "corrupt" else [rows[0], rows[0]]])
    if fault == "corrupt":
        Path(shards[0].path).write_bytes(b"PAR1")
    with pytest.raises(StageError, match=r"source_files-0\.parquet"):
        prepare(shards, DedupConfig(), 0, str(tmp_path / "side"), RUNNER)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=15))
def test_components_are_those_of_union_find(edges: list[tuple[int, int]]) -> None:
    parent = list(range(10))

    def root(node: int) -> int:
        return node if parent[node] == node else root(parent[node])

    for a, b in edges:
        low, high = sorted((root(a), root(b)))
        parent[high] = low
    found = connected_components(10, np.array(edges, np.int64).reshape(-1, 2))
    assert found.tolist() == [root(node) for node in range(10)]


def test_documents_of_a_key_are_tied_to_its_first() -> None:
    pairs = np.array([[7, 3], [8, 1], [7, 2], [7, 5], [9, 2]], np.uint64)
    (found,) = pair_up((("source_files", 0), [pairs[:2], pairs[2:]]))
    assert found[0] == "source_files"
    assert found[1].tolist() == [[2, 3], [2, 5]]
    assert list(pair_up((("source_files", 0), [pairs[1:2]]))) == []
