"""The stage: whole rows, patches that still apply, syntax that still parses, nothing left raw."""

import dataclasses
import logging
import pickle
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rows import FILE_CHANGE, PULL_REQUEST, SOURCE_FILE

from schemas.arrow import to_batch
from schemas.discussion import Identity, LinkedIssue, PullRequestEvent
from schemas.errors import ConfigError, StageError
from schemas.reasons import Reason
from schemas.tables import (
    Commit,
    FileChange,
    PullRequest,
    RepositoryIdentity,
    SourceFile,
)
from transforms.anonymize.changes import anonymize_change
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.rows import Anonymize
from transforms.anonymize.syntax import keeps_syntax
from transforms.anonymize.text import TextAnonymizer
from transforms.patch import Hunk, apply_hunks, count_changes, parse_hunks, render_hunks

KEY = b"k" * 32
WHEN = datetime(2024, 5, 1, tzinfo=UTC)
OTTO = Identity(name="Otto Katzenberg", email="otto@katzenberg.io")
PASSWORD = "Kelp!bight" + "7719"
SHA = "3f2a" * 10


@pytest.fixture(scope="module")
def anonymizer() -> TextAnonymizer:
    return TextAnonymizer(AnonymizeConfig(deny_list=("Hooli",)), KEY, [OTTO])


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Anonymize:
    key_file = tmp_path_factory.mktemp("key") / "anonymize.key"
    key_file.write_bytes(KEY)
    config = AnonymizeConfig(key_file=str(key_file), deny_list=("Hooli",))
    unopened = Anonymize(config, identities())
    transform: Anonymize = pickle.loads(pickle.dumps(unopened))
    transform.open()
    return transform


def identities() -> pa.Table:
    row = RepositoryIdentity(
        identity_id="i1", repo="acme/shop", source="git", license="MIT", num_commits=1,
        name=OTTO.name, email=OTTO.email,
    )  # fmt: skip
    return pa.Table.from_batches([to_batch(RepositoryIdentity, [row])])


def change(**values: Any) -> FileChange:
    base = "def pay():\n    return 1  # Otto Katzenberg\n"
    usual = replace(
        FILE_CHANGE,
        path="src/hooli/otto@katzenberg.io.py",
        old_path="src/hooli_old.py",
        patch="@@ -1,2 +1,2 @@ # Otto Katzenberg\n def pay():\n"
        "-    return 1  # Otto Katzenberg\n+    return 2  # otto@katzenberg.io\n",
        base_content=base,
    )
    return replace(usual, **values)


def pull_request(**values: Any) -> PullRequest:
    secret = change(
        path="test_login.py",
        old_path=None,
        base_content=None,
        patch=f'@@ -0,0 +1 @@\n+check_password("{PASSWORD}", stored)\n',
    )
    usual = replace(
        PULL_REQUEST,
        title="Hooli: fix what Otto Katzenberg found",
        body=f"The demo account has\n`{PASSWORD}`. Ask @ottokatzenberg or otto@katzenberg.io.",
        author=OTTO,
        base_commit=SHA,
        head_commit=SHA,
        merge_commit=SHA,
        created_at=WHEN,
        merged_at=WHEN,
        commits=(Commit(sha=SHA, message="By otto_katzenberg", author=OTTO, authored_at=WHEN),),
        files=(change(), secret),
        labels=("for otto@katzenberg.io",),
        linked_issues=(
            LinkedIssue(
                number=3, title="HOOLI_KEY", body="52.4.8.15 is down", repo="ottokatzenberg/hooli"
            ),
        ),
        events=(
            PullRequestEvent(
                kind="review_comment",
                author=OTTO,
                created_at=WHEN,
                text="OTTO KATZENBERG",
                path="hooli/x",
                diff_hunk=f'@@ -0,0 +1 @@\n+check_password("{PASSWORD}")  # Otto Katzenberg',
            ),
        ),
    )
    return replace(usual, **values)


def source_file(**values: Any) -> SourceFile:
    text = "# Otto Katzenberg\nx = 1\n"
    usual = replace(SOURCE_FILE, path="hooli/cart.py", package="hooli", text=text, num_lines=2)
    return replace(usual, **values)


def strings(value: Any) -> Iterator[str]:
    """Every string of a row, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from strings(item)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from strings(getattr(value, field.name))


def test_every_string_of_a_pull_request_is_anonymized(stage: Anonymize) -> None:
    outcome = stage.apply("pull_requests", to_batch(PullRequest, [pull_request()]))
    assert outcome.rejected == []
    (row,) = outcome.kept
    raw = ("katzenberg", "otto", "hooli", "52.4.8.15", PASSWORD.lower())
    assert [text for text in strings(row) if any(word in text.lower() for word in raw)] == []
    assert (row.pr_id, row.repo, row.base_commit, row.created_at) == ("p1", "acme/shop", SHA, WHEN)
    tag = row.author.email.removeprefix("user-").removesuffix("@example.com")
    assert row.author.name in row.title
    assert f"@user_{tag}" in row.body
    assert row.commits[0].message == f"By user_{tag}"
    assert row.events[0].text == row.author.name
    assert row.files[0].path.endswith(f"user-{tag}@example.com.py")


def test_a_patch_applies_to_its_anonymized_base(anonymizer: TextAnonymizer) -> None:
    fresh = anonymize_change(change(), anonymizer)
    assert fresh.base_content is not None
    head = apply_hunks(fresh.base_content, parse_hunks(fresh.patch))
    assert head == anonymizer.text("def pay():\n    return 2  # otto@katzenberg.io\n")
    assert "atzenberg" not in fresh.patch


KEY_BLOCK = ["-----BEGIN " + "PRIVATE KEY-----", "MIIEvQIBADANBgkqhkiG9w0"]
KEY_BLOCK += ["-----END " + "PRIVATE KEY-----"]
LINES = st.sampled_from(
    [
        "x = 1",
        "# Otto Katzenberg",
        "otto@katzenberg.io",
        "hooli",
        "",
        "a\r",
        "52.4.8.15",
        *KEY_BLOCK,
    ]
)
FILES = st.lists(LINES, max_size=8).map(lambda lines: "\n".join(lines))


def one_hunk(base: str, head: str) -> str:
    """The bluntest patch: all old lines out, all new lines in, around what both begin with."""
    old, new = base.splitlines(keepends=True), head.splitlines(keepends=True)
    num_same = 0
    while num_same < min(len(old), len(new)) and old[num_same] == new[num_same]:
        num_same += 1
    lines = [(" ", line) for line in old[:num_same]] + [("-", line) for line in old[num_same:]]
    lines += [("+", line) for line in new[num_same:]]
    hunk = Hunk(old_start=int(bool(old)), new_start=int(bool(new)), lines=tuple(lines))
    return render_hunks([hunk]) if lines else ""


@given(base=FILES, head=FILES)
@settings(deadline=None, max_examples=150)
def test_any_patch_still_applies_and_is_counted_anew(
    anonymizer: TextAnonymizer, base: str, head: str
) -> None:
    row = change(base_content=base, patch=one_hunk(base, head), language="text")
    fresh = anonymize_change(row, anonymizer)
    assert fresh.base_content == anonymizer.text(base)
    hunks = parse_hunks(fresh.patch)
    assert apply_hunks(fresh.base_content, hunks) == anonymizer.text(head)
    assert (fresh.num_added, fresh.num_deleted) == count_changes(hunks)


def test_a_patch_without_its_base_is_anonymized_line_by_line(anonymizer: TextAnonymizer) -> None:
    for base in (None, "something else\n"):
        fresh = anonymize_change(change(base_content=base), anonymizer)
        assert fresh.base_content == base
        assert "atzenberg" not in fresh.patch
        assert len(parse_hunks(fresh.patch)[0].lines) == 3
    odd = anonymize_change(change(patch="Otto Katzenberg\n", base_content=None), anonymizer)
    assert "Otto" not in odd.patch


def test_a_key_in_a_patch_without_its_base_goes(anonymizer: TextAnonymizer) -> None:
    added = "".join(f"+{line}\n" for line in KEY_BLOCK)
    fresh = anonymize_change(
        change(patch=f"@@ -5,0 +6,3 @@ # Otto\n{added}", base_content=None), anonymizer
    )
    assert KEY_BLOCK[1] not in fresh.patch
    assert fresh.patch.startswith(f"@@ -5,0 +6,3 @@ # Otto\n+{KEY_BLOCK[0]}\n+")


def test_files_added_deleted_and_renamed(anonymizer: TextAnonymizer) -> None:
    added = change(base_content=None, patch="@@ -0,0 +1 @@\n+# Otto Katzenberg\n", language="text")
    deleted = change(base_content="# Otto Katzenberg", patch=one_hunk("# Otto Katzenberg", ""))
    renamed = change(patch="", num_added=0, num_deleted=0)
    for row in (added, deleted, renamed):
        fresh = anonymize_change(row, anonymizer)
        assert (fresh.num_added, fresh.num_deleted) == count_changes(parse_hunks(row.patch))
        apply_hunks(fresh.base_content or "", parse_hunks(fresh.patch))
        assert not any("Otto" in text for text in strings(fresh))


def test_a_source_file_is_counted_anew(stage: Anonymize) -> None:
    (row,) = stage.apply("source_files", to_batch(SourceFile, [source_file()])).kept
    assert row.text.endswith("\nx = 1\n")
    assert "Otto" not in row.text
    assert row.num_bytes == len(row.text.encode())
    assert (row.num_lines, row.language) == (2, "python")
    assert row.path == f"{row.package}/cart.py"
    assert row.path != "hooli/cart.py"


def test_seeds_are_those_of_the_rows_own_repository(stage: Anonymize) -> None:
    text = "# Otto Katzenberg at Hooli\n"
    rows = [source_file(repo="acme/other", text=text), source_file(repo="hooli/other", text=text)]
    other, renamed = stage.apply("source_files", to_batch(SourceFile, rows)).kept
    assert "Otto Katzenberg" in other.text
    assert "Hooli" not in other.text
    assert renamed.repo.endswith("/other")
    assert renamed.repo != "hooli/other"


def test_identifier_like_pseudonyms_where_the_usual_ones_break_the_code(stage: Anonymize) -> None:
    # A matrix product that happens to be a committer's address.
    row = source_file(text="otto = katzenberg = x\ny = otto@katzenberg.io\n")
    (fresh,) = stage.apply("source_files", to_batch(SourceFile, [row])).kept
    assert "@example.com" in fresh.text
    assert keeps_syntax("python", row.text, fresh.text)


def test_code_that_no_pseudonym_fits_is_rejected_without_its_text(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(KEY)
    config = AnonymizeConfig(key_file=str(tmp_path / "key"), employee_id_pattern="y = 7")
    stage = Anonymize(config, identities())
    stage.open()
    outcome = stage.apply("source_files", to_batch(SourceFile, [source_file(text="y = 7\n")]))
    assert outcome.kept == []
    (rejected,) = outcome.rejected
    assert rejected.reason == Reason.ANONYMIZATION_BROKE_SYNTAX.value
    assert rejected.detail == "python"


def test_nothing_is_logged(stage: Anonymize, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        stage.apply("pull_requests", to_batch(PullRequest, [pull_request()]))
    assert caplog.records == []


def test_the_stage_says_what_is_missing(tmp_path: Path) -> None:
    batch = to_batch(SourceFile, [source_file()])
    closed = Anonymize(AnonymizeConfig(key_file=str(tmp_path / "absent")), identities())
    with pytest.raises(StageError, match="open"):
        closed.apply("source_files", batch)
    with pytest.raises(ConfigError, match="key_file"):
        closed.open()
    with pytest.raises(StageError, match="identities"):
        closed.apply("identities", batch)
