"""Benchmark lists: every published shape is read, and what cannot be read is an error."""

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from benchmark_lists import BASE, GOLD, instance, patch_of, read_one, write_list

from schemas.errors import ConfigError, InputError, KatydidError
from transforms.decontaminate.benchmarks import read_benchmarks
from transforms.decontaminate.lists import digest_of, parse_entry


def write_as(path: Path, rows: list[dict[str, Any]]) -> None:
    if path.name.endswith(".parquet"):
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif path.name.endswith(".csv"):
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    elif path.name.endswith(".gz"):
        with gzip.open(path, "wt") as file:
            file.write("\n".join(map(json.dumps, rows)))
    else:
        is_lines = path.name.endswith("jsonl")
        path.write_text("\n".join(map(json.dumps, rows)) if is_lines else json.dumps(rows))


@pytest.mark.parametrize("suffix", ["jsonl", "jsonl.gz", "json", "parquet", "csv"])
def test_every_format_says_the_same(tmp_path: Path, suffix: str) -> None:
    long = instance(instance_id="acme__shop-42", patch=patch_of(GOLD + "# more\n" * 30_000))
    write_as(tmp_path / f"swe.{suffix}", [instance(), long])
    made = read_benchmarks((str(tmp_path / f"swe.{suffix}"),))
    assert [one.number for one in made.instances] == [41, 42]
    assert made.instances[0].repo == "acme/shop"
    assert made.instances[0].base_commit == BASE
    assert [kind for kind, _ in made.instances[0].patches] == ["gold", "test"]
    assert made.instances[0].patches[0][1][0].added == GOLD
    assert made.notes == ("swe: 2 instances of 1 repositories",)


def test_each_family_names_its_columns_in_its_own_way(tmp_path: Path) -> None:
    sha = "ab" * 20
    rows = [
        # Multi-SWE-bench.
        {"org": "acme", "repo": "shop", "number": 7, "base": {"label": "m", "sha": BASE},
         "fix_patch": patch_of(GOLD), "test_patch": ""},
        # SWE-bench-Live and SWE-Compass.
        {"repo": "acme/till", "pull_number": "8", "instance_id": "acme__till-8", "patch": "",
         "base_commit": BASE, "commit_urls": [f"https://host.example/acme/till/commit/{sha}"]},
        # SWE-bench Pro: the id holds the commit of the solution.
        {"instance_id": f"instance_acme__desk-{sha}-vnan", "repo": "acme/desk",
         "base_commit": BASE, "patch": patch_of(GOLD)},
    ]  # fmt: skip
    made = read_one(tmp_path, *rows)
    assert [(one.repo, one.number) for one in made.instances] == [
        ("acme/shop", 7), ("acme/till", 8), ("acme/desk", None),
    ]  # fmt: skip
    assert [one.solutions for one in made.instances] == [(), (sha,), (sha,)]
    assert made.instances[0].base_commit == BASE
    assert made.notes == ("bench: 3 instances of 3 repositories, 1 without patch",)


@pytest.mark.parametrize(
    ("row", "columns"),
    [
        ({"task_id": "HumanEval/0", "prompt": "a", "canonical_solution": "b", "test": "c",
          "entry_point": "f"}, ["prompt", "canonical_solution", "test"]),
        ({"task_id": 11, "text": "a", "code": "b", "test_list": ["c", "d"]},
         ["text", "code", "test_list"]),
        ({"question_id": "1873_A", "question_title": "a", "question_content": "b",
          "starter_code": "", "public_test_cases": "[]"}, ["question_title", "question_content"]),
        ({"id": "x", "statement": "a"}, ["statement"]),
    ],
)  # fmt: skip
def test_texts_are_read_from_known_and_named_columns(
    tmp_path: Path, row: dict[str, Any], columns: list[str]
) -> None:
    made = read_one(tmp_path, row, columns=("statement",))
    assert [text.column for text in made.texts] == columns
    assert made.instances == []


def test_an_instance_of_two_lists_counts_once(tmp_path: Path) -> None:
    lists = [write_list(tmp_path / f"{name}.jsonl", instance()) for name in ("full", "verified")]
    made = read_benchmarks(lists)
    assert [one.benchmark for one in made.instances] == ["full"]
    assert [digest["name"] for digest in made.digests] == ["full", "verified"]


def test_partial_rows_are_counted(tmp_path: Path) -> None:
    rows = [
        instance(),
        instance(instance_id="acme__shop-42", patch="", test_patch=None),
        instance(instance_id="acme__shop-43", patch="no diff at all"),
        {"instance_id": "?", "patch": "", "repo": ""},
    ]
    assert read_one(tmp_path, *rows).notes == (
        "bench: 3 instances of 1 repositories, 1 blank rows, 1 without patch, 1 unreadable patches",
    )


@pytest.mark.parametrize(
    ("name", "content", "error", "message"),
    [
        ("gone.jsonl", None, InputError, "cannot read .*gone.jsonl"),
        ("empty.jsonl", b"", InputError, "no rows"),
        ("empty.json", b"[]", InputError, "no rows"),
        ("empty.csv", b"instance_id,patch\n", InputError, "no rows"),
        ("blank.jsonl", b'{"instance_id": "a", "patch": ""}\n', InputError, "every row is blank"),
        ("torn.jsonl", b'{"repo": "a/b", "base_commit": "c"}\n{"re', InputError, "row 2: not JSON"),
        ("list.jsonl", b"[1]\n", InputError, "row 1: no JSON object"),
        ("deep.json", b"[" * 100_000, InputError, "row 1: not JSON"),
        ("pointer.parquet", b"version https://git-lfs.github.com/spec/v1\n", InputError, "git lfs"),
        ("torn.parquet", b"PAR1 and no more", InputError, "download it again"),
        ("torn.jsonl.gz", b"\x1f\x8b\x08", InputError, "download it again"),
        ("latin.csv", b"prompt\n\xff\n", InputError, "download it again"),
        ("odd.jsonl", b'{"answer": "x"}\n', ConfigError, "row 1: no known column among answer"),
        ("odd.xlsx", b"", ConfigError, "ends in none of"),
    ],
)
def test_what_cannot_be_read_is_an_error_that_says_where(
    tmp_path: Path, name: str, content: bytes | None, error: type[KatydidError], message: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(error, match=message):
        read_benchmarks((str(tmp_path / name),))


def test_a_list_is_known_by_its_bytes(tmp_path: Path) -> None:
    one, same, other = (tmp_path / f"{name}.jsonl" for name in ("one", "same", "other"))
    for path in (one, same):
        write_list(path, instance())
    write_list(other, instance(version="1.3"))
    assert digest_of(one) == digest_of(same) != digest_of(other)
    assert parse_entry(f"swe-bench={one}").name == "swe-bench"
    assert parse_entry(str(one)).name == "one"
