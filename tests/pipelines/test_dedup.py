"""dedup's Beam graph: the promise, whatever the order of rows, the shards and the workers."""

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq
import pytest
from deduplicating import (
    FINDS_ALL,
    IN_PROCESS,
    TINY,
    deal,
    greedy_losers,
    losers_of,
    similarity,
    source_files,
    write_shards,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from rows import FILE_CHANGE, PULL_REQUEST

from pipelines.dedup.prepare import prepare
from pipelines.dedup.work import Limits
from schemas.errors import StageError
from schemas.tables import PullRequest
from transforms.dedup.config import DedupConfig

THREADS = (*IN_PROCESS, "--direct_num_workers=2", "--direct_running_mode=multi_threading")
PROCESSES = (*IN_PROCESS, "--direct_num_workers=2", "--direct_running_mode=multi_processing")
LIMITS = (Limits(), replace(TINY, small_rows=1000))
PORTABLE = ("--runner=PortableRunner", "--job_endpoint=embed", "--environment_type=LOOPBACK")


def words(start: int, end: int) -> str:
    return " ".join(f"w{i}" for i in range(start, end))


@st.composite
def corpora(draw: st.DrawFn) -> dict[str, str]:
    """Families of copies with some words changed, short ones, copies, and a chain of headers."""
    rng = random.Random(draw(st.integers(0, 2**32)))
    texts: dict[str, str] = {}
    for family in range(draw(st.integers(1, 3))):
        root = [f"w{family}_{rng.randrange(30)}" for _ in range(rng.choice([0, 2, 6, 40, 120]))]
        for copy in range(draw(st.integers(1, 6))):
            changed = [w if rng.random() > 0.04 else f"x{rng.randrange(9)}" for w in root]
            text = " ".join(changed[: len(changed) - rng.randrange(2)])
            texts[f"{family}-{copy}"] = text + rng.choice(["", " ", "\n"])
    texts |= {f"chain-{i}": words(i * 8, i * 8 + 100) for i in range(draw(st.integers(0, 6)))}
    return texts


@settings(max_examples=20, derandomize=True, deadline=None)
@given(corpora(), st.integers(1, 4), st.randoms(use_true_random=False), st.sampled_from(LIMITS))
def test_losers_are_those_of_the_greedy_rule_over_all_pairs(
    texts: dict[str, str], num_shards: int, rng: random.Random, limits: Limits
) -> None:
    rows = source_files(texts)
    rng.shuffle(rows)
    with TemporaryDirectory() as folder:
        losers = losers_of(Path(folder), deal(rows, num_shards), FINDS_ALL, limits=limits)
    assert set(losers) == greedy_losers(texts)
    for name, loser in losers.items():
        witness = loser["duplicate_of"]
        assert witness not in losers
        exact = similarity(texts[name], texts[witness])
        assert exact >= 0.7
        if texts[name] == texts[witness]:
            assert (loser["reason"], loser["detail"]) == ("exact_duplicate", "")
        else:
            assert loser["reason"] == "near_duplicate"
            assert loser["detail"] == f"similarity {exact:.4f}"


def family_texts() -> dict[str, str]:
    """40 families of a root, copies and edited copies that share a header, and short files."""
    rng = random.Random(5)
    header = words(0, 40)
    texts = {f"short{i}": text for i, text in enumerate(["{}", "[]", "", " ", "import os", "x=1"])}
    for family in range(40):
        root = [f"word{family}_{rng.randrange(50)}" for _ in range(rng.choice([60, 120]))]
        for copy in range(4):
            text = " ".join([*root[: len(root) - copy % 3 * 3], f"edit{copy % 3}"])
            texts[f"{family:02}-{copy}"] = f"{header} {text}"
    return texts


def test_the_same_losers_for_any_shards_and_workers(tmp_path: Path) -> None:
    rows = source_files(family_texts())
    # Of so small a crowd of candidates much is passed over, the same for all.
    config = DedupConfig(max_candidates=3)
    expected = losers_of(tmp_path / "one", deal(rows, 1), config)
    assert len(expected) > 60
    runs = ((7, THREADS, None), (7, THREADS, TINY), (2, PROCESSES, TINY), (2, PORTABLE, TINY))
    for number, (num_shards, options, limits) in enumerate(runs):
        shuffled = random.Random(number).sample(rows, len(rows))
        folder = tmp_path / str(number)
        assert losers_of(folder, deal(shuffled, num_shards), config, options, limits) == expected


def test_short_files_equal_only_themselves(tmp_path: Path) -> None:
    texts = ["import os", "import sys", "import os ", "x = 1", "x: 1", "{}", "[]", "", "\n", "x1"]
    copies = {f"{i}{copy}": text for i, text in enumerate(texts) for copy in "ab"}
    losers = losers_of(tmp_path, deal(source_files(copies), 2), DedupConfig())
    assert len(losers) == len(texts)
    for name, loser in losers.items():
        assert copies[name] == copies[loser["duplicate_of"]]
        assert loser["reason"] == "exact_duplicate"


def test_a_permissive_copy_is_kept_before_a_longer_one(tmp_path: Path) -> None:
    long, short = source_files({"long": words(0, 100), "short": words(0, 95)})
    rows = [replace(long, license="GPL-3.0-only"), short]
    losers = losers_of(tmp_path, deal(rows, 2), DedupConfig())
    assert {name: loser["duplicate_of"] for name, loser in losers.items()} == {"long": "short"}


def pull_request(name: str, patch: str, merged: int = 2) -> PullRequest:
    change = replace(FILE_CHANGE, patch=patch, base_content=None)
    created = PULL_REQUEST.created_at
    return replace(
        PULL_REQUEST,
        pr_id=name,
        title=name,
        files=(change,),
        merged_at=created.replace(year=created.year + merged),
    )


def test_a_backport_goes_for_the_change_and_the_change_stays_beside_its_revert(
    tmp_path: Path,
) -> None:
    lines = [f"total = price * {i} + tax_of(country, {i})" for i in range(12)]
    patch = "@@ -0,0 +1,12 @@\n" + "".join(f"+{line}\n" for line in lines)
    rows = [
        pull_request("Add totals", patch, merged=3),
        pull_request("[2.x] Add totals", patch.replace("@@ -0,0", "@@ -7,0"), merged=1),
        pull_request("Revert totals", patch.replace("\n+", "\n-")),
    ]
    losers = losers_of(tmp_path, {"pull_requests/s0": rows}, DedupConfig())
    assert {name: loser["duplicate_of"] for name, loser in losers.items()} == {
        "[2.x] Add totals": "Add totals"
    }


def test_tables_never_meet_and_those_left_out_have_empty_side_files(tmp_path: Path) -> None:
    files = source_files({"a": words(0, 50), "b": words(0, 50)})
    shards: dict[str, Sequence[object]] = {
        "source_files/s": files,
        "pull_requests/s": [pull_request("a", "@@ -0,0 +1 @@\n+" + words(0, 50))],
    }
    inputs = write_shards(tmp_path / "in", shards)
    (tmp_path / "dedup" / "_side").mkdir(parents=True)
    config = DedupConfig(tables=("pull_requests",))
    side, counts = prepare(inputs, config, 0, str(tmp_path / "dedup"), IN_PROCESS)
    assert {key: pq.read_table(path).num_rows for key, path in side.items()} == {
        ("source_files", "s"): 0,
        ("pull_requests", "s"): 0,
    }
    assert counts["documents"] == 1
    # Nothing else is left behind.
    left = {path.name for path in (tmp_path / "dedup" / "_side").iterdir()}
    assert left == {Path(path).name for path in side.values()}
    assert len(losers_of(tmp_path / "all", shards, DedupConfig())) == 1


@pytest.mark.parametrize("fault", ["corrupt", "twice"])
def test_a_bad_shard_is_one_error_that_names_it(tmp_path: Path, fault: str) -> None:
    rows = source_files({"a": "text of a", "b": "text of b"})
    inputs = write_shards(
        tmp_path / "in", deal(rows if fault == "corrupt" else [rows[0], rows[0]], 1)
    )
    if fault == "corrupt":
        Path(inputs[0].path).write_bytes(b"PAR1")
    (tmp_path / "dedup" / "_side").mkdir(parents=True)
    with pytest.raises(StageError, match=r"source_files/s0\.parquet"):
        prepare(inputs, DedupConfig(), 0, str(tmp_path / "dedup"), IN_PROCESS)


@pytest.mark.parametrize("num_rows", [0, 1])
def test_a_table_of_no_or_one_row_loses_nothing(tmp_path: Path, num_rows: int) -> None:
    rows = source_files({"a": words(0, 9)})[:num_rows]
    assert losers_of(tmp_path, deal(rows, 1), DedupConfig()) == {}


def test_all_rows_of_a_fork_go_and_are_no_witness(tmp_path: Path) -> None:
    rows = source_files({"a": words(0, 100), "b": words(0, 95), "c": words(200, 290)})
    rows = [replace(rows[0], repo="ben/shop"), rows[1], replace(rows[2], repo="ben/shop")]
    inputs = write_shards(tmp_path / "in", deal(rows, 2))
    (tmp_path / "dedup" / "_side").mkdir(parents=True)
    forks = {"ben/shop": "acme/shop"}
    side, _ = prepare(inputs, DedupConfig(), 0, str(tmp_path / "dedup"), IN_PROCESS, forks)
    found = [row for path in side.values() for row in pq.read_table(path).to_pylist()]
    assert sorted((row["row_id"], row["reason"], row["detail"]) for row in found) == [
        ("a", "fork", "acme/shop"),
        ("c", "fork", "acme/shop"),
    ]


def test_a_function_that_a_better_file_holds_is_named_with_its_place(tmp_path: Path) -> None:
    body = "".join(f"    step_{i} = call_{i}(a, b)\n" for i in range(12))
    shared = f"def shared(a, b):\n{body}    return step_1\n"
    texts = {
        "long": f"{shared}\n\n" + "".join(f"LONG_{i} = {i}\n" for i in range(300)),
        "short": "".join(f"SHORT_{i} = {i}\n" for i in range(150)) + f"\n\n{shared}",
    }
    rows = [replace(row, language="python") for row in source_files(texts)]
    config = DedupConfig(repeated_functions="cut")
    losers = losers_of(tmp_path, deal(rows, 2), config)
    assert {name: row["reason"] for name, row in losers.items()} == {"short": "cut"}
    begin, end = map(int, losers["short"]["detail"].split(":"))
    assert texts["short"][begin:end].strip() == shared.strip()


@pytest.mark.parametrize("copy_of", ["short", "short, edited"])
def test_a_witness_keeps_the_functions_that_a_better_file_holds(
    tmp_path: Path, copy_of: str
) -> None:
    body = "".join(f"    step_{i} = call_{i}(a, b)\n" for i in range(40))
    shared = f"def shared(a, b):\n{body}    return step_1\n"
    long = f"{shared}\n\n" + "".join(f"LONG_{i} = {i}\n" for i in range(300))
    copy = shared if copy_of == "short" else shared.replace("return step_1", "return a")
    texts = {"long": long, "short": f"import os\n\n\n{shared}", "copy": f"import os\n\n\n{copy}"}
    rows = [replace(row, language="python") for row in source_files(texts)]
    losers = losers_of(tmp_path, deal(rows, 2), DedupConfig(repeated_functions="cut"))
    # Without its function nothing but an import were left of the witness, and it would go too.
    (name,) = losers
    assert losers[name]["duplicate_of"] in {"short", "copy"} - {name}
