"""What dedup drops and what it promises: never a row without a similar row that is kept."""

import random
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rows import FILE_CHANGE, PULL_REQUEST, SOURCE_FILE

from schemas.arrow import to_batch
from schemas.errors import ConfigError
from schemas.reasons import Reason
from schemas.tables import PullRequest, SourceFile
from transforms.dedup import (
    DedupConfig,
    Documents,
    DropDuplicates,
    Loser,
    document_texts,
    find_losers,
    sketch,
)
from transforms.minhash import U64, permutations

CONFIG = DedupConfig()
# One row per band finds every pair at 0.7 but for chance 0.3 ** 80, so brute force must agree.
FINDS_ALL = DedupConfig(bands=80, rows=1)


def source_file(text: str, file_id: str = "f") -> SourceFile:
    return replace(SOURCE_FILE, file_id=file_id, text=text)


def pull_request(title: str, patch: str, path: str = "a.py") -> PullRequest:
    change = replace(FILE_CHANGE, path=path, patch=patch, base_content=None)
    return replace(PULL_REQUEST, pr_id=title, title=title, files=(change,))


def documents_of(table: pa.Table, num_perm: int) -> Documents:
    table = table.combine_chunks()
    signature = table.column("signature").combine_chunks().flatten().to_numpy()
    shingles = table.column("shingles")
    return Documents(
        ids=table.column("row_id").to_pylist(),
        num_tokens=table.column("num_tokens").to_numpy(),
        digests=table.column("digest").to_pylist(),
        signatures=signature.reshape(-1, num_perm),
        shingles=lambda index: shingles[index].values.to_numpy(),
    )


def losers_of(texts: dict[str, str], config: DedupConfig = CONFIG) -> dict[str, Loser]:
    batch = to_batch(SourceFile, [source_file(text, name) for name, text in texts.items()])
    permutation = permutations(config.num_perm, seed=1)
    documents = documents_of(sketch("source_files", batch, config, permutation), config.num_perm)
    return {documents.ids[loser.index]: loser for loser in find_losers(documents, config)}


def words(start: int, end: int) -> str:
    return " ".join(f"w{i}" for i in range(start, end))


def shingles_of(text: str) -> set[tuple[str, ...]]:
    """By Python strings, sharing no code with what is tested."""
    tokens = re.findall(r"\w+", text.lower())
    if len(tokens) < 5:
        return {tuple(tokens)} if tokens else {("text", text)}
    return {tuple(tokens[i : i + 5]) for i in range(len(tokens) - 4)}


def similarity(one: str, other: str) -> float:
    a, b = shingles_of(one), shingles_of(other)
    return len(a & b) / len(a | b)


def brute_force_losers(texts: dict[str, str]) -> set[str]:
    """The greedy rule over all pairs."""
    kept: list[str] = []
    order = sorted(texts, key=lambda i: (-len(re.findall(r"\w+", texts[i].lower())), i))
    for name in order:
        if all(similarity(texts[name], texts[other]) < CONFIG.threshold for other in kept):
            kept.append(name)
    return set(texts) - set(kept)


@st.composite
def corpora(draw: st.DrawFn) -> dict[str, str]:
    """Families of texts: copies of a root with some words changed, some of them very short."""
    rng = random.Random(draw(st.integers(0, 2**32)))
    texts: dict[str, str] = {}
    for family in range(draw(st.integers(1, 3))):
        root = [f"w{family}_{rng.randrange(30)}" for _ in range(rng.choice([2, 6, 40, 120]))]
        for copy in range(draw(st.integers(1, 6))):
            changed = [w if rng.random() > 0.04 else f"x{rng.randrange(9)}" for w in root]
            texts[f"{family}-{copy}"] = " ".join(changed[: len(changed) - rng.randrange(2)])
    return texts


@settings(max_examples=60, derandomize=True, deadline=None)
@given(corpora())
def test_losers_are_those_of_brute_force(texts: dict[str, str]) -> None:
    assert set(losers_of(texts, FINDS_ALL)) == brute_force_losers(texts)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(corpora())
def test_every_loser_names_a_kept_document_that_is_similar(texts: dict[str, str]) -> None:
    losers = losers_of(texts)
    for name, loser in losers.items():
        assert loser.duplicate_of not in losers
        true = similarity(texts[name], texts[loser.duplicate_of])
        assert true >= CONFIG.threshold
        if texts[name] == texts[loser.duplicate_of]:
            assert loser.reason is Reason.EXACT_DUPLICATE
        else:
            assert loser.reason is Reason.NEAR_DUPLICATE


@settings(max_examples=30, derandomize=True, deadline=None)
@given(corpora(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(texts: dict[str, str], rng: random.Random) -> None:
    names = list(texts)
    rng.shuffle(names)
    shuffled = losers_of({name: texts[name] for name in names})
    expected = losers_of(texts)
    assert {n: (x.duplicate_of, x.reason) for n, x in shuffled.items()} == {
        n: (x.duplicate_of, x.reason) for n, x in expected.items()
    }


def test_a_chain_is_not_collapsed() -> None:
    # Each link shares 85 % with the next, the ends share little: components would leave one.
    texts = {f"d{i}": words(i * 8, i * 8 + 100) for i in range(8)}
    losers = losers_of(texts)
    assert similarity(texts["d0"], texts["d1"]) > 0.8
    assert similarity(texts["d0"], texts["d3"]) < 0.7
    assert set(losers) == brute_force_losers(texts)
    assert len(texts) - len(losers) > 1


def test_a_copy_of_a_dropped_document_names_the_kept_one() -> None:
    long, near = words(0, 100), words(0, 95)
    losers = losers_of({"c": near, "a": near, "z": long})
    assert {name: loser.duplicate_of for name, loser in losers.items()} == {"a": "z", "c": "z"}
    assert {loser.reason for loser in losers.values()} == {Reason.NEAR_DUPLICATE}
    assert {loser.detail for loser in losers.values()} == {"similarity 0.9479"}


@pytest.mark.parametrize("names", ["abc", "bac", "cab"])
def test_of_equally_similar_documents_the_first_in_order_is_named(names: str) -> None:
    sets = {"a": range(10), "b": range(3, 13), "c": range(13)}
    documents = Documents(
        ids=list(names),
        num_tokens=np.array([5 if name == "c" else 9 for name in names]),
        digests=[name.encode() for name in names],
        signatures=np.ones((3, CONFIG.num_perm), np.uint32),
        shingles=lambda index: np.array(sets[names[index]], np.uint64),
    )
    (loser,) = find_losers(documents, CONFIG)
    assert (names[loser.index], loser.duplicate_of, loser.similarity) == ("c", "a", 10 / 13)


def test_different_short_documents_all_stay() -> None:
    texts = {"a": "import os", "b": "import sys", "c": "{}", "d": "[]", "e": "", "f": "x = 1"}
    assert losers_of(texts) == {}


def test_a_revert_is_not_a_duplicate_of_the_change() -> None:
    lines = [f"total = price * {i} + tax" for i in range(9)]
    added = "@@ -0,0 +1,9 @@\n" + "".join(f"+{line}\n" for line in lines)
    batch = to_batch(
        PullRequest,
        [
            pull_request("Add totals", added),
            pull_request("Add totals", added.replace("\n+", "\n-")),
        ],
    )
    change, revert = document_texts("pull_requests", batch).to_pylist()
    assert similarity(change, revert) < 0.1


def test_a_pull_request_is_its_title_paths_and_changed_lines() -> None:
    patch = "@@ -1,3 +1,3 @@ def f():\n same\n-old\n+new\n"
    batch = to_batch(PullRequest, [pull_request("Fix it", patch, path="src/a.py")])
    (text,) = document_texts("pull_requests", batch).to_pylist()
    assert re.findall(r"\w+", text) == ["Fix", "it", "src", "a", "py", "removed_old", "new"]


def test_drop_duplicates_splits_a_batch() -> None:
    rows = [source_file("a", "f0"), source_file("b", "f1"), source_file("c", "f2")]
    losers = [
        {"row_id": "f1", "duplicate_of": "f9", "reason": "near_duplicate", "detail": "similarity 1"}
    ]
    transform = DropDuplicates(CONFIG)
    transform.open()
    transform.use(pa.Table.from_pylist(losers))
    outcome = transform.apply("source_files", to_batch(SourceFile, rows))
    assert outcome.kept == [rows[0], rows[2]]
    (rejected,) = outcome.rejected
    assert (rejected.row_id, rejected.duplicate_of, rejected.reason, rejected.stage) == (
        "f1",
        "f9",
        "near_duplicate",
        "dedup",
    )
    transform.use(pa.Table.from_pylist(losers).slice(0, 0))
    assert transform.apply("source_files", to_batch(SourceFile, rows)).rejected == []


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"threshold": 0.5}, "dedup.bands=293"),
        ({"threshold": 0.0}, "dedup.threshold"),
        ({"min_tokens": 3}, "dedup.min_tokens"),
        ({"tables": ("identities",)}, "dedup.tables"),
        ({"rows": 0}, "at least 1"),
        ({"max_candidates": 0}, "at least 1"),
    ],
)
def test_a_configuration_that_cannot_keep_the_promise_is_refused(
    values: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=re.escape(message)):
        DedupConfig(**values)


def test_no_document_is_no_loser() -> None:
    empty = to_batch(SourceFile, [])
    table = sketch("source_files", empty, CONFIG, permutations(CONFIG.num_perm, 1))
    assert table.num_rows == 0
    assert np.asarray(table.column("num_tokens")).size == 0


def crowd(size: int, num_copies: int) -> dict[str, str]:
    """Texts that share a long head, no two of them similar; and near copies of some."""
    head = words(0, 130)
    tails = [" ".join(f"d{i}x{j}" for j in range(35)) for i in range(size)]
    copies = {
        f"copy{i}": f"{head} {tails[-i].rpartition(' ')[0]}" for i in range(1, num_copies + 1)
    }
    return {f"{i:03}": f"{head} {tail}" for i, tail in enumerate(tails)} | copies


@settings(max_examples=40, derandomize=True, deadline=None)
@given(corpora(), st.integers(1, 3))
def test_with_few_candidates_every_loser_still_names_a_similar_kept_document(
    texts: dict[str, str], max_candidates: int
) -> None:
    losers = losers_of(texts, replace(CONFIG, max_candidates=max_candidates))
    for name, loser in losers.items():
        assert loser.duplicate_of not in losers
        assert similarity(texts[name], texts[loser.duplicate_of]) >= CONFIG.threshold
    kept = [text for name, text in texts.items() if name not in losers]
    assert len(set(kept)) == len(kept)


def test_a_document_is_checked_against_the_most_alike_of_a_crowd() -> None:
    texts = crowd(size=300, num_copies=20)
    assert 0.6 < similarity(texts["000"], texts["001"]) < CONFIG.threshold
    batch = to_batch(SourceFile, [source_file(text, name) for name, text in texts.items()])
    permutation = permutations(CONFIG.num_perm, seed=1)
    documents = documents_of(sketch("source_files", batch, CONFIG, permutation), CONFIG.num_perm)
    fetched: list[int] = []

    def shingles(index: int) -> U64:
        fetched.append(index)
        return documents.shingles(index)

    losers = find_losers(replace(documents, shingles=shingles), CONFIG)
    assert {documents.ids[loser.index] for loser in losers} == {
        name for name in texts if name.startswith("copy")
    }
    assert len(fetched) <= 65 * len(texts)
