"""What rows are compared by, and which of two copies is the better."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rows import DIALOGUE, FILE_CHANGE, PULL_REQUEST, SOURCE_FILE

from schemas.arrow import to_batch
from schemas.tables import TABLES, Dialogue, FileChange, Message, PullRequest, SourceFile, ToolCall
from transforms.dedup.documents import COMPARED_COLUMNS, document_texts
from transforms.dedup.preference import (
    MAX_SECONDS,
    MAX_TOKENS,
    PREFERENCE_COLUMNS,
    license_tier,
    preference,
)

LINE = st.text("ab_é \r\t-+@1", max_size=12)
PATCH = st.lists(st.tuples(st.sampled_from("+- @\\"), LINE), max_size=8).map(
    lambda lines: "".join(f"{mark}{text}\n" for mark, text in lines)
)
FILES = st.lists(st.tuples(st.text("ab/", max_size=4), PATCH), max_size=4)


def change(path: str, patch: str) -> FileChange:
    return replace(FILE_CHANGE, path=path, patch=patch)


def pull_request(files: Iterable[tuple[str, str]], title: str = "Round") -> PullRequest:
    return replace(PULL_REQUEST, title=title, files=tuple(change(*file) for file in files))


def texts_of(*rows: PullRequest) -> list[str]:
    texts: list[str] = document_texts("pull_requests", to_batch(PullRequest, rows)).to_pylist()
    return texts


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def plain_text(row: PullRequest) -> str:
    """By Python strings, sharing no code with what is tested."""
    lines = []
    files = sorted(row.files, key=lambda file: file.path.encode())
    for file in files:
        for line in file.patch.split("\n"):
            if line.startswith("+"):
                lines.append(line)
            elif line.startswith("-"):
                lines.append(re.sub(r"\w+", r"_\g<0>", line))
    text = "\n".join(lines)
    paths = "\n".join(file.path for file in files)
    return text if len(words(text)) >= 5 else f"{row.title}\n{paths}\n{text}"


@given(st.lists(FILES, max_size=5), st.data())
def test_pull_requests_are_as_by_plain_strings(
    rows: list[list[tuple[str, str]]], data: st.DataObject
) -> None:
    requests = [pull_request(files, title=f"t{i}") for i, files in enumerate(rows)]
    batch = to_batch(PullRequest, requests)
    start = data.draw(st.integers(0, len(rows)))
    texts = document_texts("pull_requests", batch.slice(start))
    assert texts.to_pylist() == [plain_text(row) for row in requests[start:]]
    assert texts.null_count == 0


def test_the_order_of_files_does_not_matter() -> None:
    files = [("b.py", "+one two three\n"), ("a.py", "-four five six\n")]
    one, other = texts_of(pull_request(files), pull_request(files[::-1]))
    assert one == other == "-_four _five _six\n+one two three"


def test_title_paths_context_and_hunk_headers_do_not_count() -> None:
    patch = "@@ -1,4 +1,4 @@ def f(total):\n same\n-old = total + tax\n+new = total + tax\n"
    moved = patch.replace("1,4", "90,4").replace("same", "else")
    one, other = texts_of(
        pull_request([("a.py", patch)], "Round totals"),
        pull_request([("src/a.py", moved)], "[2.x] Round totals (backport #7)"),
    )
    assert one == other
    assert words(one) == ["_old", "_total", "_tax", "new", "total", "tax"]


@given(st.lists(st.text("ab1é", min_size=1, max_size=4), min_size=6, max_size=30))
def test_a_revert_shares_no_run_of_words_with_its_change(tokens: list[str]) -> None:
    patch = "@@ -0,0 +1 @@\n+" + " ".join(tokens) + "\n"
    added, removed = texts_of(
        pull_request([("a.py", patch)]), pull_request([("a.py", patch.replace("\n+", "\n-"))])
    )
    assert len(words(added)) == len(words(removed)) == len(tokens)
    assert not set(words(added)) & set(words(removed))


def test_tiny_changes_of_other_places_stay_apart() -> None:
    tiny = "@@ -1 +1 @@\n-a = 1\n+a = 2\n"
    rows = [
        pull_request([("a.py", tiny)], "Two"),
        pull_request([("b.py", tiny)], "Two"),
        pull_request([("b.py", tiny)], "One more"),
        pull_request([], "No file"),
        pull_request([("logo.png", "")], "Binary"),
    ]
    texts = texts_of(*rows)
    assert len(set(texts)) == len(rows)
    assert texts[0] == "Two\na.py\n-_a = _1\n+a = 2"


def test_source_files_are_not_copied() -> None:
    batch = to_batch(SourceFile, [SOURCE_FILE, replace(SOURCE_FILE, text="\0é")])
    texts = document_texts("source_files", batch)
    assert texts.to_pylist() == [SOURCE_FILE.text, "\0é"]
    assert texts.buffers()[2].address == batch.column("text").buffers()[2].address


def test_a_dialogue_is_what_was_said_and_done() -> None:
    calls = (
        ToolCall(call_id="1", name="search", arguments='{"pattern": "total"}'),
        ToolCall(call_id="2", name="read_file", arguments='{"path": "a.py"}'),
    )
    messages = (
        Message(role="system", content="You have tools."),
        Message(role="user", content="Round totals."),
        Message(role="assistant", content="Let me look.", tool_calls=calls),
        Message(role="tool", content="a.py: total", tool_call_id="1"),
        Message(role="assistant", content="Done."),
    )
    rows = [replace(DIALOGUE, messages=()), replace(DIALOGUE, messages=messages)]
    empty, text = document_texts("dialogues", to_batch(Dialogue, rows)).to_pylist()
    assert empty == ""
    lines = [line for line in text.split("\n") if line]
    assert lines == [
        "user", "Round totals.", "assistant", "Let me look.", "search", '{"pattern": "total"}',
        "read_file", '{"path": "a.py"}', "assistant", "Done.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "row"),
    [("dialogues", DIALOGUE), ("pull_requests", PULL_REQUEST), ("source_files", SOURCE_FILE)],
)
def test_the_columns_named_are_all_that_is_needed(table: str, row: object, tmp_path: Path) -> None:
    batch = to_batch(TABLES[table], [row, row])
    pq.write_table(pa.Table.from_batches([batch]), tmp_path / "rows.parquet")
    columns = [*COMPARED_COLUMNS[table], *PREFERENCE_COLUMNS[table]]
    (read,) = pq.ParquetFile(tmp_path / "rows.parquet").iter_batches(columns=columns)
    assert len(read.schema.names) < len(batch.schema.names)
    assert document_texts(table, read).equals(document_texts(table, batch))
    tokens = np.array([3, 3])
    assert (
        preference(table, read, tokens)[1].tolist() == preference(table, batch, tokens)[1].tolist()
    )


LICENSES = st.sampled_from(
    ["MIT", "internal", "GPL-3.0-only", "MIT OR GPL-2.0-only", "unknown", ""]
)
TIMES = st.integers(-(10**9), 2**33).map(
    lambda seconds: datetime.fromtimestamp(0, UTC) + timedelta(seconds=seconds)
)
TOKENS = st.one_of(st.integers(0, 3), st.integers(0, 2**40))


@given(st.lists(st.tuples(LICENSES, TOKENS, TIMES, st.none() | TIMES), min_size=1, max_size=12))
def test_preference_is_licence_then_tokens_then_newest(
    facts: list[tuple[str, int, datetime, datetime | None]],
) -> None:
    rows = [
        replace(PULL_REQUEST, pr_id=f"p{i}", license=name, created_at=created, merged_at=merged)
        for i, (name, _, created, merged) in enumerate(facts)
    ]
    tokens = np.array([count for _, count, _, _ in facts], np.int64)
    high, low = preference("pull_requests", to_batch(PullRequest, rows), tokens)
    assert high.dtype == low.dtype == np.uint64
    assert not (high >> np.uint64(62)).any()
    assert len(set(low.tolist())) == len(rows)

    def key(index: int) -> tuple[int, int, int]:
        name, count, created, merged = facts[index]
        seconds = int(((merged or created) - datetime.fromtimestamp(0, UTC)).total_seconds())
        return license_tier(name), -min(count, MAX_TOKENS), -min(max(seconds, 0), MAX_SECONDS)

    by_key = sorted(range(len(rows)), key=lambda i: (*key(i), int(low[i])))
    assert np.lexsort((low, high)).tolist() == by_key


def test_preference_follows_from_the_row_alone() -> None:
    rows = [replace(SOURCE_FILE, file_id=f"f{i}") for i in range(5)]
    tokens = np.arange(5)
    together = preference("source_files", to_batch(SourceFile, rows), tokens)
    alone = preference("source_files", to_batch(SourceFile, rows[3:4]), tokens[3:4])
    assert (alone[0][0], alone[1][0]) == (together[0][3], together[1][3])


@pytest.mark.parametrize(
    ("license_id", "tier"),
    [("MIT", 0), ("internal", 0), ("MIT OR GPL-2.0-only", 0), ("MIT AND GPL-2.0-only", 1),
     ("GPL-3.0-only", 1), ("unknown", 2), ("", 2)],
)  # fmt: skip
def test_licences_come_in_three_tiers(license_id: str, tier: int) -> None:
    assert license_tier(license_id) == tier


def test_a_dialogue_has_no_time() -> None:
    one, other = replace(DIALOGUE, dialogue_id="d1"), replace(DIALOGUE, dialogue_id="d2")
    high, low = preference("dialogues", to_batch(Dialogue, [one, other]), np.array([4, 4]))
    assert high[0] == high[1]
    assert low[0] != low[1]
