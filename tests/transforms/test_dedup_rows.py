"""dedup's mapping transform: a batch is split by what the side file says."""

from dataclasses import replace
from typing import Any

import pyarrow as pa
from rows import PULL_REQUEST, SOURCE_FILE

from schemas.arrow import to_batch, to_rows
from schemas.tables import PullRequest, SourceFile
from transforms.dedup.functions import function_hashes
from transforms.dedup.rows import CUT, DropDuplicates

FUNCTION = "def first(a, b):\n    total = a + b\n    return total * 2\n"


def loser(row_id: str, duplicate_of: str = "", reason: str = "fork", detail: str = "") -> Any:
    return {"row_id": row_id, "duplicate_of": duplicate_of, "reason": reason, "detail": detail}


def opened(*losers: Any) -> DropDuplicates:
    transform = DropDuplicates("dedup")
    transform.open()
    transform.use(pa.Table.from_pylist(list(losers)))
    return transform


def test_rows_that_the_side_file_names_are_rejected_and_the_others_pass_as_they_are() -> None:
    rows = [replace(SOURCE_FILE, file_id=name) for name in ("f0", "f1", "f2", "f3")]
    transform = opened(
        loser("f1", "f9", "near_duplicate", "similarity 0.8421"), loser("f3", detail="acme/shop")
    )
    outcome = transform.apply("source_files", to_batch(SourceFile, rows))
    assert isinstance(outcome.kept, pa.RecordBatch)
    assert list(to_rows(SourceFile, outcome.kept)) == [rows[0], rows[2]]
    near, fork = outcome.rejected
    assert (near.row_id, near.duplicate_of, near.reason, near.detail, near.stage) == (
        "f1",
        "f9",
        "near_duplicate",
        "similarity 0.8421",
        "dedup",
    )
    assert (fork.row_id, fork.duplicate_of, fork.reason) == ("f3", None, "fork")
    assert (near.repo, near.license) == (rows[1].repo, rows[1].license)


def test_each_shard_has_its_own_losers() -> None:
    transform = opened(loser("f1", "f9", "exact_duplicate"))
    transform.use(pa.Table.from_pylist([loser("f1")]).slice(0, 0))
    batch = to_batch(PullRequest, [replace(PULL_REQUEST, pr_id="f1")])
    outcome = transform.apply("pull_requests", batch)
    assert outcome.rejected == []
    assert len(outcome.kept) == 1


def test_functions_are_cut_from_a_file_and_what_is_bare_then_is_rejected() -> None:
    full = replace(SOURCE_FILE, file_id="f0", text=f"{FUNCTION}\n\nSIZE = 3\n", language="python")
    bare = replace(SOURCE_FILE, file_id="f1", text=f"import os\n\n\n{FUNCTION}", language="python")
    other = replace(SOURCE_FILE, file_id="f2", text="VALUE = 1\n", language="python")
    spans = {row.file_id: function_hashes("python", row.text, 5)[0][:2] for row in (full, bare)}
    transform = opened(
        *(loser(name, "", CUT, f"{begin}:{end}") for name, (begin, end) in spans.items())
    )
    outcome = transform.apply("source_files", to_batch(SourceFile, [other, full, bare]))
    kept: Any = outcome.kept
    assert [row.text for row in kept] == ["VALUE = 1\n", "SIZE = 3\n"]
    assert kept[1].num_lines == 1
    assert [row.reason for row in outcome.rejected] == ["repeated_functions"]
