"""Indexes of earlier runs that are damaged, stale or not earlier: refused, never silently used."""

import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from deduplicating import IN_PROCESS, deal, losers_of, source_files, write_shards

from pipelines.dedup.index import earlier_indexes
from pipelines.dedup.prepare import prepare
from schemas.errors import ConfigError, InputError, StageError
from transforms.dedup.config import DedupConfig

WRITES = DedupConfig(write_index=True)


def texts_of(begin: int, end: int) -> dict[str, str]:
    return {f"d{i}": " ".join(f"w{i}_{j}" for j in range(60)) for i in range(begin, end)}


def monday(folder: Path) -> DedupConfig:
    """A finished run with an index, and the settings of a later one."""
    losers_of(folder / "monday", deal(source_files(texts_of(0, 9)), 2), WRITES)
    return DedupConfig(against=(str(folder / "monday"),))


def test_a_run_is_not_compared_with_itself(tmp_path: Path) -> None:
    config = monday(tmp_path)
    shards = deal(source_files(texts_of(0, 9)), 2)
    with pytest.raises(ConfigError, match=r"monday is this run itself"):
        losers_of(tmp_path / "monday", shards, config)
    # However it is named; and one that is named twice is read once.
    names = (f"{tmp_path}/x/../monday", str(tmp_path / "monday"))
    assert earlier_indexes(names, f"{tmp_path}/tuesday/dedup") == [tmp_path / "monday/dedup.index"]


def test_an_index_goes_when_its_run_is_done_again_without_one(tmp_path: Path) -> None:
    config = monday(tmp_path)
    losers_of(tmp_path / "monday", deal(source_files(texts_of(5, 7)), 1), DedupConfig())
    with pytest.raises(InputError, match=r"no .*INDEX\.json; run that stage"):
        losers_of(tmp_path / "tuesday", deal(source_files(texts_of(0, 3)), 1), config)


def test_a_shard_that_became_empty_leaves_the_index(tmp_path: Path) -> None:
    rows = source_files(texts_of(0, 4))
    losers_of(tmp_path, {"source_files/a": rows[:2], "source_files/b": rows[2:]}, WRITES)
    losers_of(tmp_path, {"source_files/a": rows[:2], "source_files/b": []}, WRITES)
    index = json.loads((tmp_path / "dedup.index" / "INDEX.json").read_text())
    assert list(index["files"]) == ["source_files-a.parquet"]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"scheme": 1, "files": {}}'])
def test_a_damaged_list_of_files_is_an_error(tmp_path: Path, content: str) -> None:
    config = monday(tmp_path)
    (tmp_path / "monday" / "dedup.index" / "INDEX.json").write_text(content)
    with pytest.raises(InputError, match=r"INDEX\.json is damaged; delete "):
        losers_of(tmp_path / "tuesday", deal(source_files(texts_of(0, 3)), 1), config)


@pytest.mark.parametrize("fault", ["cut", "bit", "gone"])
def test_a_damaged_file_is_one_error_that_names_it(tmp_path: Path, fault: str) -> None:
    config = monday(tmp_path)
    path = tmp_path / "monday" / "dedup.index" / "source_files-s0.parquet"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data if fault == "bit" else data[:100])
    if fault == "gone":
        path.unlink()
    with pytest.raises((InputError, StageError), match=r"source_files-s0\.parquet cannot be read"):
        losers_of(tmp_path / "tuesday", deal(source_files(texts_of(0, 9)), 1), config)


@contextmanager
def limited(kind: int, most: int) -> Iterator[None]:
    before = resource.getrlimit(kind)
    resource.setrlimit(kind, (most, before[1]))
    yield
    resource.setrlimit(kind, before)


def test_open_files_do_not_grow_with_shards(tmp_path: Path) -> None:
    shards = deal(source_files({f"d{i}": f"a b c d e f {i}" for i in range(300)}), 150)
    with limited(resource.RLIMIT_NOFILE, 200):
        assert losers_of(tmp_path, shards, DedupConfig()) == {}


def test_what_the_disk_says_is_one_error(tmp_path: Path) -> None:
    inputs = write_shards(tmp_path / "in", deal(source_files(texts_of(0, 9)), 1))
    folder = tmp_path / "dedup" / "_side"
    folder.mkdir(parents=True)
    with (
        limited(resource.RLIMIT_FSIZE, 4_000),
        pytest.raises(StageError, match=r"^dedup: \[Errno 27\] File too large"),
    ):
        prepare(inputs, DedupConfig(), 0, str(folder.parent), IN_PROCESS)
