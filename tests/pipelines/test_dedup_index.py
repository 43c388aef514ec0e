"""The signature index: unchanged shards are not read again, earlier runs are compared with."""

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from datasketch import LeanMinHash
from deduplicating import IN_PROCESS, losers_of, similarity, source_files, write_shards

from pipelines.dedup.index import index_fingerprint
from pipelines.dedup.prepare import prepare
from schemas.errors import ConfigError, InputError
from transforms.dedup.config import DedupConfig
from transforms.dedup.minhash import lean_minhash

WRITES = DedupConfig(write_index=True)


def texts_of(num_families: int, seed: int) -> dict[str, str]:
    """Families of four: a root, two edited copies, one byte-equal copy."""
    rng = random.Random(seed)
    texts = {}
    for family in range(num_families):
        root = [f"word{rng.randrange(5_000)}" for _ in range(rng.choice([3, 60, 120]))]
        for copy in range(4):
            kept = root[: max(1, len(root) - copy % 3 * 3)]
            texts[f"{seed}-{family:02}-{copy}"] = " ".join([*kept, f"edit{copy % 3}"])
    return texts


def shards_of(
    texts: dict[str, str], num_shards: int, prefix: str = "s"
) -> dict[str, Sequence[object]]:
    rows = source_files(texts)
    return {f"source_files/{prefix}{i}": rows[i::num_shards] for i in range(num_shards)}


def test_a_run_compared_with_an_earlier_one_keeps_the_promise_over_both(tmp_path: Path) -> None:
    before = texts_of(20, seed=1)
    rng = random.Random(3)
    # Of today's files some are copies of yesterday's, some edited, some new.
    copies = {f"again-{name}": text for name, text in before.items() if rng.random() < 0.3}
    edited = {f"edited-{name}": f"{text} today" for name, text in before.items()}
    today = {**copies, **dict(rng.sample(sorted(edited.items()), 30)), **texts_of(10, seed=2)}
    monday = tmp_path / "monday"
    lost_before = losers_of(monday, shards_of(before, 3), WRITES)
    kept_before = {name: text for name, text in before.items() if name not in lost_before}
    config = DedupConfig(against=(str(monday),))
    lost = losers_of(tmp_path / "tuesday", shards_of(today, 2), config)
    kept = {name: text for name, text in today.items() if name not in lost}
    assert not set(lost) & set(before)
    for name, loser in lost.items():
        witness = loser["duplicate_of"]
        exact = similarity(today[name], {**kept_before, **kept}[witness])
        assert exact >= 0.7
        if loser["reason"] == "near_duplicate":
            assert loser["detail"] == f"similarity {exact:.4f}"
    together = {**kept_before, **kept}
    for name, text in kept.items():
        others = [other for id_, other in together.items() if id_ != name]
        assert all(similarity(text, other) < 0.7 for other in others)
    assert {f"again-{name}" for name in kept_before} & set(today) <= set(lost)


def test_an_index_gives_the_same_losers_as_the_text(tmp_path: Path) -> None:
    shards = shards_of(texts_of(20, seed=1), 3)
    inputs = write_shards(tmp_path / "in", shards)
    out = tmp_path / "dedup"
    (out / "_side").mkdir(parents=True)
    side, counts = prepare(inputs, WRITES, 0, str(out), IN_PROCESS)
    expected = [Path(path).read_bytes() for path in side.values()]
    index = {path.name: path.read_bytes() for path in Path(f"{out}.index").iterdir()}
    # The text is gone: only the index can tell.
    for shard in inputs[1:]:
        Path(shard.path).write_bytes(b"gone")
    again, same_counts = prepare(inputs, WRITES, 0, str(out), IN_PROCESS)
    assert [Path(path).read_bytes() for path in again.values()] == expected
    assert same_counts == counts
    assert {path.name: path.read_bytes() for path in Path(f"{out}.index").iterdir()} == index


def test_a_changed_shard_is_read_again_and_one_that_is_no_more_leaves_the_index(
    tmp_path: Path,
) -> None:
    texts = texts_of(6, seed=1)
    losers_of(tmp_path, shards_of(texts, 3), WRITES)
    before = index_fingerprint(tmp_path / "dedup.index")
    changed = dict(list(texts.items())[:8])
    found = losers_of(tmp_path, shards_of(changed, 2), WRITES)
    fresh = losers_of(tmp_path / "fresh", shards_of(changed, 2), DedupConfig())
    assert found == fresh
    names = sorted(path.name for path in (tmp_path / "dedup.index").iterdir())
    assert names == ["INDEX.json", "source_files-s0.parquet", "source_files-s1.parquet"]
    assert index_fingerprint(tmp_path / "dedup.index") != before


def test_datasketch_reads_the_signatures(tmp_path: Path) -> None:
    texts = {"a": "one two three four five six seven " * 9, "b": "one two three four five six " * 9}
    losers_of(tmp_path, shards_of(texts, 1), WRITES)
    folder = tmp_path / "dedup.index"
    rows = pq.read_table(folder / "source_files-s0.parquet").to_pylist()
    scheme = json.loads((folder / "INDEX.json").read_text())["scheme"]
    one, other = (lean_minhash(row["signature"], scheme["seed"]) for row in rows)
    assert isinstance(one, LeanMinHash)
    exact = len(set(rows[0]["shingles"]) & set(rows[1]["shingles"])) / len(
        set(rows[0]["shingles"]) | set(rows[1]["shingles"])
    )
    assert one.jaccard(other) == pytest.approx(exact, abs=0.15)
    assert len(one.hashvalues) == scheme["num_perm"]


def test_another_scheme_is_refused_and_a_run_without_index_too(tmp_path: Path) -> None:
    losers_of(tmp_path / "monday", shards_of(texts_of(2, seed=1), 1), WRITES)
    config = DedupConfig(against=(str(tmp_path / "monday"),), shingle_size=4)
    with pytest.raises(ConfigError, match="shingle_size 5, this run has 4"):
        losers_of(tmp_path / "tuesday", shards_of(texts_of(2, seed=2), 1), config)
    config = replace(config, against=(str(tmp_path / "sunday"),))
    with pytest.raises(InputError, match=r"-s dedup\.write_index=true"):
        losers_of(tmp_path / "tuesday", shards_of(texts_of(2, seed=2), 1), config)
